"""Whether a graph fits together: all that is wrong with it, or a plan that can be carried out."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from typing import Any

import msgspec

from detectors.found import Kind
from detectors.kinds.decoding import decoded
from detectors.pipelines.graph import MOST_EDGES, MOST_NODES, Edge, Graph, Mistake, Node, encoded, ends, names
from detectors.pipelines.operators.look import Look
from detectors.pipelines.operators.map_labels import MapLabels
from detectors.pipelines.steps import ITEMS, OPERATORS, Labels, Made, Port, Step, operator
from projects.errors import Invalid

ENGINE = 1  # counted up when what is found changes, so that nothing is taken from a cache that an older engine filled


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pipeline begins with."""

    of: Kind = "image"


@dataclass(frozen=True)
class Plan:
    """A graph that fits together. `inputs` are, by node and port, the nodes that feed it and how much each counts;
    `hashes` tell by what each node's output is known again, whatever the nodes are called."""

    kind: Kind
    names: dict[str, str]  # as people know the nodes
    order: tuple[str, ...]  # each after those that feed it; without the items
    steps: dict[str, Step]
    inputs: dict[str, dict[str, tuple[tuple[str, float], ...]]]
    hashes: dict[str, str]
    results: tuple[str, ...]
    items: str


class Outline(msgspec.Struct, frozen=True):
    """A plan as one can tell of it where there are no detectors."""

    kind: Kind
    names: dict[str, str]
    order: tuple[str, ...]
    hashes: dict[str, str]
    results: tuple[str, ...]
    items: str

    @classmethod
    def of(cls, plan: Plan) -> "Outline":
        return cls(plan.kind, plan.names, plan.order, plan.hashes, plan.results, plan.items)


