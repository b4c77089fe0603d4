"""A pipeline is checked as a whole: each mistake names its node, its port or its field, and says what to do."""

import msgspec
import pytest

from detectors.pipelines.checking import checked
from detectors.pipelines.graph import Edge, Graph, Mistake, Node, canonical, read, write
from tests.detectors.small import graph, made

ITEMS = ("items", "items", {})
BLOBS = ("blobs", "blobs", {})
EYES = {"detector": {"kind": "blobs", "config": {"level": 200}}, "margin": 0.1}

FACES_WITH_TWO_EYES = graph(
    ITEMS,
    ("faces", "blobs", {}),
    ("eyes", "each", EYES),
    ("both", "relate", {"relation": "contains", "at_least": 2}),
    edges="items>faces faces>eyes faces>both eyes>both.to",
)


def wrong(a_graph: Graph, labels=None) -> list[tuple[str, str, str]]:
    plan, mistakes = checked(a_graph, made, labels)
    assert (plan is None) == bool(mistakes)
    assert all(mistake.detail.endswith(".") for mistake in mistakes)
    return [(mistake.code, mistake.node, mistake.port or mistake.field) for mistake in mistakes]


def test_faces_that_contain_two_eyes_fit_together():
    plan, mistakes = checked(FACES_WITH_TWO_EYES, made)

    assert mistakes == []
    assert plan.order == ("faces", "eyes", "both")
    assert plan.results == ("both",)


def test_a_pipeline_is_kept_as_json_and_read_back_the_same():
    assert read(write(FACES_WITH_TWO_EYES)) == (FACES_WITH_TWO_EYES, [])


@pytest.mark.parametrize(
    ("a_graph", "expected"),
    [
        (graph(edges=""), [("no_items", "", ""), ("no_result", "", "")]),
        (graph(ITEMS, edges=""), [("no_result", "", "")]),
        (
            graph(BLOBS, edges=""),
            [("missing_input", "blobs", "in"), ("no_items", "", ""), ("unreachable", "blobs", "")],
        ),
        (graph(ITEMS, ("cats", "cats", {}), edges="items>cats"), [("unknown_kind", "cats", "kind")]),
        (
            graph(ITEMS, ("two", "items", {}), BLOBS, edges="items>blobs"),
            [("two_items", "two", ""), ("unreachable", "two", "")],
        ),
        (graph(ITEMS, BLOBS, edges="items>blobs items>blobs"), [("fed_twice", "blobs", "in")]),
        (
            graph(ITEMS, BLOBS, edges="items>blobs.of"),
            [("unknown_port", "blobs", "of"), ("missing_input", "blobs", "in")],
        ),
        (graph(ITEMS, BLOBS, edges="items>blobs items>cats"), [("unknown_node", "cats", "")]),
        (graph(ITEMS, ("f", "filter", {}), edges="items>f"), [("wrong_type", "f", "in")]),
        (
            graph(ITEMS, BLOBS, ("more", "blobs", {}), edges="items>blobs blobs>more"),
            [("wrong_type", "more", "in")],
        ),
        (graph(ITEMS, ("w", "words", {}), edges="items>w"), [("wrong_type", "w", "")]),
        (
            graph(("items", "items", {"of": "text"}), ("s", "slide", EYES | {"margin": 1}), edges="items>s"),
            [("wrong_config", "s", "margin")],
        ),
        (
            graph(("items", "items", {"of": "text"}), ("s", "slide", {"detector": {"kind": "blobs"}}), edges="items>s"),
            [("wrong_type", "s", "detector")],
        ),
        (
            graph(
                ("i", "items", {"of": "text"}),
                ("w", "words", {}),
                ("f", "filter", {"aspects": [1, 2]}),
                edges="i>w w>f",
            ),
            [("wrong_type", "f", "aspects")],
        ),
        (
            graph(ITEMS, BLOBS, ("a", "filter", {}), ("b", "filter", {}), edges="items>blobs a>b b>a"),
            [("cycle", "a", ""), ("unreachable", "a", ""), ("unreachable", "b", "")],
        ),
        (
            graph(ITEMS, BLOBS, ("f", "filter", {}), edges="items>blobs blobs>f", results=["blobs"]),
            [("unreachable", "f", "")],
        ),
        (graph(ITEMS, BLOBS, edges="items>blobs", results=["cats", "blobs"]), [("unknown_node", "cats", "results")]),
        (graph(ITEMS, BLOBS, edges="items>blobs", results=["items", "blobs"]), [("wrong_type", "items", "results")]),
        (
            graph(ITEMS, BLOBS, ("c", "combine", {"how": "subtract"}), edges="items>blobs blobs>c"),
            [("missing_input", "c", "minus")],
        ),
    ],
)
def test_what_does_not_fit_is_told_where_it_is(a_graph, expected):
    assert sorted(wrong(a_graph)) == sorted(expected)


