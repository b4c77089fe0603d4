"""What tests ask of the grid, and do to many of its items."""

from uuid import uuid4

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.operations import Request, perform
from tests.clients import client_of


def draw(user, item, label, shape):
    """An annotation of the person's, through the door."""
    create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=shape)
    sheet = sheet_of(item, user).pk
    [outcome] = perform(sheet, [Request(user.pk, Apply(sheet, Batch(uuid4(), uuid4(), [create])))])
    return outcome.changes[0].record.id


def ask(user, project, **asked):
    answer = client_of(user).get(f"/api/projects/{project.pk}/grid/", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def found(user, project, **asked):
    return [card["id"] for card in ask(user, project, **asked)["items"]]


def do(user, project, kind, items, /, **values):
    body = {"type": kind, "id": str(uuid4()), "items": [item.pk for item in items], **values}
    answer = client_of(user).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()
