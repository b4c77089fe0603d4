"""Evaluations: what a model says, held against what people say, stored, and followed as people change it."""

from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pyarrow as pa
import pytest
from django.test import Client

from annotator.models import Sheet
from annotator.shapes import Rectangle, Tag
from annotator.versions import make_version
from detectors.confusion import asking
from detectors.models import Evaluation, Run
from projects.models import Item, Project, User
from tests.cast import photo
from tests.clients import client_of
from tests.confusion.cups import cups_and_bowls, evaluated, label, learned, tagged
from tests.detectors.proposing import proposed
from tests.operations.door import draw


def points(client: Client, evaluation: Evaluation, **asked: int) -> dict[str, Any]:
    answer = client.get(f"/api/evaluations/{evaluation.pk}/points/", asked)
    assert answer.status_code == 200, answer.content
    return pa.ipc.open_stream(answer.content).read_all().to_pydict()


def now(client: Client, evaluation: Evaluation, by: str = "confident") -> dict[str, Any]:
    answer = client.get(f"/api/evaluations/{evaluation.pk}/now/", {"by": by})
    assert answer.status_code == 200, answer.content
    return answer.json()


def relabelled(client: Client, project: Project, items: list[int], things: list[str], to: int) -> dict[str, Any]:
    asked = {"type": "relabel", "id": str(uuid4()), "items": items, "annotations": things, "label": to}
    return client.post(f"/api/projects/{project.pk}/bulk/", asked, "application/json").json()


@pytest.fixture
def cups(project: Project, alice: User) -> list[Item]:
    return cups_and_bowls(project, alice, wrong=[0])


def test_what_was_learned_is_held_against_the_labels_at_once(alice, project, cups):
    evaluation = learned(project, alice)
    found = points(client_of(alice), evaluation)

    assert (evaluation.state, evaluation.name) == ("done", "Tags of texts, model 1")
    assert found["items"] == [item.pk for item in cups]
    assert found["truth"] == [1] + [0] * 19 + [1] * 20
    assert found["predicted"][0] == 0  # a cup, whatever it was called
    assert np.isfinite(found["x"]).all()
    assert len(set(zip(found["x"], found["y"], strict=True))) >= 10


def test_a_wrong_label_is_the_likeliest_mistake_and_is_told_why(alice, project, cups):
    told = now(client_of(alice), learned(project, alice))

    first = told["mistakes"][0]
    assert (first["item"], first["truth"], first["guess"]) == (cups[0].pk, 1, 0)
    assert first["why"].startswith("“cup” is ")
    assert first["after"] == "a cup of tea 0"
    assert told["points"] == 40
    assert told["agree"] == 40 * told["accuracy"]


def test_who_relabels_what_is_selected_changes_the_points_and_takes_it_back_with_one_undo(alice, bob, project, cups):
    evaluation = learned(project, alice)
    client, before = client_of(bob), now(client_of(bob), evaluation)
    wrong = before["mistakes"][0]
    cup = project.labels.get(name="cup").pk

    done = relabelled(client, project, [wrong["item"]], [str(UUID(wrong["id"]))], cup)
    after = now(client, evaluation)

    assert done["done"] == [cups[0].pk]
    assert after["changed"] == [cups[0].pk]
    assert after["fresh"] == [[wrong["id"], cups[0].pk, 0, 0, wrong["score"], 0]]
    assert after["agree"] == before["agree"] + 1
    assert wrong["id"] not in [one["id"] for one in after["mistakes"]]

    undo = {"type": "undo", "id": str(uuid4()), "items": done["done"], "action": done["action"]}
    client.post(f"/api/projects/{project.pk}/bulk/", undo, "application/json")

    assert now(client, evaluation)["agree"] == before["agree"]
    assert now(client, evaluation)["mistakes"][0]["id"] == wrong["id"]


def test_what_is_deleted_or_in_the_trash_has_no_point_and_what_is_new_waits_for_the_next_lesson(alice, project, cups):
    evaluation, client = learned(project, alice), client_of(alice)
    trash = {"type": "trash", "id": str(uuid4()), "items": [cups[3].pk]}
    client.post(f"/api/projects/{project.pk}/bulk/", trash, "application/json")
    tagged(cups[4], alice, label(project, "new", "tag"))

    told = now(client, evaluation)

    assert told["points"] == 39
    assert told["changed"] == [cups[3].pk, cups[4].pk]
    assert [one[1] for one in told["fresh"]] == [cups[4].pk]


