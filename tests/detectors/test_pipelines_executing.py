"""A pipeline at work on many items: what fails, fails alone; what is known, is not found again."""

import time
import tracemalloc

import numpy as np
import pytest

from detectors.kinds import registry
from detectors.pipelines.checking import checked
from detectors.pipelines.executing import Execution, Item, Mistaken, execute
from detectors.pipelines.graph import Graph
from detectors.pipelines.numbering import proposed
from tests.detectors.scenes import FACE, astronaut, overlap
from tests.detectors.small import graph, item, made, picture, rows, run, started

ITEMS = ("items", "items", {})
BLOBS = ("blobs", "blobs", {})
EYES = ("eyes", "each", {"detector": {"kind": "blobs", "config": {"level": 200, "label": "eye"}}})
BRIGHT = picture((10, 10, 20, 20, 120), (12, 12, 4, 4, 250))
WHITE, BLACK = np.full((20, 20, 3), 255, np.uint8), picture()


def test_a_polygon_whose_corners_are_none_is_told():
    (outcome,) = run(graph(ITEMS, ("p", "picky", {}), edges="items>p"), np.full((20, 20, 3), 254, np.uint8))

    assert "gave polygons without three corners" in outcome.errors[0].detail


def test_an_item_that_a_node_fails_on_is_told_by_node_and_item_and_the_others_are_done():
    a_graph = graph(ITEMS, ("p", "picky", {}), ("f", "filter", {}), BLOBS, edges="items>p p>f items>blobs")

    good, dark, rubbish, more = run(a_graph, BRIGHT, BLACK, WHITE, BRIGHT)

    assert [len(outcome.found.get("f", ())) for outcome in (good, more)] == [1, 1]
    assert [(e.item, e.node, e.detail) for e in dark.errors] == [(1, "p", "Picky could not do this item: too dark")]
    assert [(e.item, e.node, e.detail) for e in rubbish.errors] == [
        (
            2,
            "p",
            "Picky could not do this item: Picky gave places that are no numbers, or scores that are not from 0 to 1.",
        )
    ]
    assert list(dark.found) == list(rubbish.found) == ["blobs"]


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_done():
    def broken():
        raise OSError("The image is cut off")

    execution = execute(graph(ITEMS, BLOBS, edges="items>blobs"), [Item("a", "1", broken), item("b", BRIGHT)], made)

    first, second = execution

    assert [(e.node, e.detail) for e in first.errors] == [
        ("items", "Items could not do this item: The image is cut off")
    ]
    assert len(second.found["blobs"]) == 1
    assert execution.tallies["items"].failed == 1


def test_a_text_among_images_is_told_and_the_images_are_done():
    image, text = run(graph(ITEMS, BLOBS, edges="items>blobs"), BRIGHT, "a text")

    assert len(image.found["blobs"]) == 1
    assert [e.detail for e in text.errors] == [
        "Items could not do this item: The pipeline looks at images, and this is none."
    ]


def test_changing_the_last_step_never_repeats_the_first():
    cache = {}
    before = graph(ITEMS, BLOBS, EYES, ("f", "filter", {"most": 1}), edges="items>blobs blobs>eyes eyes>f")
    after = graph(ITEMS, BLOBS, EYES, ("f", "filter", {"most": 2}), edges="items>blobs blobs>eyes eyes>f")
    run(before, BRIGHT, cache=cache)

    def unreadable():
        raise AssertionError("the item is not needed")

    execution = execute(after, [Item(0, item(0, BRIGHT).digest, unreadable)], made, cache)
    (outcome,) = execution

    assert rows(outcome.found["f"]) == [("eye", 12, 12, 4, 4)]
    assert execution.tallies["eyes"].cached == 1 and execution.tallies["eyes"].seconds == 0
    assert execution.tallies["blobs"].items == 0


def test_the_preview_gets_every_node_s_finds_counts_and_times():
    execution = started(
        graph(ITEMS, BLOBS, EYES, edges="items>blobs blobs>eyes"), BRIGHT, BRIGHT, wanted=["blobs", "eyes"]
    )

    outcomes = list(execution)

    assert [list(outcome.found) for outcome in outcomes] == [["blobs", "eyes"]] * 2
    assert {id_: (tally.items, tally.found) for id_, tally in execution.tallies.items()} == {
        "items": (2, 0),
        "blobs": (2, 2),
        "eyes": (2, 2),
    }
    assert all(tally.seconds > 0 for tally in execution.tallies.values())


