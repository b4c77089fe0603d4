"""What tests of moving ask and look at."""

from uuid import uuid4

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Update
from annotator.models import Annotation
from annotator.operations import Request, perform
from annotator.shapes import Rectangle
from tests.clients import client_of

BOX = Rectangle(10, 10, 50, 40)
COLOUR = {"id": "colour", "name": "Colour", "kind": "choice", "options": ["red", "blue"]}


def preview(user, project, into, items):
    body = {"project": into.pk, "items": [item.pk for item in items]}
    return client_of(user).post(f"/api/projects/{project.pk}/moving/", body, content_type="application/json")


def standing(item):
    rows = Annotation.objects.filter(sheet__item=item, deleted=False).order_by("created_at")
    return list(rows.values_list("label__name", "label__project", "attributes"))


def value(user, item, annotation, **values):
    sheet = sheet_of(item, user).pk
    update = Update(id=uuid4(), annotation=annotation, attributes=values)
    perform(sheet, [Request(user.pk, Apply(sheet, Batch(uuid4(), uuid4(), [update])))])


def define(label, *attributes):
    """As it is defined now, whatever values are there."""
    label.attributes = list(attributes)
    label.save()