@dataclass
class Sketch:
    """What is known of a graph while it is checked."""

    graph: Graph
    nodes: dict[str, Node]
    mistakes: list[Mistake] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    items: dict[str, Items] = field(default_factory=dict)
    feeds: dict[str, dict[str, list[Edge]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def called(self, id_: str) -> str:
        """As people know the node."""
        node = self.nodes[id_]
        if node.kind in OPERATORS:
            return node.title or operator(node.kind).title
        return node.title or (self.steps[id_].title if id_ in self.steps else node.kind.capitalize())

    def wrong(self, code: str, detail: str, **where: Any) -> None:
        self.mistakes.append(Mistake(code, detail, **where))


def checked(graph: Graph, made: Made, labels: Collection[str] | None = None) -> tuple[Plan | None, list[Mistake]]:
    """The plan of a graph, or else everything that is wrong with it: where, and what to do.

    `made` makes a detector by its kind's name and configuration, as detectors.kinds.registry.made: it raises
    projects.errors.Invalid for a kind that it doesn't know, and for a configuration that doesn't fit. `labels` are the
    project's, where it is known.
    """
    sketch = Sketch(graph, {node.id: node for node in graph.nodes})
    if not fits(sketch):
        return None, sketch.mistakes
    build(sketch, made)
    connect(sketch)
    order = ordered(sketch)
    kind = begin(sketch)
    reach(sketch)
    if kind is not None:
        for id_, step in sketch.steps.items():
            for name, detail in step.misfits(kind).items():
                sketch.wrong("wrong_type", detail, node=id_, field=name)
    if labels is not None and not sketch.mistakes:
        name_labels(sketch, order, frozenset(labels))
    if sketch.mistakes or kind is None:
        return None, sketch.mistakes
    return planned(sketch, order, kind), []


def fits(sketch: Sketch) -> bool:
    """Its size, and that each node has a name of its own."""
    graph = sketch.graph
    if len(graph.nodes) > MOST_NODES or len(graph.edges) > MOST_EDGES:
        limits = f"{MOST_NODES} nodes and {MOST_EDGES:,} edges"
        sketch.wrong("too_many", f"A pipeline has at most {limits}. Take some out.", field="nodes")
        return False
    seen: set[str] = set()
    for node in graph.nodes:
        if node.id in seen:
            sketch.wrong("same_id", f"Two nodes are called “{node.id}”. Give one another id.", node=node.id, field="id")
        seen.add(node.id)
    return not sketch.mistakes


def build(sketch: Sketch, made: Made) -> None:
    for node in sketch.graph.nodes:
        try:
            if node.kind == ITEMS:
                sketch.items[node.id] = decoded(node.config, Items)
            elif node.kind in OPERATORS:
                type_ = operator(node.kind)
                sketch.steps[node.id] = type_(decoded(node.config, type_.Config), made)
            else:
                sketch.steps[node.id] = Look(node.kind, node.config, made)
        except Invalid as error:
            for name, detail in (error.fields or {"": str(error.detail)}).items():
                where = name.removeprefix("detector.").removeprefix("config.") if node.kind not in OPERATORS else name
                code = "unknown_kind" if error.code == "unknown_kind" else "wrong_config"
                sketch.wrong(code, detail, node=node.id, field=where)


def connect(sketch: Sketch) -> None:
    """Each edge leads from a node to a port that takes what it gives; each port is fed, and as often as it may be."""
    twice: set[tuple[str, str, str]] = set()
    for edge in sketch.graph.edges:
        if missing := [end for end in (edge.source, edge.target) if end not in sketch.nodes]:
            sketch.wrong(
                "unknown_node", f"An edge leads to “{missing[0]}”, which is not there. Remove it.", node=missing[0]
            )
            continue
        target, source = sketch.called(edge.target), sketch.called(edge.source)
        if edge.output != "out":
            sketch.wrong("unknown_port", f"{source} has one output, “out”.", node=edge.source, port=edge.output)
        if edge.target in sketch.steps or edge.target in sketch.items:
            ports = ports_of(sketch, edge.target)
            if edge.input not in ports:
                detail = f"{target} has no input “{edge.input}”. Remove the edge from {source}."
                sketch.wrong("unknown_port", detail, node=edge.target, port=edge.input)
                continue
            check_type(sketch, edge, ports[edge.input])
        if (pair := (edge.source, edge.target, edge.input)) in twice:
            detail = f"{source} feeds {target} twice. Remove one of the two edges."
            sketch.wrong("fed_twice", detail, node=edge.target, port=edge.input)
            continue
        twice.add(pair)
        sketch.feeds[edge.target][edge.input].append(edge)
    for id_, step in sketch.steps.items():
        for name, port in step.ports.items():
            count_feeds(sketch, id_, name, port)


def ports_of(sketch: Sketch, id_: str) -> Mapping[str, Port]:
    return sketch.steps[id_].ports if id_ in sketch.steps else {}


def check_type(sketch: Sketch, edge: Edge, port: Port) -> None:
    source, target = sketch.called(edge.source), sketch.called(edge.target)
    begins = sketch.nodes[edge.source].kind == ITEMS
    if begins and port.takes == "found":
        detail = f"{target} works on what was found. Put a detector between {source} and it."
    elif not begins and port.takes == "item":
        detail = f"{target} looks at whole items. Connect the items to it, or use “On each region” after {source}."
    else:
        return
    sketch.wrong("wrong_type", detail, node=edge.target, port=edge.input)


def count_feeds(sketch: Sketch, id_: str, name: str, port: Port) -> None:
    node, feeds = sketch.called(id_), len(sketch.feeds[id_][name])
    if not feeds:
        what = "the items" if port.takes == "item" else "a node that finds something"
        sketch.wrong("missing_input", f"{node} lacks its input “{name}”. Connect {what} to it.", node=id_, port=name)
    elif feeds > 1 and not port.many:
        detail = f"{node} takes one input “{name}”, and {feeds} lead there. Combine them first, or remove all but one."
        sketch.wrong("fed_twice", detail, node=id_, port=name)


def ordered(sketch: Sketch) -> tuple[str, ...]:
    """All nodes, each after those that feed it; without those that go in a circle, which is said."""
    before = {id_: set[str]() for id_ in sorted(sketch.nodes)}
    for edge in sketch.graph.edges:
        if edge.source in before and edge.target in before:
            before[edge.target].add(edge.source)
    while True:
        try:
            return tuple(in_turn(TopologicalSorter(before)))
        except CycleError as error:
            circle = error.args[1][::-1][:-1]
        first = min(range(len(circle)), key=lambda at: circle[at])
        circle = circle[first:] + circle[:first]
        path = " → ".join(sketch.called(id_) for id_ in [*circle, circle[0]])
        sketch.wrong("cycle", f"{path} goes in a circle. Remove one of these edges.", node=circle[0])
        before = {id_: feeds - set(circle) for id_, feeds in before.items() if id_ not in circle}


def in_turn(sorter: "TopologicalSorter[str]") -> Iterator[str]:
    sorter.prepare()
    while ready := sorted(sorter.get_ready()):
        yield from ready
        sorter.done(*ready)


def begin(sketch: Sketch) -> Kind | None:
    """One node gives the items: whether images or texts."""
    all_items = sorted(node.id for node in sketch.graph.nodes if node.kind == ITEMS)
    if not all_items:
        sketch.wrong("no_items", "The pipeline begins nowhere. Add the items, and connect them to a detector.")
    for id_ in all_items[1:]:
        sketch.wrong("two_items", "A pipeline begins at one node of items. Remove the others.", node=id_)
    only = sketch.items.get(all_items[0]) if len(all_items) == 1 else None
    return None if only is None else only.of


def reach(sketch: Sketch) -> None:
    """Something comes out of it, and each node has a part in that."""
    nodes, results = sketch.nodes, ends(sketch.graph)
    for id_ in [id_ for id_ in results if id_ not in nodes]:
        detail = f"The result is “{id_}”, which is not there. Choose another."
        sketch.wrong("unknown_node", detail, node=id_, field="results")
    finding = [id_ for id_ in results if id_ in nodes and nodes[id_].kind != ITEMS]
    if not finding:
        sketch.wrong("no_result", "Nothing comes out of the pipeline. End it with a detector or an operator.")
        return
    for id_ in sketch.graph.results:
        if id_ in nodes and nodes[id_].kind == ITEMS:
            sketch.wrong(
                "wrong_type", "Items are no result. Choose a node that finds something.", node=id_, field="results"
            )
    forth, back = defaultdict(set), defaultdict(set)
    for edge in sketch.graph.edges:
        forth[edge.source].add(edge.target)
        back[edge.target].add(edge.source)
    begun = walked(names(node for node in nodes.values() if node.kind == ITEMS), forth)
    used = walked(set(finding), back)
    for id_ in nodes:
        if id_ not in begun:
            detail = f"No items reach {sketch.called(id_)}. Connect it, or remove it."
            sketch.wrong("unreachable", detail, node=id_)
        elif id_ not in used:
            sketch.wrong(
                "unreachable", f"{sketch.called(id_)} leads to no result. Connect it to one, or remove it.", node=id_
            )


def walked(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    seen, waiting = set(start), list(start)
    while waiting:
        new = ways.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def name_labels(sketch: Sketch, order: tuple[str, ...], known: frozenset[str]) -> None:
    """Names that the project doesn't have are told where they are given; results of which none fits, at the result."""
    giving: dict[str, Labels] = {}
    for id_ in order:
        if id_ not in sketch.steps:
            continue
        of = {port: [giving.get(edge.source) for edge in feeds] for port, feeds in sketch.feeds[id_].items()}
        giving[id_] = sketch.steps[id_].labels(of)
        if isinstance(step := sketch.steps[id_], MapLabels):
            for name in sorted(set(step.config.labels.values()) - known):
                detail = f"No label “{name}” in this project. Choose one that is there, or make it."
                sketch.wrong("unknown_label", detail, node=id_, field="labels", labels=(name,))
    for id_ in ends(sketch.graph):
        some = giving[id_]
        if some is not None and not some & known and sketch.nodes[id_].kind != "map_labels":
            few = ", ".join(f"“{name}”" for name in sorted(some)[:3]) or "nothing"
            detail = f"{sketch.called(id_)} gives {few}, and the project has no such label. Put “Map labels” after it."
            sketch.wrong("unknown_label", detail, node=id_, labels=tuple(sorted(some)))


def planned(sketch: Sketch, order: tuple[str, ...], kind: Kind) -> Plan:
    (items,) = sketch.items
    hashes = {items: digest([ENGINE, ITEMS, kind])}
    inputs = {}
    steps = [id_ for id_ in order if id_ in sketch.steps]
    for id_ in steps:
        inputs[id_] = {
            port: tuple(sorted(((edge.source, edge.weight) for edge in feeds), key=lambda one: (hashes[one[0]], one)))
            for port, feeds in sorted(sketch.feeds[id_].items())
        }
        fed = [[port, [[hashes[source], weight] for source, weight in some]] for port, some in inputs[id_].items()]
        hashes[id_] = digest([ENGINE, sketch.nodes[id_].kind, sketch.steps[id_].config, fed])
    called = {id_: sketch.called(id_) for id_ in sketch.nodes}
    return Plan(kind, called, tuple(steps), sketch.steps, inputs, hashes, ends(sketch.graph), items)


def digest(value: object) -> str:
    return sha256(encoded(value)).hexdigest()
