"""What each operator does, on cases that can be checked by eye."""

import numpy as np
import pytest

from detectors.found import Found, boxes, joined, spans
from detectors.kinds import registry
from detectors.kinds.decoding import decoded
from detectors.pipelines.executing import execute
from detectors.pipelines.looking import placed
from detectors.pipelines.operators.filter import Filter
from detectors.pipelines.operators.map_labels import renamed
from detectors.pipelines.steps import Given
from detectors.pipelines.suppressing import merged, nms
from tests.detectors.small import graph, item, picture, rows, run

ITEMS = ("items", "items", {})
TEXTS = ("items", "items", {"of": "text"})


def one(a_graph, content) -> Found:
    (outcome,) = run(a_graph, content)
    assert outcome.errors == []
    (found,) = outcome.found.values()
    return found


FACE = (20, 10, 40, 50, 120)
LEFT_EYE, RIGHT_EYE = (25, 20, 6, 4, 250), (45, 20, 6, 4, 250)


def test_eyes_are_looked_for_in_each_face_and_told_in_the_image_with_the_face_as_their_parent():
    eyes = {"detector": {"kind": "blobs", "config": {"level": 200, "label": "eye"}}, "margin": 0.1}
    a_graph = graph(
        ITEMS,
        ("faces", "blobs", {"label": "face"}),
        ("eyes", "each", eyes),
        edges="items>faces faces>eyes",
        results=["faces", "eyes"],
    )

    (outcome,) = run(a_graph, picture(FACE, LEFT_EYE, RIGHT_EYE, (80, 70, 4, 4, 150)))

    assert rows(outcome.found["faces"]) == [("face", 20, 10, 40, 50), ("face", 80, 70, 4, 4)]
    assert rows(outcome.found["eyes"]) == [("eye", 25, 20, 6, 4), ("eye", 45, 20, 6, 4)]
    assert outcome.found["eyes"].parents.tolist() == [outcome.found["faces"].keys[0]] * 2


def test_outlines_in_a_region_and_on_tiles_lie_where_they_are_in_the_image():
    inner = {"detector": {"kind": "colours", "config": {"colour": "#c8c8c8", "least": 1}}}
    chained = graph(ITEMS, ("b", "contours", {"least": 1}), ("e", "each", inner), edges="items>b b>e")
    slid = graph(ITEMS, ("s", "slide", inner | {"tile": 40, "whole": False}), edges="items>s")
    content = picture((30, 30, 30, 8, 200))

    for a_graph in (chained, slid):
        (outcome,) = execute(a_graph, [item(0, content)], registry.made)
        (found,) = outcome.found.values()
        assert found.shapes.tolist() == ["polygon"]
        assert found.places.tolist() == [[30, 30, 30, 8]]
        assert {(x, y) for x, y in found.rings[0]} == {(30, 30), (60, 30), (60, 38), (30, 38)}


def test_a_margin_lets_the_detector_see_what_lies_beside_the_region():
    def seen(margin):
        beside = {"detector": {"kind": "blobs", "config": {"level": 40, "label": "all"}}, "margin": margin}
        a_graph = graph(ITEMS, ("b", "blobs", {}), ("e", "each", beside), edges="items>b b>e")
        return rows(one(a_graph, picture((20, 10, 10, 10, 120), (30, 10, 3, 10, 50))))

    assert seen(0) == [("all", 20, 10, 10, 10)]
    assert seen(0.5) == [("all", 20, 10, 13, 10)]


def test_a_region_that_is_classified_becomes_the_region_with_that_label():
    a_graph = graph(
        ITEMS, ("b", "blobs", {"level": 20}), ("c", "each", {"detector": {"kind": "brightness"}}), edges="items>b b>c"
    )

    found = one(a_graph, picture((5, 5, 10, 10, 250), (40, 40, 20, 10, 30)))

    assert rows(found) == [("light", 5, 5, 10, 10), ("dark", 40, 40, 20, 10)]
    assert found.shapes.tolist() == ["rectangle", "rectangle"]


