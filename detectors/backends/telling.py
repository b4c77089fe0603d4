"""What a back end is told: how the project's labels are called, and the things that it shall look at."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from detectors.found import Kind
from projects.errors import Invalid
from projects.models import Label, Project

CONTROLS = {  # by shape, what Label Studio calls it and each of its labels
    "image": {"rectangle": ("RectangleLabels", "Label"), "polygon": ("PolygonLabels", "Label")},
    "text": {"span": ("Labels", "Label")},
}
TAG = ("Choices", "Choice")
THING = {"image": "Image", "text": "Text"}
NO_LABELS = "The project has no label for {kind}s, and the back end is asked for those. Make one first."


def controls(kind: Kind, labels: Sequence[Label]) -> dict[str, list[Label]]:
    """By shape, which is also what the control is called, the labels that take it."""
    found = {shape: [label for label in labels if shape in label.shapes] for shape in (*CONTROLS[kind], "tag")}
    return {shape: some for shape, some in found.items() if some}


def label_config(kind: Kind, labels: Sequence[Label]) -> str:
    """As Label Studio describes a project. Raises Invalid where there is nothing to ask for."""
    view = Element("View")
    SubElement(view, THING[kind], name=kind, value=f"${kind}")
    found = controls(kind, labels)
    if not found:
        raise Invalid(NO_LABELS.format(kind=kind), code="no_labels")
    for shape, some in found.items():
        control, of_one = CONTROLS[kind].get(shape, TAG)
        about = {"choice": "multiple"} if shape == "tag" else {"smart": "true"}
        parent = SubElement(view, control, {"name": shape, "toName": kind, **about})
        for label in some:
            SubElement(parent, of_one, value=label.name, background=label.color)
    return tostring(view, encoding="unicode")


def key_of(project: Project) -> str:
    """As Label Studio names a project."""
    return f"{project.pk}.{int(project.created_at.timestamp())}"


def task(number: int, kind: Kind, thing: str, project: Project) -> dict[str, object]:
    """An image goes by its address, or is there as a whole."""
    return {
        "id": number,
        "data": {kind: thing},
        "meta": {},
        "project": project.pk,
        "is_labeled": False,
        "annotations": [],
        "predictions": [],
    }
