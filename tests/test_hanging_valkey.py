"""Valkey is there, and does not answer."""

import signal
from uuid import uuid4

import pytest

from annotator.models import Sheet
from tests.cast import photo
from tests.live import create
from tests.services import SERVICES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hanging(pytestconfig):
    valkey = pytestconfig.stash[SERVICES].valkey.part
    valkey.signal(signal.SIGSTOP)
    yield
    valkey.signal(signal.SIGCONT)


def test_what_is_written_over_http_is_done_and_answered(owner, project, alice, hanging):
    sheet = Sheet.objects.create(item=photo(project, alice))
    path = f"/api/projects/{project.pk}/labels/"

    made = owner.post(path, {"name": "Face"}, content_type="application/json")
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create(made.json()["id"])]}
    drawn = owner.post(f"/api/sheets/{sheet.pk}/operations/", batch, content_type="application/json")

    assert (made.status_code, drawn.status_code) == (201, 200)
    assert sheet.annotations.count() == 1
