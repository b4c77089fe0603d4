"""What to label next: items are handed out in the order in which labelling helps most."""

import numpy as np
import pytest

from annotator.leases import hand_out
from annotator.models import Priority, Sheet
from annotator.shapes import Tag
from detectors import alike, lessons, queueing, teaching
from detectors.models import Queue
from projects.errors import Invalid
from tests.cast import text
from tests.clients import client_of
from tests.confusion.cups import BOWLS, CUPS, label, tagged
from tests.detectors.proposing import proposed

pytestmark = pytest.mark.django_db


@pytest.fixture
def texts(project, alice):
    """Six of cups and six of bowls are tagged; then there wait one of each, one of both, and one of neither."""
    cup, bowl = label(project, "cup", "tag"), label(project, "bowl", "tag")
    for n in range(3):
        for words, tag in ((CUPS, cup), (BOWLS, bowl)):
            for one in words[:2]:
                tagged(text(project, alice, f"{one} {n}"), alice, tag)
    words = ["a cup of tea, a cup", "a bowl of rice, a bowl", "a cup of rice", "zebras gallop"]
    return [text(project, alice, one) for one in words]


def ordered(user, project, order):
    """The items' order, once a worker has found it."""
    answer = client_of(user).post(f"/projects/{project.pk}/order/", {"order": order})
    assert answer.status_code == 200
    queueing.put_in_order(project.pk)
    there = Priority.objects.filter(project=project, item__sheets__annotations=None).order_by("-value", "item")
    return list(there.values_list("item", flat=True)), answer.content.decode()


def test_the_least_sure_come_first_and_next_item_follows(alice, project, texts):
    lessons.ask(alice, project.pk)
    teaching.learn(project.pk)

    found, panel = ordered(alice, project, "uncertainty")

    assert set(found[:2]) == {texts[2].pk, texts[3].pk}
    assert '<option value="uncertainty" selected>' in panel
    for one in texts:
        Sheet.objects.get_or_create(item=one, person=None)
    Sheet.objects.exclude(item__in=texts).update(status="done")
    assert hand_out(alice, project).pk == found[0]
    assert hand_out(alice, project, left=project.items.get(pk=found[0])).pk == found[1]


def test_what_looks_least_like_the_labelled_comes_first(alice, project, texts):
    alike.embed(project.pk)

    found, _ = ordered(alice, project, "distance")

    assert found[0] == texts[3].pk


def test_where_two_models_disagree_most_comes_first_and_one_alone_is_not_enough(alice, project, texts):
    cup, bowl = project.labels.get(name="cup"), project.labels.get(name="bowl")
    proposed(alice, texts[0], cup, Tag())
    ordered(alice, project, "disagreement")
    assert "Only one model" in Queue.objects.get().detail
    assert not Priority.objects.exists()

    other = proposed(alice, texts[0], cup, Tag())
    proposed(alice, texts[1], bowl, Tag()).predictions.update(run=other)

    found, _ = ordered(alice, project, "disagreement")
    assert found[0] == texts[1].pk


def test_without_a_model_it_says_what_to_do_and_a_mixture_goes_by_what_there_is(alice, project, texts):
    _, _ = ordered(alice, project, "uncertainty")
    assert "learned nothing yet" in Queue.objects.get().detail

    found, _ = ordered(alice, project, "mixture")
    assert found[0] == texts[3].pk
    assert Queue.objects.get().detail == ""


def test_oldest_first_is_as_it_was(alice, project, texts):
    ordered(alice, project, "distance")
    ordered(alice, project, "oldest")

    assert not Priority.objects.exists()
    with pytest.raises(Invalid):
        queueing.choose(alice, project.pk, "newest")


def test_a_model_grows_faster_by_what_it_is_least_sure_of_than_by_chance():
    random = np.random.default_rng(0)
    labels = random.integers(0, 4, 900)
    vectors = random.normal(0, 1.3, (900, 20)).astype(np.float32)
    vectors[np.arange(900), labels] += 3

    found = queueing.curves(vectors, labels, 4)

    assert set(found) == {"chance", "uncertainty", "distance", "mixture"}
    assert all(len(one) == queueing.ROUNDS for one in found.values())
    assert found["uncertainty"][-1][1] > found["chance"][-1][1]
    assert queueing.curves(vectors[:30], labels[:30], 4) == {}
    assert queueing.curves(vectors, np.zeros(900, int), 4) == {}
