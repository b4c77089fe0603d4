"""The browser's half of the live session, in Node, against two real web processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from django.conf import settings

from annotator.models import Annotation, Operation, Sheet
from annotator.reading import read
from projects.models import Project, User
from tests.cast import photo
from tests.clients import session_of
from tests.servers import Servers

BIN = Path(sys.executable).parent


def at(url: str, user: User) -> dict[str, object]:
    """How Node comes in as a signed-in browser does."""
    cookie = f"{settings.SESSION_COOKIE_NAME}={session_of(user)}"
    return {"user": user.pk, "url": url.replace("http", "ws") + "/ws/", "headers": {"cookie": cookie, "origin": url}}


@pytest.mark.parametrize("seed", [1, 2])
def test_two_clients_that_are_cut_off_now_and_then_end_with_what_the_database_holds(
    servers: Servers, project: Project, alice: User, bob: User, tmp_path: Path, seed: int
) -> None:
    label = project.labels.create(
        name="Face",
        color="#f4b740",
        shapes=["rectangle"],
        attributes=[{"id": "note", "name": "Note", "kind": "text"}],
    )
    sheet = Sheet.objects.create(item=photo(project, alice))
    screens = tmp_path / "screens.json"
    people = [at(servers.urls[0], alice), at(servers.urls[1], bob)]
    place = {
        "sheet": sheet.pk,
        "project": project.pk,
        "label": label.pk,
        "people": people,
        "screens": str(screens),
        "seed": seed,
        "acts": 250,
    }

    done = subprocess.run(
        [BIN / "npx", "vitest", "run", "--config", "static/live/testing/vitest.config.ts"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"LIVE_PLACE": json.dumps(place), "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr

    seen = json.loads(screens.read_text())
    stored = read(sheet.pk)
    assert seen["clock"] == stored.clock
    assert seen["records"] == sorted(msgspec.to_builtins(stored.records), key=lambda record: record["id"])
    assert len(seen["records"]) == Annotation.objects.filter(sheet=sheet, deleted=False).count() > 10
    assert set(Operation.objects.filter(sheet=sheet).values_list("actor_id", flat=True)) == {alice.pk, bob.pk}