def test_words_are_looked_for_in_sentences_and_told_in_code_points_of_the_text():
    inner = {"detector": {"kind": "words", "config": {"pattern": "[A-Zשé]\\w*", "label": "name"}}}
    a_graph = graph(TEXTS, ("s", "words", {"pattern": "[^.]+\\."}), ("n", "each", inner), edges="items>s s>n")
    text = "👩‍👩‍👧 saw Ann. then שרה and élan."

    found = one(a_graph, text)

    assert [text[start:end] for _, start, end in rows(found)] == ["Ann", "שרה", "élan"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"labels": ["cat"]}, [0, 2]),
        ({"not_labels": ["cat"]}, [1, 3]),
        ({"scores": [0.5, 0.8]}, [1, 2]),
        ({"widths": [20, None]}, [1, 3]),
        ({"heights": [0, 10]}, [0, 3]),
        ({"areas": [200, 400]}, [1, 2, 3]),
        ({"aspects": [2, None]}, [3]),
        ({"most": 2}, [0, 1]),
        ({"labels": ["dog"], "most": 1}, [1]),
    ],
)
def test_a_filter_lets_through_what_fits(config, expected):
    found = boxes(
        [[0, 0, 10, 10], [50, 0, 20, 20], [80, 60, 10, 20], [0, 60, 40, 10]],
        ["cat", "dog", "cat", "dog"],
        [0.9, 0.8, 0.5, 0.1],
    )

    (kept,) = Filter(decoded(config, Filter.Config), None).run([Given(None, {"in": (found,)})])

    assert rows(kept) == [rows(found)[row] for row in expected]


def test_a_filter_knows_parts_of_an_image_and_of_a_text():
    top_left = ("f", "filter", {"position": [0, 0, 0.5, 0.5]})
    image = graph(ITEMS, ("b", "blobs", {}), top_left, edges="items>b b>f")
    text = graph(TEXTS, ("w", "words", {}), top_left, edges="items>w w>f")

    assert rows(one(image, picture((5, 5, 9, 9, 200), (60, 5, 9, 9, 200), (5, 60, 9, 9, 200)))) == [
        ("blob", 5, 5, 9, 9)
    ]
    assert rows(one(text, "one two six ten")) == [("word", 0, 3), ("word", 4, 7)]


def test_tiles_find_what_the_whole_would_and_give_it_once():
    slide = {"detector": {"kind": "blobs"}, "tile": 32, "overlap": 0.25, "whole": False}
    content = picture((20, 10, 26, 6, 200), (70, 60, 5, 5, 200))

    found = one(graph(ITEMS, ("s", "slide", slide), edges="items>s"), content)

    assert sorted(rows(found)) == [("blob", 20, 10, 26, 6), ("blob", 70, 60, 5, 5)]


def test_a_long_text_is_looked_at_by_windows_and_a_word_on_their_edge_is_whole():
    slide = {"detector": {"kind": "words"}, "tile": 16, "overlap": 0.5, "whole": False}
    text = "שלום the café 👩‍👩‍👧 welcomes you always and everywhere"

    slid = one(graph(TEXTS, ("s", "slide", slide), edges="items>s"), text)

    assert sorted(rows(slid)) == sorted(rows(one(graph(TEXTS, ("w", "words", {}), edges="items>w"), text)))


def combined(config, *contents):
    """Blobs above three levels, combined: rings around rings have different sizes at each level."""
    levels = [("b50", "blobs", {"level": 50}), ("b120", "blobs", {"level": 120}), ("b200", "blobs", {"level": 200})]
    a_graph = graph(
        ITEMS, *levels, ("c", "combine", config), edges="items>b50 items>b120 items>b200 b50>c b120>c b200>c"
    )
    return one(a_graph, *contents)


NESTED = picture((10, 10, 20, 20, 100), (10, 10, 20, 18, 150), (10, 10, 20, 16, 255), (60, 40, 10, 10, 100))


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"how": "union"}, [(10, 10, 20, 16), (10, 10, 20, 18), (10, 10, 20, 20), (60, 40, 10, 10)]),
        ({"how": "greedy", "threshold": 0.7}, [(10, 10, 20, 20), (60, 40, 10, 10)]),
        ({"how": "fuse", "threshold": 0.7}, [(10, 10, 20, 18), (60, 40, 10, 10)]),
        ({"how": "consensus", "threshold": 0.7, "at_least": 3}, [(10, 10, 20, 18)]),
        ({"how": "consensus", "threshold": 0.7, "at_least": 4}, []),
        ({"how": "intersect", "threshold": 0.7}, [(10, 10, 20, 16)]),
    ],
)
def test_what_three_detectors_found_is_combined(config, expected):
    found = combined(config, NESTED)

    assert sorted(row[1:] for row in rows(found)) == expected


