"""The first of the demos: real photos that ship inside packages, texts of ours, and a first few annotations by two
people."""

from importlib.resources import files
from typing import Any, NamedTuple

from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.demo.building import Said, added, begun, say
from annotator.shapes import Shape
from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from annotator.shapes.span import Span
from annotator.shapes.tag import Tag
from projects.models import Item, Project, Role, User

NAME = "Welcome"

GUIDELINES = """\
Photos: draw a box around every person, animal, vehicle, building and flower. \
Where a box would hold mostly something else, draw a polygon. Say how much of it is hidden.

Texts: mark people, organisations, places and dates. \
A name within a name gets its own mark: “Los Angeles” inside “University of California, Los Angeles”.

In doubt, put the tag “Second look” on the item and go on. \
Two people may work on the same item at the same time: nothing gets lost."""

OCCLUDED = {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly", "Mostly"]}

LABELS: list[dict[str, Any]] = [
    {
        "name": "Person",
        "color": "#f4b740",
        "hotkey": "1",
        "shapes": ["rectangle", "polygon", "span"],
        "attributes": [OCCLUDED, {"id": "looks", "name": "Looks at the camera", "kind": "checkbox"}],
    },
    {
        "name": "Animal",
        "color": "#ff9d5c",
        "hotkey": "2",
        "shapes": ["rectangle", "polygon"],
        "attributes": [OCCLUDED, {"id": "species", "name": "Species", "kind": "text"}],
    },
    {
        "name": "Vehicle",
        "color": "#5ec8ff",
        "hotkey": "3",
        "shapes": ["rectangle", "polygon"],
        "attributes": [OCCLUDED],
    },
    {
        "name": "Building",
        "color": "#c48bff",
        "hotkey": "4",
        "shapes": ["rectangle", "polygon"],
        "attributes": [{"id": "floors", "name": "Floors", "kind": "number"}],
    },
    {"name": "Flower", "color": "#ff6b8b", "hotkey": "5", "shapes": ["rectangle", "polygon"], "attributes": []},
    {"name": "Organisation", "color": "#8fa3ff", "hotkey": "6", "shapes": ["span"], "attributes": []},
    {"name": "Place", "color": "#9be36b", "hotkey": "7", "shapes": ["span"], "attributes": []},
    {"name": "Date", "color": "#3fd0c0", "hotkey": "8", "shapes": ["span"], "attributes": []},
    {"name": "Outdoors", "color": "#b6c23a", "hotkey": "o", "shapes": ["tag"], "attributes": []},
    {"name": "Second look", "color": "#d9b38c", "hotkey": "l", "shapes": ["tag"], "attributes": []},
]

# name, package, path in it
PHOTOS = [
    ("astronaut.png", "skimage", "data/astronaut.png"),
    ("pagoda.jpg", "sklearn.datasets", "images/china.jpg"),
    ("coffee.png", "skimage", "data/coffee.png"),
    ("cat.png", "skimage", "data/chelsea.png"),
    ("dahlia.jpg", "sklearn.datasets", "images/flower.jpg"),
    ("motorcycle.png", "skimage", "data/motorcycle_left.png"),
    ("rocket.jpg", "skimage", "data/rocket.jpg"),
    ("coins.png", "skimage", "data/coins.png"),
    ("galaxies.jpg", "skimage", "data/hubble_deep_field.jpg"),
]


class Drawn(NamedTuple):
    """`by` counts through owner and annotator; a text's mark is given by its words."""

    by: int
    label: str
    shape: Shape | str
    attributes: dict[str, Any] = {}


ANNOTATIONS: dict[str, list[Drawn]] = {
    "astronaut.png": [
        Drawn(0, "Person", Rectangle(152, 24, 146, 150), {"occluded": "No", "looks": True}),
        Drawn(
            1,
            "Vehicle",
            Polygon([(394, 12), (420, 0), (446, 28), (456, 190), (470, 282), (374, 284), (354, 222), (380, 190)]),
            {"occluded": "Partly"},
        ),
    ],
    "pagoda.jpg": [
        Drawn(
            1,
            "Building",
            Polygon(
                [(206, 26), (246, 82), (318, 122), (310, 150), (350, 262), (372, 340), (312, 398), (70, 340), (88, 130)]
            ),
            {"floors": 4},
        ),
        Drawn(0, "Outdoors", Tag()),
    ],
    "cat.png": [Drawn(0, "Animal", Rectangle(30, 0, 340, 298), {"species": "cat", "occluded": "Partly"})],
    "dahlia.jpg": [
        Drawn(
            0,
            "Flower",
            Polygon([(310, 84), (400, 124), (446, 212), (420, 300), (318, 358), (220, 320), (170, 206), (225, 110)]),
        ),
        Drawn(1, "Flower", Rectangle(286, 372, 170, 54)),
    ],
    "letter about a kettle.txt": [
        Drawn(0, "Organisation", "Northwind Traders"),
        Drawn(1, "Place", "New York City"),
        Drawn(1, "Place", "New York"),
        Drawn(0, "Date", "3 March"),
        Drawn(0, "Person", "Maria Sørensen"),
    ],
    "launch day 🚀.txt": [
        Drawn(0, "Place", "Kourou"),
        Drawn(1, "Person", "👩🏽‍🚀 Ana"),
        Drawn(1, "Organisation", "ESA"),
    ],
    "מכתב מירושלים.txt": [Drawn(1, "Person", "דנה לוי"), Drawn(1, "Organisation", "הספרייה הלאומית")],
    "names within names.txt": [
        Drawn(0, "Organisation", "University of California, Los Angeles School of Law Library"),
        Drawn(0, "Organisation", "University of California, Los Angeles School of Law"),
        Drawn(0, "Organisation", "University of California, Los Angeles"),
        Drawn(1, "Place", "Los Angeles"),
    ],
}

DONE = {"cat.png", "dahlia.jpg"}


def build(owner: User, company: dict[User, Role]) -> Project:
    begins = begun(owner, company, demo="welcome", name=NAME, guidelines=GUIDELINES, labels=LABELS)
    for item in added(owner, begins.project, [*photos(), *texts()]):
        said = [
            Said(one.by, one.label, shape_on(item, one.shape), one.attributes) for one in ANNOTATIONS.get(item.name, [])
        ]
        if said or item.name in DONE:
            say(begins, {item: said}, done=item.name in DONE)
    return begins.project


def shape_on(item: Item, drawn: Shape | str) -> Shape:
    if not isinstance(drawn, str):
        return drawn
    start = (item.text or "").index(drawn)
    return Span(start, start + len(drawn), drawn)


def photos() -> list[SimpleUploadedFile]:
    found = [(name, files(package).joinpath(path)) for name, package, path in PHOTOS]
    return [SimpleUploadedFile(name, path.read_bytes(), "image/*") for name, path in found]


def texts() -> list[SimpleUploadedFile]:
    found = sorted(files("annotator.demo").joinpath("texts").iterdir(), key=lambda path: path.name)
    return [SimpleUploadedFile(path.name, path.read_bytes(), "text/plain") for path in found]
