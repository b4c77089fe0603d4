"""What a graph finds in one item, node by node, for who draws it."""

from typing import Any

import msgspec

from detectors import sandbox, saving
from detectors.found import Found
from detectors.graphs import Carried, ItemError
from detectors.outputs import Outputs
from detectors.pipelines.executing import Tally
from detectors.pipelines.graph import Mistake
from detectors.sandbox import Ended
from projects.access import get_item, get_project
from projects.connections import give_back
from projects.errors import Invalid
from projects.models import Item, Project, Role, User

ALTOGETHER = 10.0  # seconds
WAITS = 1.0  # seconds, while others preview theirs
FEW = 12  # of what a node finds


class Glimpse(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was found: x, y, width and height in pixels, or start and end in code points."""

    shape: str
    label: str
    score: float
    place: list[float]
    ring: list[tuple[float, float]] | None = None


class NodePreview(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a node did: how many it found, and the first of them. A node that was not come to has no count; `ms` is not
    told of what was known already."""

    count: int | None = None
    ms: float | None = None
    found: list[Glimpse] = []
    error: str = ""


class Previewed(msgspec.Struct, frozen=True):
    """By node; or what is wrong with the graph."""

    nodes: dict[str, NodePreview]
    mistakes: list[Mistake] = []


def preview(user: User, project_id: int, graph: Any, item_id: int) -> Previewed:
    """Carry any graph out on one item (managers)."""
    return looked_at(get_project(user, project_id, Role.MANAGER), graph, get_item(user, item_id))


def preview_saved(user: User, pipeline: int, number: int, item_id: int) -> Previewed:
    """The same of what managers have saved, for everyone who sees it."""
    version = saving.get_version(user, pipeline, number=number)
    return looked_at(version.pipeline.project, version.graph, get_item(user, item_id))


def looked_at(project: Project, graph: Any, item: Item) -> Previewed:
    """Within ten seconds, or as far as it came until then; also where the project lacks the labels yet. What nodes find
    is kept, so that a changed step repeats nothing before it. Raises sandbox.Busy while too many do the same."""
    if item.project_id != project.pk:
        raise Invalid("Choose an item of this project.", fields={"item": "elsewhere"})
    told, outline, mistakes = saving.looked_at(project, graph, labelled=False)
    if told is None or outline is None:
        return Previewed({}, mistakes)
    if item.kind != outline.kind:
        raise Invalid(f"The pipeline looks at {outline.kind}s. Open one.", fields={"item": "kind"})
    carried, outputs = Carried(told, outline), Outputs([item.pk], outline.hashes.values())
    give_back()
    with sandbox.child(wait=WAITS) as child:
        try:
            errors = carried.ask(child, [item], outputs, wanted=outline.order, altogether=ALTOGETHER)[item.pk]
        except Ended as error:
            if not error.at:
                raise
            errors = [carried.left_out(item, error)]
    outputs.write()
    return Previewed(drawn(carried, outputs.found(outline, item.pk, outline.order), errors))


def drawn(carried: Carried, found: dict[str, Found], errors: list[ItemError]) -> dict[str, NodePreview]:
    wrong = {error.node: error.detail for error in errors}
    outline = carried.outline
    return {
        node: node_preview(found.get(node), carried.tallies.get(node, Tally()), wrong.get(node, ""))
        for node in (outline.items, *outline.order)
    }


def node_preview(found: Found | None, tally: Tally, wrong: str) -> NodePreview:
    ms = None if tally.cached or not tally.seconds else round(tally.seconds * 1000, 1)
    if found is None:
        return NodePreview(ms=ms, error=wrong)
    return NodePreview(len(found), ms, glimpses(found.take(range(min(len(found), FEW)))), wrong)


def glimpses(found: Found) -> list[Glimpse]:
    rings = found.rings or (None,) * len(found)
    rows = zip(found.shapes.tolist(), found.labels.tolist(), found.scores.tolist(), found.places.tolist(), strict=True)
    return [Glimpse(*row, ring=None if ring is None else ring.tolist()) for row, ring in zip(rows, rings, strict=True)]