def test_of_boxes_that_overlap_the_surest_stays_and_of_equally_sure_ones_the_first():
    found = boxes(
        [[0, 0, 10, 10], [1, 0, 10, 10], [30, 0, 9, 9], [30, 1, 9, 9], [1, 1, 9, 9]],
        list("aaaab"),
        [0.8, 0.9, 0.5, 0.5, 0.1],
    )

    kept = nms(found)
    whatever_the_label = nms(found, across_labels=True)

    assert rows(kept) == [("a", 1, 0, 10, 10), ("a", 30, 0, 9, 9), ("b", 1, 1, 9, 9)]
    assert rows(whatever_the_label) == [("a", 1, 0, 10, 10), ("a", 30, 0, 9, 9)]


def test_what_somebody_else_found_too_is_subtracted():
    a_graph = graph(
        ITEMS,
        ("all", "blobs", {"level": 50}),
        ("bright", "blobs", {"level": 200}),
        ("rest", "combine", {"how": "subtract"}),
        edges="items>all items>bright all>rest bright>rest.minus",
    )

    assert rows(one(a_graph, NESTED)) == [("blob", 60, 40, 10, 10)]


def test_spans_are_combined_in_one_dimension():
    text = "New York City is in New York"
    words = [
        ("a", "words", {"pattern": "New York City", "label": "place"}),
        ("b", "words", {"pattern": "New York", "label": "place"}),
    ]

    def both(config):
        a_graph = graph(TEXTS, *words, ("c", "combine", config), edges="items>a items>b a>c b>c")
        return sorted(row[1:] for row in rows(one(a_graph, text)))

    assert both({"how": "union"}) == [(0, 8), (0, 13), (20, 28)]
    assert both({"how": "consensus"}) == [(0, 10)]
    assert both({"how": "intersect"}) == [(0, 8)]
    assert both({"how": "greedy", "measure": "ios"}) == [(0, 13), (20, 28)]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"relation": "contains"}, ["two eyes", "one eye"]),
        ({"relation": "contains", "at_least": 2}, ["two eyes"]),
        ({"relation": "contains", "without": True}, ["none"]),
        ({"relation": "inside"}, []),
        ({"relation": "overlaps", "share": 0.5}, []),
        ({"relation": "near", "distance": 0}, ["two eyes", "one eye"]),
        ({"relation": "near", "distance": 50}, ["two eyes", "one eye", "none"]),
    ],
)
def test_what_stands_in_a_relation_is_let_through(config, expected):
    a_graph = graph(
        ITEMS,
        ("faces", "blobs", {}),
        ("eyes", "blobs", {"level": 200}),
        ("r", "relate", config),
        edges="items>faces items>eyes faces>r eyes>r.to",
    )
    names = {10: "two eyes", 50: "one eye", 85: "none"}
    content = picture(
        (10, 10, 20, 20, 120), (12, 12, 4, 4, 250), (22, 12, 4, 4, 250),
        (50, 10, 20, 20, 120), (52, 12, 4, 4, 250),
        (85, 50, 10, 10, 120),
    )  # fmt: skip

    kept = [names[row[1]] for row in rows(one(a_graph, content))]

    assert sorted(kept) == sorted(expected)


def test_nothing_is_near_itself():
    a_graph = graph(
        ITEMS, ("b", "blobs", {}), ("r", "relate", {"relation": "near", "distance": 9}), edges="items>b b>r b>r.to"
    )

    found = one(a_graph, picture((0, 0, 5, 5, 200), (10, 0, 5, 5, 200), (60, 60, 5, 5, 200)))

    assert rows(found) == [("blob", 0, 0, 5, 5), ("blob", 10, 0, 5, 5)]


