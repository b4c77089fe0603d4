"""What a pipeline is made of: nodes, and edges from node to node. Kept as JSON."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

import msgspec

VERSION = 1  # readers upgrade on read
MOST_NODES = 200
MOST_EDGES = 2_000
MOST_BYTES = 32_000_000  # a detector's examples may be pictures
DEEPEST = 32
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Name = Annotated[str, msgspec.Meta(max_length=64)]
Number = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
T = TypeVar("T")


class Mistake(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong, where, and what to do. Of node, port and field those are said that it is about, and which labels
    the project lacks."""

    code: str
    detail: str
    node: str = ""
    port: str = ""
    field: str = ""
    labels: tuple[str, ...] = ()


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`kind` names an operator (steps.OPERATORS), the items, or a detector. Title and place are for people alone."""

    id: Id
    kind: Name
    config: dict[str, Any] = {}
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    x: Number = 0
    y: Number = 0


class Edge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From a node's output to another's input. `weight` counts where boxes are fused."""

    source: Name
    target: Name
    input: Name = "in"
    output: Name = "out"
    weight: Annotated[float, msgspec.Meta(gt=0, le=1_000)] = 1


class Graph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`results` are the nodes whose finds become predictions; when none is named, those that nothing comes after."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    results: tuple[Name, ...] = ()
    v: int = VERSION


def read(data: bytes | str) -> tuple[Graph | None, list[Mistake]]:
    """The graph that a JSON text holds, or all that is wrong with the text. Whether it fits together says checking."""
    if len(data) > MOST_BYTES:
        return None, [Mistake("too_large", f"A pipeline has at most {MOST_BYTES:,} bytes. Take nodes out.")]
    try:
        told = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None, [Mistake("not_json", "The pipeline is no JSON that can be read. Send it as it was exported.")]
    if deeper(told, DEEPEST):
        return None, [Mistake("too_deep", f"A pipeline is nested {DEEPEST} levels deep at most. Make it flatter.")]
    if NUL.search(msgspec.json.encode(told)):
        return None, [Mistake("nul", "The pipeline holds a NUL character. Remove it.")]
    return built(told)


def deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not levels or any(deeper(one, levels - 1) for one in inner)


def built(told: Any) -> tuple[Graph | None, list[Mistake]]:
    if not isinstance(told, dict):
        return None, [Mistake("not_a_pipeline", 'A pipeline is an object with "nodes" and "edges". Send one.')]
    if told.get("v", VERSION) != VERSION:
        return None, [Mistake("version", f"This server reads pipelines of version {VERSION}. Save it anew.", field="v")]
    mistakes: list[Mistake] = []
    unknown = sorted(set(told) - set(Graph.__struct_fields__))
    mistakes += [Mistake("unknown_field", f"A pipeline has no “{name}”. Remove it.", field=name) for name in unknown]
    nodes = each(told, "nodes", Node, MOST_NODES, mistakes)
    edges = each(told, "edges", Edge, MOST_EDGES, mistakes)
    results = each(told, "results", Name, MOST_NODES, mistakes)
    return (None, mistakes) if mistakes else (Graph(tuple(nodes), tuple(edges), tuple(results)), [])


def each(told: dict[str, Any], field: str, of: Any, most: int, mistakes: list[Mistake]) -> list[Any]:
    """Those that can be read; of each other what is wrong with it."""
    rows = told.get(field, [])
    if not isinstance(rows, list):
        mistakes.append(Mistake("wrong_value", f"“{field}” must be a list. Write one in brackets.", field=field))
        return []
    if len(rows) > most:
        mistakes.append(Mistake("too_many", f"A pipeline has at most {most:,} {field}. Take some out.", field=field))
        return []
    read = []
    for at, row in enumerate(rows):
        try:
            read.append(msgspec.convert(row, of))
        except msgspec.ValidationError as error:
            where = f"{field}.{at}"
            id_ = row.get("id") if field == "nodes" and isinstance(row, dict) else None
            detail = f"{where} cannot be read: {error}. Mend or remove it."
            mistakes.append(Mistake("wrong_value", detail, node=id_ if isinstance(id_, str) else "", field=where))
    return read


def write(graph: Graph) -> bytes:
    """As JSON, which `read` reads back the same."""
    return msgspec.json.encode(graph)


def canonical(graph: Graph) -> bytes:
    """The same bytes for the same pipeline, in whatever order its parts are told and wherever they stand on the canvas.
    Whether two do the same though their nodes have other names, tell the hashes of a plan."""
    nodes = [[node.id, node.kind, node.config] for node in sorted(graph.nodes, key=lambda node: node.id)]
    edges = sorted(msgspec.structs.astuple(edge) for edge in graph.edges)
    return encoded([graph.v, nodes, edges, sorted(set(graph.results))])


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def ends(graph: Graph) -> tuple[str, ...]:
    """The nodes whose finds become predictions, in the order in which predictions are numbered."""
    return tuple(sorted(set(graph.results) or names(graph.nodes) - {edge.source for edge in graph.edges}))


def names(nodes: Iterable[Node]) -> set[str]:
    return {node.id for node in nodes}