def test_cancelled_between_batches_it_stops_and_what_was_done_is_there():
    taken = []

    def items():
        for at in range(100):
            taken.append(at)
            yield item(at, BRIGHT)

    execution = execute(
        graph(ITEMS, BLOBS, edges="items>blobs"), items(), made, cancelled=lambda: len(taken) == 10, batch=5
    )

    assert [outcome.item for outcome in execution] == list(range(10))
    assert len(taken) == 10


def test_a_graph_that_does_not_fit_is_refused_with_all_that_is_wrong():
    with pytest.raises(Mistaken) as refused:
        execute(Graph(), [], made)

    assert [mistake.code for mistake in refused.value.mistakes] == ["no_items", "no_result"]


def test_proposals_are_numbered_the_same_whatever_they_are_batched_with():
    a_graph = graph(ITEMS, EYES, BLOBS, edges="items>blobs blobs>eyes", results=["eyes", "blobs"])
    plan, _ = checked(a_graph, made)
    alone = [list(proposed(plan, outcome)) for outcome in run(a_graph, BRIGHT, batch=1)]
    together = [list(proposed(plan, outcome)) for outcome in run(a_graph, BLACK, BRIGHT, WHITE)]

    assert [(one.node, one.index, one.label, one.place, one.parent) for one in together[1]] == [
        ("blobs", 0, "blob", (10, 10, 20, 20), None),
        ("eyes", 0, "eye", (12, 12, 4, 4), ("blobs", 0)),
    ]
    assert alone[0] == together[1]


def test_a_parent_is_known_behind_what_passed_it_on():
    a_graph = graph(
        ITEMS,
        BLOBS,
        ("kept", "filter", {"most": 1}),
        EYES,
        edges="items>blobs blobs>kept kept>eyes",
        results=["kept", "eyes"],
    )
    plan, _ = checked(a_graph, made)
    content = picture((60, 60, 9, 9, 110), (10, 10, 20, 20, 120), (12, 12, 4, 4, 250))

    (outcome,) = run(a_graph, content)

    assert [(one.node, one.parent) for one in proposed(plan, outcome)] == [("eyes", ("kept", 0)), ("kept", None)]


def test_memory_stays_flat_over_many_items():
    plan, _ = checked(graph(ITEMS, BLOBS, edges="items>blobs"), made)

    def peak(n: int) -> int:
        items = (Item(at, str(at), lambda: np.zeros((100, 100, 3), np.uint8)) for at in range(n))
        tracemalloc.start()
        for _ in Execution(plan, items, batch=4):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(100) < 1.5 * peak(20)


def test_a_pipeline_that_does_nothing_costs_less_than_a_millisecond_an_item():
    a_graph = graph(("items", "items", {"of": "text"}), ("w", "words", {"pattern": "x"}), edges="items>w")
    texts = [item(at, "y") for at in range(500)]

    def seconds() -> float:
        start = time.process_time()
        assert len(list(execute(a_graph, texts, made))) == 500
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.5


def test_the_astronaut_s_face_is_one_in_which_eyes_are_found():
    eyes = {"detector": {"kind": "eyes"}, "margin": 0.1}
    a_graph = graph(
        ITEMS,
        ("faces", "faces", {}),
        ("eyes", "each", eyes),
        ("both", "relate", {"relation": "contains", "at_least": 2}),
        edges="items>faces faces>eyes faces>both eyes>both.to",
        results=["both", "eyes"],
    )
    plan, _ = checked(a_graph, registry.made)

    (outcome,) = execute(a_graph, [item("astronaut", astronaut())], registry.made)
    face, *eyes = proposed(plan, outcome)

    assert (face.label, face.parent) == ("face", None)
    assert overlap(face.place, FACE) > 0.6
    assert [(eye.label, eye.parent) for eye in eyes] == [("eye", ("both", 0))] * len(eyes) and len(eyes) >= 2


def test_what_is_wrong_with_a_detector_of_the_product_is_told_at_its_node_and_field():
    each = {"detector": {"kind": "faces", "config": {"smallest": "x"}}}
    a_graph = graph(
        ITEMS, ("f", "faces", {"step": 9}), ("e", "each", each), ("n", "nope", {}), edges="items>f f>e items>n"
    )

    _, mistakes = checked(a_graph, registry.made)

    assert [(one.code, one.node, one.field) for one in mistakes] == [
        ("wrong_config", "f", "step"),
        ("wrong_config", "e", "detector.config.smallest"),
        ("unknown_kind", "n", "kind"),
    ]
