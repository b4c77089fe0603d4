"""Learning from labels: what is learned, by whom it is said to be good, and what is refused."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from annotator.messages import Reject
from annotator.models import Sheet
from annotator.operations import purging
from annotator.shapes import Polygon, Tag
from detectors import lessons, suggesting, teaching, working
from detectors.learning import boxes, describing, linear, tags, texts
from detectors.learning.tags import Told
from detectors.models import HeldOut, Learning, Run, Weights
from projects.errors import Conflict
from projects.models import Item, Project, User
from tests.cast import photo, text
from tests.clients import client_of
from tests.detectors.lessons import blotted, seen, still
from tests.detectors.proposing import proposed
from tests.detectors.scenes import overlap
from tests.operations.door import do, draw

CUPS = ["a cup of tea", "two cups of tea", "tea in a cup", "my cup and tea"]
BOWLS = ["a bowl of rice", "rice and a bowl", "two bowls of rice", "the bowl, rice"]


# The arithmetic -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 4])
def test_a_classifier_tells_what_scikit_learn_tells(classes):
    random = np.random.default_rng(0)
    vectors, numbers = random.normal(5, 3, (80, 7)), np.arange(80) % classes
    vectors[:, 0] += numbers
    weights = random.uniform(0.5, 2, 80)

    ours = linear.fitted(vectors, numbers, classes, weights, strength=0.5).probabilities(vectors)

    scale = StandardScaler().fit(vectors, sample_weight=weights)
    model = LogisticRegression(C=0.5, max_iter=linear.ROUNDS).fit(scale.transform(vectors), numbers, weights)
    np.testing.assert_allclose(ours, model.predict_proba(scale.transform(vectors)), atol=1e-5)


def test_tags_of_texts_are_those_of_scikit_learns_own_steps():
    counts = texts.counted(CUPS + BOWLS)
    idf = texts.rarity(counts)
    rows = texts.weighed(counts, idf)
    directions = texts.directions(rows)

    model = linear.fitted(rows @ directions.T, np.repeat([0, 1], 4), 2, **tags.OPTIONS)
    ours = linear.Linear(model.coefficients @ directions, model.intercepts, True).probabilities(rows)

    theirs = TfidfTransformer().fit_transform(counts)
    reduced = TruncatedSVD(directions.shape[0], random_state=0).fit_transform(theirs)
    fitted = LogisticRegression(C=30, max_iter=300).fit(reduced, np.repeat([0, 1], 4))
    np.testing.assert_allclose(ours, fitted.predict_proba(reduced), atol=1e-4)


def test_things_of_an_image_are_held_out_together_and_each_once():
    held = linear.folds([1, 1, 2, 3, 3, 4, 5, 6], np.zeros(8, int))

    assert sorted(np.concatenate(held).tolist()) == list(range(8))
    assert all(len({0, 1} & set(rows.tolist())) != 1 for rows in held)


def test_a_label_that_is_wrong_is_told_by_who_has_not_seen_it():
    contents = [f"{one} {n}" for n in range(5) for one in CUPS] + [f"{one} {n}" for n in range(5) for one in BOWLS]
    counts = texts.counted(contents)
    given = np.repeat(np.eye(2, dtype=bool), 20, axis=0)
    given[0] = [False, True]  # a cup that somebody called a bowl

    _, shares = tags.learned(
        texts.weighed(counts, texts.rarity(counts)), Told(given, np.zeros_like(given), np.zeros(40, bool))
    )

    assert shares[given].argmin() == 0
    assert shares[given][0] < 0.1


def test_items_that_are_finished_without_a_tag_say_that_there_need_not_be_one():
    given = np.array([[1, 0], [0, 1], [0, 0]], bool)
    told = Told(given, np.zeros_like(given), np.array([True, True, False]))

    assert told.exclusive
    assert not Told(given, told.refused, np.ones(3, bool)).exclusive


def test_three_tags_of_one_item_are_learned_from_though_nobody_else_can_judge():
    given = np.ones((1, 3), bool)

    _, shares = tags.learned(np.ones((1, 4)), Told(given, np.zeros_like(given), np.zeros(1, bool)))

    np.testing.assert_allclose(shares, 0.5)


@pytest.fixture(scope="module")
def three():
    return [seen(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def model(three):
    return boxes.learned(("blot",), three)


def test_three_boxes_find_the_others_and_noise_is_none(model):
    picture, places = blotted(9)

    found = model[0].find(picture, 0.5)

    assert len(found) == len(places)
    assert all(max(overlap(place, one) for one in found.places) > 0.6 for place in places)
    assert found.probabilities.shape == (len(found), 1)


def test_of_pictures_that_are_labelled_in_part_each_thing_is_found_once():
    labelled, there = [], [blotted(number, blots=1 + number % 2) for number in range(18)]
    for picture, places in there[:3]:
        labelled.append(boxes.Seen(still(picture), np.array(places[:1], float), np.zeros(1, int), np.empty((0, 4))))

    judge = boxes.learned(("blot",), labelled)[0]
    found = [judge.find(picture, 0.5).places for picture, _ in there]

    assert sum(map(len, found)) <= 30
    for (_, places), ours in zip(there, found, strict=True):
        assert all(max(overlap(place, one) for one in ours) > 0.5 for place in places)


def test_where_all_things_are_on_one_image_each_is_told_by_who_knows_the_others():
    _, shares, _ = boxes.learned(("blot",), [seen(7, blots=0, finished=True), seen(0, blots=3)])

    assert shares.min() > 0.5


def test_a_box_is_held_out_with_its_image(three, model):
    _, shares, found = model

    assert shares.shape == (6, 1)
    assert shares.min() > 0.5
    assert len(found) == 3


def test_what_was_rejected_is_found_no_more(three, model):
    picture, _ = blotted(20)
    before = model[0].find(picture, 0.5)
    refused = [three[0], boxes.Seen(still(picture), np.empty((0, 4)), np.empty(0, int), before.places)]

    after = boxes.learned(("blot",), refused)[0].find(picture, 0.5)

    assert after.scores.sum() < before.scores.sum()


def test_one_of_two_suggestions_of_a_thing_that_is_turned_down_does_not_say_that_nothing_is_there(three, model):
    doubled = [boxes.Seen(one.look, one.places, one.classes, one.places + 2) for one in three]
    picture, _ = blotted(20)

    after = boxes.learned(("blot",), doubled)[0].find(picture, 0.5)

    np.testing.assert_allclose(after.scores, model[0].find(picture, 0.5).scores)


def test_vectors_are_small_enough_to_be_searched():
    picture, places = blotted(0)

    assert describing.of_whole(picture).shape == (1836,)
    assert describing.of_parts(picture, places).shape == (2, 396)


# In a project ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def cups(alice: User, project: Project) -> list[Item]:
    """Twelve texts, of which the first three about cups and the first three about bowls are tagged so."""
    for name in ("cup", "bowl"):
        project.labels.create(name=name, color="#336699", shapes=["tag"])
    made = [text(project, alice, content) for content in (CUPS + BOWLS)]
    for item, name in zip([*made[:3], *made[4:7]], ["cup"] * 3 + ["bowl"] * 3, strict=True):
        tag(alice, item, name)
    return made


def tag(user: User, item: Item, name: str) -> None:
    draw(sheet_of(item), user, item.project.labels.get(name=name), Tag())


def sheet_of(item: Item) -> Sheet:
    return Sheet.objects.get_or_create(item=item, person=None)[0]


def pressed(user: User, project: Project) -> str:
    """The panel, once the button was pressed and a worker has done its part."""
    client = client_of(user)
    asked = client.post(f"/projects/{project.pk}/learn/", headers={"HX-Request": "true"}).content.decode()
    if "alert" in asked:
        return asked
    teaching.learn(project.pk)
    for run in Run.objects.filter(project=project, state="running"):
        working.work(run.pk)
    return panel_of(user, project)


def panel_of(user: User, project: Project) -> str:
    return client_of(user).get(f"/projects/{project.pk}/runs/", headers={"HX-Request": "true"}).content.decode()


def suggested(item: Item) -> list[str]:
    names = dict(item.project.labels.values_list("pk", "name"))
    return [names[one.label] for one in suggesting.open_on([item.pk])[item.pk]]


def test_tags_of_texts_are_learned_and_suggested_for_the_others(alice, project, cups):
    panel = pressed(alice, project)

    assert "From 3 “bowl”, 3 “cup” on 6 texts." in panel
    assert "right." in panel
    assert "Still few: 3 “bowl”, 3 “cup”. Label more of them." in panel
    assert [suggested(cups[3]), suggested(cups[7])] == [["cup"], ["bowl"]]
    assert suggested(cups[0]) == []  # it is said already
    assert Weights.objects.get().name == "Learned: tags of texts"


def test_each_labelled_thing_has_a_probability_by_who_has_not_seen_it(alice, project, cups):
    tag(alice, cups[3], "bowl")  # which is wrong

    pressed(alice, project)
    pressed(alice, project)

    held = {one.item_id: one.probabilities for one in HeldOut.objects.filter(weights__number=2)}
    assert HeldOut.objects.count() == len(held) == 7
    assert held[cups[3].pk]["bowl"] < 0.5 < held[cups[6].pk]["bowl"]
    assert [str(one) for one in Weights.objects.order_by("pk")][1] == "Learned: tags of texts 2"
    assert Weights.objects.values("digest").distinct().count() == 1  # of the same labels the same


def test_predictions_are_no_labels_and_rejected_ones_count_against(alice, project, cups):
    bowl = project.labels.get(name="bowl")
    proposed(alice, cups[3], bowl, Tag())
    (before,) = lessons.lessons_of(project)
    (one,) = suggesting.open_on([cups[3].pk])[cups[3].pk]
    sheet = sheet_of(cups[3])
    (one,) = suggesting.open_on([cups[3].pk])[cups[3].pk]

    do(sheet, alice, Reject(id=uuid4(), annotation=one.annotation, prediction=one.prediction))

    (after,) = lessons.lessons_of(project)
    assert (len(before.things), len(before.rejected)) == (6, 0)
    assert (len(after.things), len(after.rejected)) == (6, 1)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([], "Nothing is labelled yet"),
        (["cup", "bowl"], "There are 2 tags in all: label at least 3 things."),
        (["cup", "cup", "cup"], "All of them are “cup”: give some another label"),
    ],
)
def test_why_it_cannot_learn_is_told_at_the_button(alice, project, labels, said):
    for name in ("cup", "bowl"):
        project.labels.create(name=name, color="#336699", shapes=["tag"])
    for name in labels:
        tag(alice, text(project, alice, name), name)

    assert said in pressed(alice, project)
    assert not Weights.objects.exists()


def test_shapes_that_cannot_be_learned_are_told(alice, project, cups):
    outline = project.labels.create(name="outline", color="#336699", shapes=["polygon"])
    draw(sheet_of(photo(project, alice)), alice, outline, Polygon([(0, 0), (9, 0), (0, 9)]))

    assert "“outline” is not learned" in pressed(alice, project)


def test_two_who_press_at_once_learn_once(alice, project, cups):
    client = client_of(alice)
    client.post(f"/projects/{project.pk}/learn/")

    assert "It is learning already." in client.post(f"/projects/{project.pk}/learn/").content.decode()


def test_it_learns_by_itself_after_every_twenty_labels(alice, project, cups):
    client_of(alice).post(f"/projects/{project.pk}/learn/by-itself/", {"automatic": "on"})
    for n in range(19):
        tag(alice, text(project, alice, f"{n} cups"), "cup")
    lessons.tend()
    assert Learning.objects.get().until is None

    tag(alice, text(project, alice, "the last cup"), "cup")
    lessons.tend()

    assert Learning.objects.get().until
    teaching.learn(project.pk)
    lessons.tend()
    assert Learning.objects.get().until is None
    assert Weights.objects.count() == 1


def test_what_a_dead_worker_was_at_another_goes_on_with_and_who_comes_late_writes_nothing(alice, project, cups):
    lessons.ask(alice, project.pk)
    late = lessons.take(project.pk)
    assert lessons.take(project.pk) is None
    leases_are_over()

    other = lessons.take(project.pk)

    with pytest.raises(Conflict):
        teaching.taught(late, *lessons.lessons_of(project))
    late.end("Done.")
    assert not Weights.objects.exists()
    assert (late.go_on(), other.go_on()) == (False, True)


def test_a_learning_that_ends_its_workers_is_given_up_and_can_be_begun_anew(alice, project, cups):
    lessons.ask(alice, project.pk)
    for _ in range(lessons.ENDS):
        assert lessons.take(project.pk)
        lessons.tend()
        assert Learning.objects.get().until
        leases_are_over()

    lessons.tend()

    assert "again and again" in panel_of(alice, project)
    assert "3 “cup”" in pressed(alice, project)


def test_who_goes_on_after_a_worker_died_keeps_what_that_has_learned_already(alice, project, cups):
    lessons.ask(alice, project.pk)
    teaching.taught(lessons.take(project.pk), *lessons.lessons_of(project))
    leases_are_over()

    teaching.learn(project.pk)

    assert Weights.objects.count() == 1
    assert sorted(Run.objects.values_list("state", flat=True)) == ["cancelled", "running"]
    assert Learning.objects.get().until is None


def test_what_is_erased_while_it_learns_is_held_out_no_more(alice, project, cups):
    lessons.ask(alice, project.pk)
    (lesson,) = lessons.lessons_of(project)
    gone = cups[1].pk
    project.items.filter(pk=gone).update(trashed_at=timezone.now())
    purging.purge_item(alice, gone)

    teaching.taught(lessons.take(project.pk), lesson)

    assert HeldOut.objects.count() == 5


def test_in_a_blind_project_nobody_learns_what_one_has_labelled(alice, project, cups):
    project.blind = True
    project.save()

    assert "In a blind project everyone works alone" in pressed(alice, project)


@pytest.mark.parametrize(("most", "total", "kept"), [(5, 99, [2, 3, 1]), (2, 99, [3, 1]), (5, 6, [3, 1]), (5, 1, [1])])
def test_of_much_that_is_labelled_the_last_is_looked_at(most, total, kept):
    now = timezone.now()
    by_item = {
        item: [lessons.Thing(uuid4(), item, "Cup", {}, False, now - timedelta(hours=hours)) for hours in ago]
        for item, ago in {1: [9, 0], 2: [5], 3: [1, 7]}.items()
    }

    assert teaching.latest(by_item, most, {1: 3, 2: 3, 3: 3}, total) == kept


def leases_are_over() -> None:
    Learning.objects.update(until=timezone.now() - timedelta(seconds=1))


def test_who_may_no_longer_has_it_learn_no_longer_by_itself(alice, bob, project, cups):
    client_of(alice).post(f"/projects/{project.pk}/learn/by-itself/", {"automatic": "on"})
    Learning.objects.update(asked_by=bob, fresh=lessons.OFTEN)

    lessons.tend()

    learning = Learning.objects.get()
    assert (learning.automatic, learning.until) == (False, None)
    assert learning.detail.startswith(f"{bob} may not have this project learn any more.")


def test_who_only_labels_sees_what_was_learned_and_has_no_button(alice, bob, project, cups):
    pressed(alice, project)

    seen_by_bob = panel_of(bob, project)

    assert "3 “cup”" in seen_by_bob
    assert "Learn from my labels" not in seen_by_bob