def test_labels_get_the_project_s_names_and_probabilities_of_one_name_are_added_up():
    found = boxes([[0, 0, 9, 9], [5, 5, 9, 9], [1, 1, 2, 2]], ["cat", "dog", "owl"], [0.5, 0.4, 0.3])
    found = Found(
        found.places, found.labels, found.scores, found.shapes,
        probabilities=np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2], [0.1, 0.2, 0.7]]), classes=("cat", "dog", "owl"),
    )  # fmt: skip

    kept = renamed(found, {"cat": "Pet", "dog": "Pet"}, rest=False)

    assert kept.labels.tolist() == ["Pet", "Pet"]
    assert kept.classes == ("Pet", "owl")
    np.testing.assert_allclose(kept.probabilities, [[0.8, 0.2], [0.8, 0.2]])


def test_polygons_that_tiles_have_cut_become_one_outline():
    left, right = np.array([[0, 0], [10, 0], [10, 10], [0, 10]]), np.array([[5, 0], [20, 0], [20, 10], [5, 10]])
    found = boxes([[0, 0, 10, 10], [5, 0, 15, 10]], "field", [0.9, 0.8])
    found = Found(found.places, found.labels, found.scores, np.array(["polygon"] * 2), rings=(left * 1.0, right * 1.0))

    whole = merged(found, threshold=0.5, measure="ios")

    assert whole.places.tolist() == [[0, 0, 20, 10]]
    assert {tuple(corner) for corner in whole.rings[0]} >= {(0, 0), (20, 0), (20, 10), (0, 10)}


def test_what_several_found_is_joined_with_what_each_tells_of_its_classes():
    cats = Found(*boxes_of("cat"), probabilities=np.array([[0.9, 0.1]]), classes=("cat", "dog"))
    owls = Found(*boxes_of("owl"), probabilities=np.array([[0.6, 0.4]]), classes=("dog", "owl"))

    both = joined([cats, owls, boxes([[0, 0, 1, 1]], "ant", 0.1)])

    assert both.classes == ("cat", "dog", "owl")
    np.testing.assert_equal(both.probabilities, [[0.9, 0.1, 0], [0, 0.6, 0.4], [np.nan] * 3])


def boxes_of(label):
    found = boxes([[0, 0, 9, 9]], label, 0.5)
    return found.places, found.labels, found.scores, found.shapes


def test_what_reaches_out_of_an_image_is_cut_off():
    found = boxes([[-5, -5, 10, 10], [95, 70, 20, 20], [200, 0, 5, 5]], "a", 0.5)

    inside = placed(found, picture(), (0, 0, 100, 80))

    assert rows(inside) == [("a", 0, 0, 5, 5), ("a", 95, 70, 5, 10)]


def test_nothing_comes_of_nothing():
    empty, texts = boxes([], [], []), spans([], [], [])
    black, silent = picture(), ""
    slide = {"detector": {"kind": "blobs"}, "tile": 32}
    nodes = [("b", "blobs", {}), ("s", "slide", slide), ("e", "each", {"detector": {"kind": "blobs"}})]
    hows = ("union", "nms", "greedy", "fuse", "consensus", "intersect")
    ways = [(how, "combine", {"how": how}) for how in hows]
    relate = [(name, "relate", {"relation": name}) for name in ("near", "inside", "contains", "overlaps")]
    edges = "items>b items>s b>e " + " ".join(f"b>{how} s>{how} e>{how}" for how in hows)
    edges += "".join(f" b>{name} s>{name}.to" for name, *_ in relate)

    (outcome,) = run(graph(ITEMS, *nodes, *ways, *relate, edges=edges), black)
    (of_text,) = run(graph(TEXTS, ("w", "words", {}), ("c", "combine", {"how": "fuse"}), edges="items>w w>c"), silent)

    assert outcome.errors == of_text.errors == []
    assert all(len(found) == 0 and found.places.shape == (0, 4) for found in outcome.found.values())
    assert of_text.found["c"].places.shape == (0, 2)
    assert len(joined([empty, empty])) == len(joined([texts])) == 0


def test_an_image_of_too_many_tiles_says_so():
    slide = {"detector": {"kind": "blobs"}, "tile": 16, "overlap": 0.9}
    a_graph = graph(ITEMS, ("s", "slide", slide), edges="items>s")

    (outcome,) = run(a_graph, np.zeros((300, 300, 3), np.uint8))

    assert [error.detail for error in outcome.errors] == [
        "Slide over tiles could not do this item: The item needs more than 10,000 tiles. Make the tiles larger."
    ]
