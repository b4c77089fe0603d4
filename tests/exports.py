"""Annotations as people make them, and downloads of them."""

from uuid import uuid4

from asgiref.sync import async_to_sync

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.operations import Request, perform
from annotator.shapes.span import Span


def make_label(project, name, *shapes, attributes=()):
    return project.labels.create(name=name, color="#f4b740", shapes=list(shapes), attributes=list(attributes))


def make_car(project):
    colour = {"id": "colour", "name": "Colour", "kind": "text", "options": []}
    return make_label(project, "Car", "rectangle", "polygon", attributes=[colour])


def draw(item, person, *drawn):
    """Annotations as people make them; each is (label, shape) or (label, shape, attributes)."""
    made = [Create(uuid4(), uuid4(), label.pk, shape, *rest) for label, shape, *rest in drawn]
    change(item, person, *made)
    return [one.annotation for one in made]


def change(item, person, *operations):
    sheet = sheet_of(item, person).pk
    perform(sheet, [Request(person.pk, Apply(sheet, Batch(uuid4(), uuid4(), list(operations))), "person")])


def mark(item, words):
    start = item.text.index(words)
    return Span(start, start + len(words), words)


def download(client, user, project, name, **options):
    client.force_login(user)
    response = client.get(f"/api/projects/{project.pk}/export/", {"format": name, **options})
    return response, async_to_sync(collect)(response)


async def collect(response):
    return b"".join([piece async for piece in response])


def losses(client, user, project, name):
    client.force_login(user)
    formats = {one["id"]: one for one in client.get(f"/api/projects/{project.pk}/formats/").json()}
    return formats[name]["loses"]
