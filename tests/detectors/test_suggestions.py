"""What models suggest is accepted and rejected through the one door, and taken back like all else."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from annotator import operations
from annotator.messages import Applied, Apply, Batch, Create, Delete, Refused, Reject, Restore, RestoreTo
from annotator.models import Annotation, Operation, Sheet
from annotator.operations import Request
from annotator.proposals import Suggestion, Wanted
from annotator.shapes import Rectangle, Span, Tag
from detectors import suggesting
from detectors.models import Run
from projects.models import Item, Label, Project, User
from tests.cast import photo
from tests.detectors.proposing import proposed
from tests.operations.door import ask, code, do, draw, redo, standing, undo

FACE = Rectangle(10, 20, 100, 120)
FAR = Rectangle(500, 300, 50, 60)


@pytest.fixture
def item(project: Project, alice: User) -> Item:
    return photo(project, alice)


@pytest.fixture
def sheet(item: Item) -> Sheet:
    return Sheet.objects.create(item=item)


@pytest.fixture
def label(project: Project) -> Label:
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle", "tag"])


def suggested(sheet: Sheet) -> list[Suggestion]:
    return suggesting.on([sheet.item_id], sheet.person_id)[sheet.item_id]


def states(sheet: Sheet) -> list[str]:
    return [one.state for one in suggested(sheet)]


def accepting(one: Suggestion) -> Create:
    return Create(uuid4(), the(one.annotation), one.label, one.shape, prediction=one.prediction)


def rejecting(one: Suggestion) -> Reject:
    return Reject(uuid4(), the(one.annotation), one.prediction)


def the(annotation: UUID | None) -> UUID:
    assert annotation
    return annotation


# Accepting and rejecting ----------------------------------------------------------------------------------------------


def test_what_is_accepted_is_an_annotation_of_who_accepts_it_and_keeps_its_prediction(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE, FAR)
    first, _ = suggested(sheet)

    assert isinstance(do(sheet, bob, accepting(first)), Applied)

    (record,) = standing(sheet).values()
    assert (record.shape, record.created_by, record.prediction) == (FACE, bob.pk, first.prediction)
    assert states(sheet) == ["accepted", "open"]


def test_what_is_rejected_is_no_annotation_and_is_kept_with_who_rejected_it(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)

    assert isinstance(do(sheet, bob, rejecting(only)), Applied)

    assert not standing(sheet)
    kept = Annotation.objects.get(rejected=True)
    assert (kept.prediction, kept.created_by, kept.deleted) == (only.prediction, bob, True)
    assert states(sheet) == ["rejected"]


def test_many_are_accepted_and_rejected_in_one_action_that_one_undo_takes_back(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE, FAR)
    first, second = suggested(sheet)
    do(sheet, bob, accepting(first), rejecting(second))
    assert states(sheet) == ["accepted", "rejected"]

    undo(sheet, bob)
    assert states(sheet) == ["open", "open"]

    redo(sheet, bob)
    assert states(sheet) == ["accepted", "rejected"]


def test_two_who_accept_the_same_make_one_annotation(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)

    do(sheet, bob, accepting(only))
    second = do(sheet, alice, accepting(only))

    assert code(second) == "decided"
    assert len(standing(sheet)) == 1


def test_who_accepts_what_another_has_rejected_while_they_were_offline_is_told_and_changes_nothing(
    alice, bob, item, sheet, label
):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    do(sheet, alice, rejecting(only))

    assert code(do(sheet, bob, accepting(only), queued=True)) == "decided"
    assert states(sheet) == ["rejected"]
    assert isinstance(do(sheet, bob, accepting(only)), Applied)  # who has seen it may


def test_what_was_taken_back_can_be_accepted_again_and_rejected_again(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    for decide, state in ((accepting, "accepted"), (rejecting, "rejected")) * 2:
        do(sheet, bob, decide(only))
        assert states(sheet) == [state]
        undo(sheet, bob)
        assert states(sheet) == ["open"]


def test_one_changes_their_mind_and_undo_leads_back_step_by_step(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    do(sheet, bob, rejecting(only))
    do(sheet, bob, Restore(uuid4(), the(only.annotation)))
    do(sheet, bob, rejecting(only))
    do(sheet, bob, Delete(uuid4(), the(only.annotation)))

    seen = [states(sheet)[0]]
    for _ in range(4):
        undo(sheet, bob)
        seen.append(states(sheet)[0])

    assert seen == ["open", "rejected", "accepted", "rejected", "open"]


def test_undo_leaves_alone_what_another_has_decided_since(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    do(sheet, bob, accepting(only))
    do(sheet, alice, rejecting(only))

    outcome = undo(sheet, bob)

    assert [skipped.actor for skipped in outcome.skipped] == [alice.pk]
    assert states(sheet) == ["rejected"]


def test_an_accepted_one_that_is_deleted_is_suggested_again(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    do(sheet, bob, accepting(only))

    do(sheet, bob, Delete(uuid4(), the(only.annotation)))

    assert states(sheet) == ["open"]


def test_a_sheet_restored_to_a_moment_has_the_decisions_of_that_moment(alice, item, sheet, label):
    proposed(alice, item, label, FACE, FAR)
    first, second = suggested(sheet)
    do(sheet, alice, rejecting(first))
    then = Sheet.objects.get(pk=sheet.pk).clock
    do(sheet, alice, Restore(uuid4(), the(first.annotation)), accepting(second))

    ask(sheet, alice, RestoreTo(id=uuid4(), sheet=sheet.pk, clock=then))

    assert states(sheet) == ["rejected", "open"]


def test_the_same_decision_sent_twice_is_answered_and_done_once(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    batch = Batch(id=uuid4(), action=uuid4(), operations=[rejecting(only)])
    asked = [Request(bob.pk, Apply(sheet=sheet.pk, batch=batch))]

    operations.perform(sheet.pk, asked)
    operations.perform(sheet.pk, asked)

    assert Operation.objects.filter(kind="reject").count() == 1


# Refusals -------------------------------------------------------------------------------------------------------------


def test_nobody_decides_what_is_not_of_the_item_is_gone_or_stands_for_another(alice, bob, project, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    other = Sheet.objects.create(item=photo(project, alice))
    asked = [
        (other, accepting(only)),
        (other, rejecting(only)),
        (sheet, Create(uuid4(), uuid4(), label.pk, FACE, prediction=only.prediction)),
        (sheet, Reject(uuid4(), the(only.annotation), uuid4())),
    ]

    outcomes = [do(sheet, bob, operation) for sheet, operation in asked]

    assert [(code(one), list(one.fields)) for one in outcomes if isinstance(one, Refused)] == [
        ("invalid", ["prediction"]),
        ("invalid", ["prediction"]),
        ("invalid", ["annotation"]),
        ("invalid", ["prediction"]),
    ]
    assert not Annotation.objects.exists()


def test_an_annotation_that_a_person_drew_cannot_be_rejected(alice, bob, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)
    drawn = draw(sheet, bob, label)

    outcome = do(sheet, bob, Reject(uuid4(), drawn, only.prediction))

    assert code(outcome) == "invalid"
    assert len(standing(sheet)) == 1


def test_a_viewer_decides_nothing(alice, vera, item, sheet, label):
    proposed(alice, item, label, FACE)
    (only,) = suggested(sheet)

    assert code(do(sheet, vera, accepting(only))) == "permission_denied"
    assert code(do(sheet, vera, rejecting(only))) == "permission_denied"


# What is suggested ----------------------------------------------------------------------------------------------------


def test_what_an_annotation_of_the_label_says_already_is_not_open(alice, bob, project, item, sheet, label):
    other = project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    proposed(alice, item, label, FACE, FAR, Tag())
    draw(sheet, bob, label, Rectangle(12, 22, 100, 120))
    draw(sheet, bob, other, FAR)
    draw(sheet, bob, label, Tag())

    (found,) = suggesting.open_on([item.pk]).values()

    assert [one.shape for one in found] == [FAR]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (FACE, FACE, 1),
        (FACE, FAR, 0),
        (Rectangle(0, 0, 10, 10), Rectangle(5, 0, 10, 10), 1 / 3),
        (Span(0, 4, "kett"), Span(2, 4, "tt"), 0.5),
        (Span(0, 4, "kett"), Span(4, 6, "le"), 0),
        (Tag(), Tag(), 1),
        (Tag(), FACE, 0),
    ],
)
def test_shapes_overlap_by_the_share_that_both_cover(one, other, share):
    boxes = [suggesting.boxes([one]), suggesting.boxes([other])]

    for pair in (boxes, boxes[::-1]):
        assert suggesting.shares(*pair).tolist() == [[pytest.approx(share)]]


def test_nothing_is_suggested_by_a_run_that_is_not_shown_or_of_a_removed_label(alice, project, item, label):
    cup = project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])
    hidden = proposed(alice, item, label, FACE)
    proposed(alice, item, cup, FAR)
    assert len(suggesting.on([item.pk])[item.pk]) == 2

    Run.objects.filter(pk=hidden.pk).update(shown=False)
    assert [one.label for one in suggesting.on([item.pk])[item.pk]] == [cup.pk]

    Label.objects.filter(pk=cup.pk).update(removed_at=item.created_at)
    assert not suggesting.on([item.pk])[item.pk]


def test_one_asks_for_those_of_a_label_a_run_or_at_least_so_sure(alice, item, label):
    run = proposed(alice, item, label, FACE, FAR)
    proposed(alice, item, label, Tag(), score=0.3)

    def scores(**wanted: object) -> list[float]:
        found = suggesting.open_on([item.pk], wanted=Wanted(**wanted))[item.pk]
        return [round(one.score, 2) for one in found]

    assert scores() == [0.9, 0.8, 0.3]
    assert scores(above=0.8) == [0.9, 0.8]
    assert scores(run=run.pk) == [0.9, 0.8]
    assert scores(label=label.pk + 1) == []


def test_of_more_than_can_be_told_the_open_ones_come_first(alice, item, sheet, label, monkeypatch):
    proposed(alice, item, label, FACE, FAR)
    do(sheet, alice, accepting(suggested(sheet)[0]))
    monkeypatch.setattr(suggesting, "SUGGESTED", suggesting.SUGGESTED.replace(f"LIMIT {suggesting.MOST}", "LIMIT 1"))

    assert states(sheet) == ["open"]


def test_the_api_tells_members_what_is_suggested_on_their_sheet(alice, vera, mallory, item, sheet, label):
    proposed(alice, item, label, FACE)
    client = Client()
    client.force_login(vera)

    answer = client.get(f"/api/items/{item.pk}/suggestions/").json()

    (only,) = suggested(sheet)
    assert answer["sheet"] == sheet.pk
    assert answer["suggestions"] == [
        {
            "prediction": str(only.prediction),
            "annotation": str(only.annotation),
            "label": label.pk,
            "shape": {"type": "rectangle", "x": 10, "y": 20, "width": 100, "height": 120},
            "score": 0.9,
            "run": only.run,
            "state": "open",
        }
    ]
    client.force_login(mallory)
    assert client.get(f"/api/items/{item.pk}/suggestions/").status_code == 404
