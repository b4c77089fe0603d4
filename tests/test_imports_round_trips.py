"""What we export we import back unchanged, whatever stands in the project."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from annotator.formats import load
from annotator.formats.contents import Contents
from annotator.models import Annotation, Sheet, Status
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects.models import Item, Project, Role, User
from projects.names import cleaned
from projects.services import assigning
from tests.cast import photo, text
from tests.exports import draw
from tests.imports import imported

pytestmark = pytest.mark.django_db

WIDTH, HEIGHT = 800, 600
law = settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

words = st.text(
    st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("👩‍👩‍👧é ש\n\r\t東")),
    min_size=1,
    max_size=60,
)
number = st.floats(0, 300, allow_nan=False)
reasons = words.map(str.strip).filter(bool)
rectangles = st.builds(Rectangle, number, number, st.floats(0.5, 250), st.floats(0.5, 250))
triangles = st.tuples(number, number, st.floats(1, 200), st.floats(1, 200)).map(
    lambda t: Polygon([(t[0], t[1]), (t[0] + t[2], t[1]), (t[0], t[1] + t[3])])
)
values = st.fixed_dictionaries(
    {},
    optional={
        "colour": st.sampled_from(["Red", "Blue"]),
        "price": st.floats(0, 99),
        "full": st.booleans(),
        "note": words,
    },
)
ATTRIBUTES = [
    {"id": "colour", "name": "Its colour", "kind": "choice", "options": ["Red", "Blue"]},
    {"id": "price", "name": "Price", "kind": "number", "options": []},
    {"id": "full", "name": "Is full", "kind": "checkbox", "options": []},
    {"id": "note", "name": "Note ☕", "kind": "text", "options": []},
]


def begun(owner: User) -> Project:
    project = Project.objects.create(name="Kitchen")
    project.memberships.create(user=owner, role=Role.OWNER)
    return project


def exported(project: Project, user: User, name: str) -> bytes:
    return b"".join(load(name).write(Contents(project, user)))


def standing(project: Project) -> list[tuple[Any, ...]]:
    """Everything that people see, without who and when."""
    rows = Annotation.objects.filter(sheet__item__project=project, deleted=False).select_related("label", "sheet__item")
    found = []
    for row in rows:
        names = {one["id"]: one["name"] for one in row.label.attributes}
        attributes = sorted((names[name], value) for name, value in row.attributes.items())
        shape = sorted(row.shape.items())
        found.append((row.sheet.item.name, row.sheet.item.text, row.label.name, repr(shape), repr(attributes)))
    return sorted(found, key=repr)


@law
@given(drawn=st.lists(st.tuples(st.integers(0, 1), rectangles | triangles | st.just(Tag()), values), max_size=6))
def test_coco_but_for_tags(alice, drawn):
    project, other = begun(alice), begun(alice)
    label = project.labels.create(
        name="Cup ☕", color="#336699", shapes=["rectangle", "polygon", "tag"], attributes=ATTRIBUTES
    )
    photos = [named(photo(project, alice, width=WIDTH, height=HEIGHT), f"photo {n}.png") for n in range(2)]
    for n in range(2):
        named(photo(other, alice, width=WIDTH, height=HEIGHT), f"photo {n}.png")
    for n, shape, attributes in drawn:
        draw(photos[n], alice, (label, shape, attributes))

    report = imported(alice, other, {"annotations.json": exported(project, alice, "coco")})

    assert report["problems"] == []
    Annotation.objects.filter(sheet__item__project=project, shape__type="tag").delete()
    assert standing(other) == standing(project)


@law
@given(
    content=words,
    data=st.data(),
    drawn=st.lists(st.tuples(rectangles | triangles, values), max_size=4),
    status=st.sampled_from(Status.values),
    reason=reasons,
    unsure=st.booleans(),
    guidelines=st.tuples(reasons, reasons),
    assigned=st.booleans(),
)
def test_json_lines(alice, content, data, drawn, status, reason, unsure, guidelines, assigned):
    project, other = begun(alice), begun(alice)
    project.guidelines = guidelines[0]
    project.save()
    label = project.labels.create(
        name="Cup ☕",
        color="#336699",
        hotkey="c",
        shapes=["rectangle", "polygon", "span", "tag"],
        attributes=ATTRIBUTES,
        guidelines=guidelines[1],
    )
    image = named(photo(project, alice, width=WIDTH, height=HEIGHT), "photo.png")
    named(photo(other, alice, width=WIDTH, height=HEIGHT), "photo.png")
    letter = text(project, alice, content)
    for shape, attributes in drawn:
        draw(image, alice, (label, shape, attributes))
    for start, end in data.draw(spans_of(content)):
        draw(letter, alice, (label, Span(start, end, content[start:end])))
    draw(letter, alice, (label, Tag()))
    reason = reason if status in ("skipped", "returned") else ""
    Sheet.objects.filter(item=letter).update(status=status, reason=reason, unsure=unsure)
    Item.objects.filter(pk=letter.pk).update(assignee=alice if assigned else None)
    body = exported(project, alice, "jsonl")

    report = imported(alice, other, {"annotations.jsonl": body})

    assert report["problems"] == []
    assert standing(other) == standing(project)
    kept = ("name", "color", "hotkey", "shapes", "attributes", "guidelines")
    assert other.labels.values(*kept).get() == project.labels.values(*kept).get()
    sheet = Sheet.objects.get(item__project=other, item__kind="text")
    worked = "in_progress" if status == "todo" else status
    assert (sheet.status, sheet.reason, sheet.unsure) == (worked, reason, unsure)
    assert Project.objects.get(pk=other.pk).guidelines == guidelines[0]
    assert other.items.get(kind="text").assignee == (alice if assigned else None)
    assert imported(alice, other, {"annotations.jsonl": body})["made"] == {}


def test_json_lines_leave_the_guidelines_of_a_project_and_whose_its_items_are(alice, bob):
    project, other = begun(alice), begun(alice)
    for one, said in ((project, "theirs"), (other, "ours")):
        one.guidelines = said
        one.save()
        one.labels.create(name="Cup", color="#336699", shapes=["tag"], guidelines=said)
        one.memberships.create(user=bob, role=Role.ANNOTATOR)
    held, left = (named(text(project, alice, name), name) for name in ("held", "left"))
    Item.objects.filter(pk__in=[held.pk, left.pk]).update(assignee=bob)
    taken = named(text(other, alice, "held"), "held")
    Item.objects.filter(pk=taken.pk).update(assignee=alice)
    body = exported(project, alice, "jsonl").replace(b'"name":"Bob"', b'"name":"Nobody"')

    imported(alice, other, {"a.jsonl": exported(project, alice, "jsonl")})
    report = imported(alice, begun(alice), {"a.jsonl": body})

    other.refresh_from_db()
    assert (other.guidelines, other.labels.get().guidelines) == ("ours", "ours")
    assert dict(other.items.values_list("name", "assignee__username")) == {"held": "alice", "left": "bob"}
    assert "2 items are nobody's here: no member who annotates has the name of whose they were." in report["lost"]

    assigning.assign_many(alice, other.pk, [other.items.get(name="left").pk], None, action=uuid4())
    imported(alice, other, {"a.jsonl": exported(project, alice, "jsonl")})
    assert other.items.get(name="left").assignee is None


@law
@given(content=words, data=st.data())
def test_conll_keeps_words_and_marks(alice, content, data):
    project, other = begun(alice), begun(alice)
    labels = [project.labels.create(name=name, color="#336699", shapes=["span"]) for name in ("Place", "Person")]
    letter = text(project, alice, content)
    for n, (start, end) in enumerate(data.draw(spans_of(content))):
        draw(letter, alice, (labels[n % 2], Span(start, end, content[start:end])))
    body = exported(project, alice, "conll")

    report = imported(alice, other, {"annotations.conll": body})

    assert report["problems"] == []
    assert exported(other, alice, "conll") == (body if other.items.exists() else b"")


@law
@given(drawn=st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), rectangles | triangles), max_size=6))
def test_yolo_to_a_billionth_of_a_pixel(alice, drawn):
    project, other, photos = two_with_photos(alice)
    labels = [
        project.labels.create(name=name, color="#336699", shapes=["rectangle", "polygon"])
        for name in ("Cup ☕", "no: 'yes' #1")
    ]
    for n, label, shape in drawn:
        draw(photos[n], alice, (labels[label], shape))

    report = imported(alice, other, {"annotations.zip": exported(project, alice, "yolo")})

    assert report["problems"] == []
    assert_same(project, other)


@law
@given(drawn=st.lists(st.tuples(st.integers(0, 1), rectangles, st.booleans()), max_size=6))
def test_voc_with_what_is_difficult(alice, drawn):
    project, other, photos = two_with_photos(alice)
    difficult = {"id": "d", "name": "difficult", "kind": "checkbox", "options": []}
    label = project.labels.create(name="Cup <☕>", color="#336699", shapes=["rectangle"], attributes=[difficult])
    for n, shape, is_difficult in drawn:
        draw(photos[n], alice, (label, shape, {"d": True} if is_difficult else {}))

    report = imported(alice, other, {"annotations.zip": exported(project, alice, "voc")})

    assert report["problems"] == []
    assert_same(project, other)


@law
@given(content=words, data=st.data(), tagged=st.booleans())
def test_doccano(alice, content, data, tagged):
    project, other = begun(alice), begun(alice)
    labels = [project.labels.create(name=name, color="#336699", shapes=["span", "tag"]) for name in ("Ort", "Name")]
    letter = text(project, alice, content)
    for n, (start, end) in enumerate(data.draw(spans_of(content))):
        draw(letter, alice, (labels[n % 2], Span(start, end, content[start:end])))
    if tagged:
        draw(letter, alice, (labels[0], Tag()))

    report = imported(alice, other, {"annotations.jsonl": exported(project, alice, "doccano")})

    assert report["problems"] == []
    assert [row[1:] for row in standing(other)] == [row[1:] for row in standing(project)]


labels = reasons.map(cleaned).filter(bool)


@law
@given(
    content=words.filter(str.strip),
    names=st.lists(labels, min_size=3, max_size=3, unique=True),
    on_photo=st.lists(st.tuples(st.integers(0, 2), values), max_size=3, unique_by=lambda one: one[0]),
    on_text=st.lists(st.tuples(st.integers(0, 2), values), max_size=3, unique_by=lambda one: one[0]),
)
def test_csv_of_tags(alice, content, names, on_photo, on_text):
    project, other, photos = two_with_photos(alice)
    names = [f"[{names[0]}", *names[1:]]  # as a list of several begins
    made = [
        project.labels.create(name=name, color="#336699", shapes=["tag"], attributes=ATTRIBUTES)
        for name in dict.fromkeys(names)
    ]
    letter = text(project, alice, content)
    for item, drawn in ((photos[0], on_photo), (letter, on_text)):
        for n, attributes in drawn:
            if n < len(made):
                draw(item, alice, (made[n], Tag(), attributes))
    body = exported(project, alice, "tags")

    report = imported(alice, other, {"tags.csv": body})

    assert report["problems"] == []
    assert standing(other) == standing(project)
    assert exported(other, alice, "tags") == body
    assert imported(alice, other, {"tags.csv": body})["made"] == {}


def two_with_photos(owner: User) -> tuple[Project, Project, list[Item]]:
    """Two projects with the same two photos, and those of the first."""
    projects = begun(owner), begun(owner)
    photos = [
        [named(photo(project, owner, width=WIDTH, height=HEIGHT), f"photo {n}.png") for n in range(2)]
        for project in projects
    ]
    return *projects, photos[0]


def numbers(project: Project) -> tuple[list[tuple[Any, ...]], list[float]]:
    """What stands, in its order, and the coordinates of all."""
    rows = Annotation.objects.filter(sheet__item__project=project, deleted=False).select_related("label", "sheet__item")
    rows = rows.order_by("sheet__item__name", "clock")
    named = [(row.sheet.item.name, row.label.name, sorted(row.attributes.values())) for row in rows]
    return named, [number for row in rows for number in coordinates(row.shape)]


def coordinates(shape: dict[str, Any]) -> list[float]:
    corners = shape.get("points") or [[shape["x"], shape["y"]], [shape["width"], shape["height"]]]
    return [number for corner in corners for number in corner]


def assert_same(project: Project, other: Project) -> None:
    """But for how exact arithmetic is: numbers are divided and multiplied again."""
    (named, here), (others, there) = numbers(project), numbers(other)
    assert others == named
    assert there == pytest.approx(here, abs=1e-6)


def spans_of(content: str) -> st.SearchStrategy[list[tuple[int, int]]]:
    one = st.tuples(st.integers(0, len(content)), st.integers(0, len(content))).filter(lambda pair: pair[0] < pair[1])
    return st.lists(one, max_size=4, unique=True)


def named(item: Item, name: str) -> Item:
    item.name = name
    item.save()
    return item