def test_all_mistakes_are_told_at_once_and_all_fields_of_one_node():
    a_graph = graph(
        ITEMS,
        ("b", "blobs", {"level": 300, "colour": "red"}),
        ("each", "each", {"margin": "wide"}),
        ("c", "cats", {}),
        ("f", "filter", {"scores": [0, 2]}),
        edges="items>b b>each c>f",
    )

    assert set(wrong(a_graph)) >= {
        ("wrong_config", "b", "level"),
        ("wrong_config", "b", "colour"),
        ("wrong_config", "each", "margin"),
        ("wrong_config", "each", "detector"),
        ("unknown_kind", "c", "kind"),
        ("wrong_config", "f", "scores.1"),
    }


def test_a_sentence_says_what_to_do():
    _, mistakes = checked(graph(ITEMS, BLOBS, ("f", "filter", {}), edges="items>blobs items>f blobs>f"), made)

    assert mistakes == [
        Mistake(
            "wrong_type",
            "Filter works on what was found. Put a detector between Items and it.",
            node="f",
            port="in",
        ),
        Mistake(
            "fed_twice",
            "Filter takes one input “in”, and 2 lead there. Combine them first, or remove all but one.",
            node="f",
            port="in",
        ),
    ]


def test_two_circles_are_both_told():
    nodes = [(name, "filter", {}) for name in "abcd"]
    a_graph = graph(ITEMS, BLOBS, *nodes, edges="items>blobs a>b b>a c>d d>c")

    assert [row for row in wrong(a_graph) if row[0] == "cycle"] == [("cycle", "a", ""), ("cycle", "c", "")]


def test_a_pipeline_of_too_many_nodes_is_refused_before_it_is_looked_at():
    nodes = tuple(Node(f"n{at}", "blobs") for at in range(201))

    assert wrong(Graph(nodes)) == [("too_many", "", "nodes")]
    assert [mistake.code for mistake in read(write(Graph(nodes)))[1]] == ["too_many"]


def test_labels_that_the_project_lacks_are_told_where_they_are_given():
    named = graph(ITEMS, BLOBS, ("m", "map_labels", {"labels": {"blob": "Visage"}}), edges="items>blobs blobs>m")
    plain = graph(ITEMS, BLOBS, edges="items>blobs")

    assert wrong(named, ["Face"]) == [("unknown_label", "m", "labels")]
    assert wrong(named, ["Visage"]) == []
    assert wrong(plain, ["Face"]) == [("unknown_label", "blobs", "")]
    assert wrong(plain, ["blob", "Face"]) == []
    assert wrong(plain) == []


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"", ["not_json"]),
        (b"\xff", ["not_json"]),
        (b"[" * 100_000, ["not_json"]),
        (b'{"nodes":' + b"[" * 99 + b"]" * 99 + b"}", ["too_deep"]),
        (b"[]", ["not_a_pipeline"]),
        (b"null", ["not_a_pipeline"]),
        (b'{"v": 9}', ["version"]),
        (b'{"nodes": {}, "edges": 3, "colour": 1}', ["unknown_field", "wrong_value", "wrong_value"]),
        (b'{"nodes": [{"id": "a b", "kind": "x"}, {"id": "c"}, 7], "edges": [{}]}', ["wrong_value"] * 4),
        (b'{"nodes": [{"id": "a", "kind": "x", "title": "\\u0000"}]}', ["nul"]),
        (b" " * 32_000_001, ["too_large"]),
        (b'{"nodes": [{"id": "a", "kind": "x", "x": 1e999}]}', ["not_json"]),
    ],
)
def test_what_is_no_pipeline_is_told_and_never_breaks_anything(data, codes):
    a_graph, mistakes = read(data)

    assert a_graph is None
    assert [mistake.code for mistake in mistakes] == codes
    assert msgspec.json.encode(mistakes)


def test_a_node_is_known_again_by_what_produces_its_output_not_by_its_name_or_place():
    def hashes(a_graph):
        return checked(a_graph, made)[0].hashes

    plain = hashes(graph(ITEMS, BLOBS, ("f", "filter", {"most": 3}), edges="items>blobs blobs>f"))
    other_end = hashes(graph(ITEMS, BLOBS, ("f", "filter", {"most": 4}), edges="items>blobs blobs>f"))
    told = hashes(graph(ITEMS, ("b", "blobs", {"level": 100}), ("g", "filter", {"most": 3}), edges="items>b b>g"))
    moved = Graph(
        (Node("items", "items"), Node("blobs", "blobs", title="Bright", x=9), Node("f", "filter", {"most": 3})),
        (Edge("blobs", "f"), Edge("items", "blobs")),
    )

    assert plain["blobs"] == other_end["blobs"] and plain["f"] != other_end["f"]
    assert list(plain.values()) == list(told.values())
    assert plain == hashes(moved)
    assert canonical(moved) == canonical(graph(ITEMS, BLOBS, ("f", "filter", {"most": 3}), edges="items>blobs blobs>f"))
