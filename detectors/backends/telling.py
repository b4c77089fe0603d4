"""What a back end is told: how the project's labels are called, and the things that it shall look at."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from annotator.shapes import Polygon, Rectangle, Shape, Span
from detectors.found import Kind
from projects.errors import Invalid
from projects.models import Item, Label, Project

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


def region(id_: str, shape: Shape, label: str, item: Item) -> dict[str, object]:
    """Something that is drawn, as Label Studio's editor tells it to one that is interactive."""
    kind: Kind = "text" if isinstance(shape, Span) or item.text is not None else "image"
    about: dict[str, object] = {"id": id_, "to_name": kind}
    value: dict[str, object]
    if kind == "image":
        about |= {"original_width": item.width, "original_height": item.height, "image_rotation": 0}
    width, height = item.width or 1, item.height or 1
    match shape:
        case Rectangle(x, y, wide, high):
            places = (100 * x / width, 100 * y / height, 100 * wide / width, 100 * high / height, 0)
            name, value = "rectangle", dict(zip(("x", "y", "width", "height", "rotation"), places, strict=True))
        case Polygon(points):
            percents = [[100 * x / width, 100 * y / height] for x, y in points]
            name, value = "polygon", {"points": percents, "closed": True}
        case Span(start, end, quote):
            name, value = "span", {"start": start, "end": end, "text": quote}
        case _:
            name, value = "tag", {}
    control = CONTROLS[kind].get(name, TAG)[0].lower()
    return about | {"type": control, "from_name": name, "value": {**value, control: [label]}}
