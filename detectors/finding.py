"""One detector on all of a project's items, without a graph: as a pipeline of that one alone."""

from collections.abc import Collection, Mapping
from typing import Any

from detectors import adding, arriving, graphs, running, saving, storing
from detectors.adding import Ready
from detectors.backends import keeping
from detectors.backends.detector import BackEndDetector
from detectors.forms import weights_wanted
from detectors.kinds.onnx.told import KINDS
from detectors.kinds.registry import Listed
from detectors.models import Run
from projects.access import get_project
from projects.errors import Invalid
from projects.models import ItemKind, Project, Role, User
from projects.services import labels

SHAPES = {ItemKind.IMAGE: ["rectangle", "polygon"], ItemKind.TEXT: ["span"]}
TAGS = {"onnx_classifier": ["tag"]}  # which find no places
BY_HAND = {"template"}  # whose configuration nobody writes
BACK_ENDS = {"backend", "text_backend"}


def choices(project: Project) -> list[Listed]:
    """Those that look at what the project has, and have the files, or the server, that they work with."""
    there = set(project.items.filter(trashed_at=None).order_by().values_list("kind", flat=True).distinct())
    files = set(storing.weights_of(project).order_by().values_list("kind", flat=True).distinct())
    out = BY_HAND if keeping.of_project(project).exists() else BY_HAND | BACK_ENDS
    found = [one for one in graphs.kinds() if one.name not in {*out, *KINDS} and weights_wanted(one.schema) <= files]
    return [one for one in [*adding.ready(project), *found] if one.takes in there]


def start(
    user: User,
    project_id: int,
    name: str,
    config: Mapping[str, Any],
    *,
    items: Collection[int] | None = None,
    query: str = "",
    goes_on: bool = False,
) -> Run:
    """Run it on all items that it can look at, or on some, and with `goes_on` on each that is added. Labels that it
    gives and the project has not are made."""
    project = get_project(user, project_id, Role.MANAGER)
    kind = next((one for one in choices(project) if one.name == name), None)
    if kind is None or kind.takes is None:
        raise Invalid("Choose a detector that looks at what the project has.", fields={"kind": "unknown"})
    config = {one: value.strip() if one == "label" else value for one, value in config.items()}
    if isinstance(kind, Ready):
        name, config = kind.kind, {**kind.config, **config}
    about = graphs.about(name, config, saving.whose(project))
    if isinstance(about, BackEndDetector):
        keeping.begin(about)
    if items is not None and not project.items.filter(pk__in=items, kind=kind.takes, trashed_at=None).exists():
        raise Invalid(f"There is no {kind.takes} to run it on. Add some, or choose others.", fields={"items": "none"})
    known = saving.labels_of(project)
    if missing := [label for label in about.finds if label not in known]:
        labels.add_several(user, project_id, names=missing, shapes=TAGS.get(name) or SHAPES[ItemKind(kind.takes)])
    title = kind.title if isinstance(kind, Ready) else about.title
    title = f"{kind.title}: {config['label']}" if config.get("label") else title
    graph = {
        "nodes": [
            {"id": "items", "kind": "items", "config": {"of": kind.takes}},
            {"id": name, "kind": name, "config": config},
        ],
        "edges": [{"source": "items", "target": name}],
    }
    version = saving.save(user, project_id, name=title[: saving.MAX_NAME], graph=graph)
    if goes_on:
        arriving.go_on(user, version.pipeline_id, True)
    return running.start(user, version.pipeline_id, items, query=query)
