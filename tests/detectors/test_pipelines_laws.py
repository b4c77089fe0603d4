"""What holds of pipelines and their operators whatever is found."""

import msgspec
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.found import Found, boxes, spans
from detectors.pipelines.checking import checked
from detectors.pipelines.fusing import fused
from detectors.pipelines.graph import Edge, Graph, Node, canonical, read, write
from detectors.pipelines.operators.combine import subtracted, united
from detectors.pipelines.operators.each import on_each
from detectors.pipelines.operators.slide import looked_over, tiles
from detectors.pipelines.suppressing import merged, nms
from tests.detectors.small import made, picture, rows, run

law = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

whole = st.integers(0, 60)
size = st.integers(1, 40)
names = st.sampled_from(["cat", "dog", "שם"])
scores = st.integers(1, 1_000)
threshold = st.sampled_from([0.1, 0.3, 0.5, 0.75, 1.0])
measure = st.sampled_from(["iou", "ios"])


@st.composite
def some_boxes(draw, most: int = 25) -> Found:
    drawn = draw(
        st.lists(st.tuples(whole, whole, size, size, names, scores), max_size=most, unique_by=lambda row: row[5])
    )
    return boxes([row[:4] for row in drawn], [row[4] for row in drawn], [row[5] / 1_000 for row in drawn])


@st.composite
def some_spans(draw) -> Found:
    drawn = draw(st.lists(st.tuples(whole, size, names, scores), max_size=25, unique_by=lambda row: row[3]))
    return spans([(a, a + n) for a, n, *_ in drawn], [row[2] for row in drawn], [row[3] / 1_000 for row in drawn])


some = st.one_of(some_boxes(), some_spans())


def told(found: Found) -> list[tuple]:
    return [(*row, score) for row, score in zip(rows(found), found.scores.tolist(), strict=True)]


@law
@given(some, threshold, measure)
def test_suppressing_twice_is_suppressing_once(found, threshold, measure):
    once = nms(found, threshold=threshold, measure=measure)

    assert told(nms(once, threshold=threshold, measure=measure)) == told(once)


@law
@given(some, threshold, measure, st.randoms())
def test_what_stays_does_not_depend_on_the_order_in_which_it_was_found(found, threshold, measure, random):
    order = list(range(len(found)))
    random.shuffle(order)

    for way in (nms, merged):
        kept = way(found, threshold=threshold, measure=measure)
        assert told(way(found.take(order), threshold=threshold, measure=measure)) == told(kept)


@law
@given(some_spans(), threshold, measure)
def test_spans_are_boxes_of_height_one(found, threshold, measure):
    start, end = found.places.T
    flat = boxes(np.column_stack([start, 0 * start, end - start, 0 * start + 1]), found.labels, found.scores)

    for way in (nms, merged):
        spans_, boxes_ = (
            way(found, threshold=threshold, measure=measure),
            way(flat, threshold=threshold, measure=measure),
        )
        assert spans_.places[:, 0].tolist() == boxes_.places[:, 0].tolist()
        assert spans_.scores.tolist() == boxes_.scores.tolist()


@law
@given(some_boxes(), some_boxes())
def test_a_union_is_the_same_whoever_comes_first_and_adds_nothing_to_itself(a, b):
    both = united([a, b])

    assert sorted(told(both)) == sorted(told(united([b, a])))
    assert told(united([both, both])) == told(both)


@law
@given(some, threshold)
def test_nothing_is_left_of_what_is_subtracted_from_itself_and_all_when_nothing_is(found, threshold):
    assert len(subtracted(found, found, threshold=threshold)) == 0
    assert told(subtracted(found, found.take([]), threshold=threshold)) == told(found)


@law
@given(some_boxes(8), some_boxes(8), some_boxes(8))
def test_the_more_must_agree_the_fewer_stay_and_scores_stay_within_bounds(a, b, c):
    left = [fused([a, b, c], threshold=0.3, at_least=least, weights=[3, 1, 1]) for least in (1, 2, 3, 4)]

    sizes = [len(found) for found in left]
    assert sizes == sorted(sizes, reverse=True) and sizes[3] == 0
    assert all(((found.scores >= 0) & (found.scores <= 1)).all() for found in left)


squares = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 70), st.integers(1, 30), st.integers(1, 30), st.integers(60, 255)),
    max_size=5,
)


@law
@given(squares, st.floats(0, 0.9))
def test_sliding_with_one_tile_is_no_sliding_and_a_region_of_all_is_no_chaining(squares, overlap):
    content, blobs = picture(*squares), made("blobs", {})
    plain = rows(blobs.detect([content])[0])
    everything = boxes([[0, 0, 100, 80]], "all", 1)

    (slid,) = looked_over(blobs, content, tile=100, overlap=overlap, whole=True)
    (chained,) = on_each(blobs, [(content, everything)], margin=overlap)

    assert rows(slid) == rows(chained) == plain


