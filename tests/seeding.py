"""People, sheets and sessions in a database that is not the tests' own."""

from typing import NamedTuple

from tests.services import manage

SCRIPT = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from annotator.models import Sheet
from projects.models import *

project = Project.objects.create(name="Load")
label = project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
users = [User.objects.create(username=f"load{{project.pk}}-{{n}}", name=f"Person {{n}}") for n in range({people})]
project.memberships.bulk_create([Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users])
sheets = []
for n in range({sheets}):
    media = Media.objects.create(sha256=f"{{project.pk:032}}{{n:032}}", content_type="image/png", size=1,
                                 width=4000, height=3000)
    item = project.items.create(kind="image", name="photo", media=media, width=4000, height=3000, created_by=users[0])
    sheets.append(Sheet.objects.create(item=item).pk)
print(label.pk)
print(*sheets)
for user in users:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(session.session_key, end=" ")
"""


class Seeded(NamedTuple):
    label: int
    sheets: list[int]
    sessions: list[str]


def seed(env: dict[str, str], *, people: int, sheets: int) -> Seeded:
    """A project with so many annotators, signed in, and so many photos with a sheet each."""
    script = SCRIPT.format(people=people, sheets=sheets)
    label, numbers, sessions = manage(env, "shell", "--verbosity=0", "-c", script).split("\n")
    return Seeded(int(label), [int(number) for number in numbers.split()], sessions.split())