def test_what_is_kept_is_listed_no_more_until_it_is_labelled_otherwise(alice, bob, project, cups):
    evaluation = learned(project, alice)
    wrong = now(client_of(bob), evaluation)["mistakes"][0]
    bowl = project.labels.get(name="bowl").pk

    kept = {"thing": str(UUID(wrong["id"])), "verdict": "kept", "label": bowl}
    assert client_of(bob).post(f"/api/projects/{project.pk}/verdicts/", kept, "application/json").status_code == 204
    assert wrong["id"] not in [one["id"] for one in now(client_of(alice), evaluation)["mistakes"]]

    client_of(bob).post(f"/api/projects/{project.pk}/verdicts/", kept | {"verdict": "taken_back"}, "application/json")
    assert now(client_of(alice), evaluation)["mistakes"][0]["id"] == wrong["id"]


def test_what_one_dismisses_others_still_see(alice, vera, project, cups):
    evaluation = learned(project, alice)
    wrong = now(client_of(vera), evaluation)["mistakes"][0]

    said = {"thing": str(UUID(wrong["id"])), "verdict": "dismissed"}
    assert client_of(vera).post(f"/api/projects/{project.pk}/verdicts/", said, "application/json").status_code == 204

    assert wrong["id"] not in [one["id"] for one in now(client_of(vera), evaluation)["mistakes"]]
    assert now(client_of(alice), evaluation)["mistakes"][0]["id"] == wrong["id"]


@pytest.fixture
def boxed(project: Project, alice: User) -> tuple[Run, list[Item]]:
    """Two images: on the first the model finds a box badly, calls another otherwise, and sees one that is not there;
    on the second it sees nothing."""
    cup, bowl = label(project, "cup", "rectangle"), label(project, "bowl", "rectangle")
    first, second, third = (photo(project, alice) for _ in range(3))
    for item, one, shape in (
        (first, cup, Rectangle(0, 0, 100, 100)),
        (first, cup, Rectangle(200, 0, 100, 100)),
        (second, bowl, Rectangle(0, 0, 50, 50)),
    ):
        draw(Sheet.objects.get_or_create(item=item, person=None)[0], alice, one, shape)
    run = proposed(alice, first, cup, Rectangle(0, 0, 100, 60), Rectangle(500, 300, 50, 50))
    others = proposed(alice, first, bowl, Rectangle(200, 0, 100, 95))
    third_one = proposed(alice, third, bowl, Rectangle(5, 5, 5, 5))
    for other in (others, third_one):
        other.predictions.update(run=run)
    second_one = proposed(alice, second, bowl, Rectangle(400, 400, 50, 50), score=0.2)
    second_one.predictions.update(run=run)
    return run, [first, second, third]


def asked(user: User, project: Project, **how: object) -> Evaluation:
    answer = client_of(user).post(f"/api/projects/{project.pk}/evaluations/", how, "application/json")
    assert answer.status_code == 201, answer.content
    return Evaluation.objects.get(pk=answer.json()["id"])


def test_a_run_is_held_against_boxes_thing_by_thing(alice, boxed, project, monkeypatch):
    monkeypatch.setattr("detectors.embeddings.image", lambda item: picture())
    run, (first, second, _) = boxed

    evaluation = evaluated(asked(alice, project, run=run.pk))
    found = points(client_of(alice), evaluation)

    pairs = sorted(zip(found["items"], found["truth"], found["predicted"], strict=True))
    assert pairs == sorted([(first.pk, 0, 0), (first.pk, 0, 1), (first.pk, 2, 0), (second.pk, 1, 2), (second.pk, 2, 1)])
    told = now(client_of(alice), evaluation)["orders"]
    assert (told["missing"], told["spurious"], told["misplaced"]) == (2, 1, 1)
    (poor,) = now(client_of(alice), evaluation, "misplaced")["mistakes"]
    assert "cover only 60 %" in poor["why"]
    assert (poor["place"], poor["size"]) == ([0, 0, 100, 100], [800, 600])