@law
@given(st.integers(1, 500), st.integers(1, 300), st.integers(16, 200), st.floats(0, 0.7))
def test_tiles_cover_all_of_an_item_and_are_of_one_size(width, height, tile, overlap):
    seen = np.zeros((height, width), bool)
    for left, top, right, bottom in tiles((width, height), tile=tile, overlap=overlap):
        assert (right - left, bottom - top) == (min(tile, width), min(tile, height))
        seen[top:bottom, left:right] = True

    assert seen.all()
    assert [window[::2] for window in tiles((width, 1), tile=tile, overlap=overlap)] == tiles(
        (width,), tile=tile, overlap=overlap
    )


@st.composite
def graphs(draw) -> Graph:
    """Some fit together, some nearly: an edge or a setting is wrong."""
    kind = draw(st.sampled_from(["image", "text"]))
    inner = {"detector": {"kind": "blobs" if kind == "image" else "words"}}
    configs = {
        inner["detector"]["kind"]: [{}, {"label": "x"}, {"level": 900}],
        "each": [inner, inner | {"margin": 0.5}, {}],
        "slide": [inner | {"tile": 20}, inner | {"tile": 32, "merge": "nms", "measure": "iou"}],
        "filter": [{}, {"most": 1}, {"scores": [0.5, 1]}, {"position": [0, 0, 0.5, 1]}, {"aspects": [0, 2]}],
        "combine": [{"how": how} for how in ("union", "nms", "greedy", "fuse", "consensus", "intersect", "subtract")],
        "relate": [{"relation": "near"}, {"relation": "inside", "without": True}, {"relation": "contains"}],
        "map_labels": [{"labels": {"blob": "word"}}, {"labels": {}, "rest": False}, {"labels": {"word": "x"}}],
    }
    nodes, edges, finding = [Node("items", "items", {"of": kind})], [], []
    for at in range(draw(st.integers(1, 7))):
        looking = [name for name in configs if name in ("blobs", "words", "slide")]
        name = draw(st.sampled_from(list(configs) if finding else looking))
        config = draw(st.sampled_from(configs[name]))
        id_ = f"n{at}"
        nodes.append(Node(id_, name, config))
        ports = {"relate": ["in", "to"], "combine": ["in", "in"]}.get(name, ["in"])
        ports = [*ports, "minus"] if config.get("how") == "subtract" else ports
        edges += [Edge("items" if name in looking else draw(st.sampled_from(finding)), id_, port) for port in ports]
        finding.append(id_)
    spoiled = draw(st.sampled_from([False, False, False, True]))
    if spoiled:
        ends = st.sampled_from(["items", "nowhere", *finding])
        edges.append(Edge(draw(ends), draw(ends), draw(st.sampled_from(["in", "to", "from"]))))
    return Graph(tuple(nodes), tuple(dict.fromkeys(edges)))


@settings(law, max_examples=120)
@given(graphs(), squares)
def test_every_graph_can_be_carried_out_or_is_told_what_is_wrong_with_it(a_graph, squares):
    plan, mistakes = checked(a_graph, made)

    assert (plan is None) == bool(mistakes)
    assert read(write(a_graph)) == (a_graph, [])
    if plan is not None:
        contents = [picture(*squares), picture()] if plan.kind == "image" else ["one שתיים 👩‍👩‍👧 three", ""]
        for outcome in run(a_graph, *contents):
            assert outcome.errors == []
            assert list(outcome.found) == [id_ for id_ in plan.order if id_ in plan.results]


@law
@given(graphs(), st.randoms())
def test_a_pipeline_is_the_same_in_whatever_order_its_parts_are_told(a_graph, random):
    nodes, edges = list(a_graph.nodes), list(a_graph.edges)
    random.shuffle(nodes)
    random.shuffle(edges)
    shuffled = Graph(tuple(nodes), tuple(edges))
    renamed = Graph(
        tuple(Node(f"z{node.id[::-1]}", node.kind, node.config) for node in nodes),
        tuple(Edge(f"z{edge.source[::-1]}", f"z{edge.target[::-1]}", edge.input) for edge in edges),
    )

    (plan, _), (again, _), (other, _) = (checked(one, made) for one in (a_graph, shuffled, renamed))

    assert canonical(shuffled) == canonical(a_graph)
    assert (plan is None) == (again is None) == (other is None)
    if plan is not None:
        assert (again.hashes, again.order, again.inputs) == (plan.hashes, plan.order, plan.inputs)
        assert sorted(other.hashes.values()) == sorted(plan.hashes.values())


json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["nodes", "edges", "results", "v", "id", "kind", "config", "source", "target", "detector"]),
            inner,
        ),
    ),
    max_leaves=10,
)


@settings(law, max_examples=120)
@given(st.one_of(st.binary(), json))
def test_whatever_is_sent_is_a_pipeline_or_is_told_why_not(sent):
    a_graph, mistakes = read(sent if isinstance(sent, bytes) else msgspec.json.encode(sent))

    assert (a_graph is None) == bool(mistakes)
    if a_graph is not None:
        plan, mistakes = checked(a_graph, made)
        assert (plan is None) == bool(mistakes)