def test_what_is_drawn_anew_is_matched_anew(alice, boxed, project, monkeypatch):
    monkeypatch.setattr("detectors.embeddings.image", lambda item: picture())
    run, (first, *_) = boxed
    evaluation = evaluated(asked(alice, project, run=run.pk))
    cup = project.labels.get(name="cup")

    draw(Sheet.objects.get(item=first), alice, cup, Rectangle(500, 300, 50, 50))

    told = now(client_of(alice), evaluation)
    assert told["changed"] == [first.pk]
    assert sorted((one[2], one[3]) for one in told["fresh"]) == [(0, 0), (0, 0), (0, 1)]
    assert [one[5] for one in told["fresh"]].count(-1) == 1


def test_at_a_version_it_stays_as_it_was(alice, boxed, project, monkeypatch):
    monkeypatch.setattr("detectors.embeddings.image", lambda item: picture())
    run, (first, *_) = boxed
    version = make_version(project, alice)
    draw(Sheet.objects.get(item=first), alice, project.labels.get(name="cup"), Rectangle(500, 300, 50, 50))

    evaluation = evaluated(asked(alice, project, run=run.pk, version=version.pk, name="Before"))
    draw(Sheet.objects.get(item=first), alice, project.labels.get(name="cup"), Rectangle(600, 300, 50, 50))

    told = now(client_of(alice), evaluation)
    assert (told["points"], told["changed"]) == (5, [])


def test_a_stranger_sees_none_and_only_managers_make_and_delete_them(alice, bob, mallory, project, cups):
    evaluation = learned(project, alice)
    address = f"/api/evaluations/{evaluation.pk}/"

    assert client_of(mallory).get(address).status_code == 404
    assert client_of(mallory).get(f"{address}points/").status_code == 404
    assert client_of(bob).delete(address).status_code == 403
    assert client_of(bob).post(address).status_code == 403
    assert client_of(alice).delete(address).status_code == 204
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"run": 0}, 404),
        ({"run": None, "least": 0}, 400),
        ({"run": None, "least": 1.5}, 400),
        ({"run": None, "version": 10**6}, 400),
        ({"run": None, "subject": "spans"}, 400),
    ],
)
def test_what_cannot_be_evaluated_is_refused(alice, boxed, project, how, why):
    run, _ = boxed
    how = how | {"run": run.pk} if how["run"] is None else how

    answer = client_of(alice).post(f"/api/projects/{project.pk}/evaluations/", how, "application/json")

    assert answer.status_code == why


def test_one_that_is_under_way_says_so_and_one_that_failed_says_why(alice, boxed, project):
    run, _ = boxed
    evaluation = asked(alice, project, run=run.pk)

    assert "It is being evaluated" in client_of(alice).get(f"/api/evaluations/{evaluation.pk}/now/").json()["detail"]


def picture() -> bytes:
    from tests.images import encoded
    from tests.images import picture as drawn

    return encoded(drawn(800, 600), "PNG")


def test_tags_of_one_label_and_things_that_are_all_alike_lie_in_one_place(alice, project):
    cup = label(project, "cup", "tag")
    items = [project.items.create(kind="text", name="text", text="tea", created_by=alice) for _ in range(4)]
    for item in items:
        tagged(item, alice, cup)
    run = proposed(alice, items[0], cup, Tag())

    evaluation = evaluated(asked(alice, project, run=run.pk))

    assert evaluation.state == "done"
    assert points(client_of(alice), evaluation)["x"] == [0]


def test_what_the_map_cannot_show_is_said(alice, boxed, project, monkeypatch):
    monkeypatch.setattr("detectors.embeddings.image", lambda item: picture())
    run, _ = boxed
    run.state = "running"
    run.save()

    evaluation = evaluated(asked(alice, project, run=run.pk))

    assert evaluation.facts["notes"] == [
        "The run has not looked at all items yet: of the others nothing is told.",
        "The model tells no probabilities of labels: what goes by them is not listed.",
    ]
    run.state = "done"
    run.save()
    asking.after_run(run.pk)
    evaluation.refresh_from_db()
    assert evaluation.until
    assert len(evaluated(evaluation).facts["notes"]) == 1
