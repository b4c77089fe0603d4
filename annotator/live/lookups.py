"""What the live session asks the database. Everything here blocks and runs in the threads of a pool."""

from collections.abc import Collection
from importlib import import_module

import msgspec
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from annotator.live.connection import Identity, encoded
from annotator.live.order import Frame
from annotator.messages import Joined, Person
from annotator.operations.undoing import stacks
from annotator.reading import caught_up, read
from projects.access import counted
from projects.models import User

Sessions = import_module(settings.SESSION_ENGINE).SessionStore


def person(session: str) -> User | None:
    """Who is signed in by this session."""
    request = HttpRequest()
    request.session = Sessions(session)
    user = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def joined(sheet: int, user: int, role: int, since: int | None, people: list[Person]) -> tuple[int, str]:
    """The sheet's clock, and the message that answers a join."""
    reading = read(sheet, since)
    done, undone = stacks(sheet, user)
    message = Joined(
        sheet=sheet,
        clock=reading.clock,
        snapshot=reading.snapshot,
        records=reading.records,
        status=reading.status,
        reason=reading.reason,
        unsure=reading.unsure,
        role=role,
        people=people,
        undoable=len(done),
        redoable=len(undone),
    )
    return reading.clock, encoded(message)


def missed(sheet: int, after: int) -> Frame:
    message = caught_up(sheet, after)
    return Frame(message.after, message.clock, encoded(message))


CLOCKS = """
SELECT s.id, s.clock, i.project_id FROM annotator_sheet s
JOIN projects_item i ON i.id = s.item_id JOIN projects_project p ON p.id = i.project_id
WHERE s.id = ANY(%s) AND i.trashed_at IS NULL AND p.trashed_at IS NULL
"""

ROLES = """
SELECT m.project_id, m.user_id, m.role, p.archived_at IS NOT NULL FROM projects_membership m
JOIN projects_project p ON p.id = m.project_id JOIN unnest(%s::bigint[], %s::bigint[]) AS asked(project, person)
ON m.project_id = asked.project AND m.user_id = asked.person WHERE p.trashed_at IS NULL
"""


class Look(msgspec.Struct, frozen=True):
    """How things stand: clocks and projects of sheets that are not in the trash, roles by project and user, who is
    signed in."""

    clocks: dict[int, int]
    projects: dict[int, int]
    roles: dict[tuple[int, int], int]
    sessions: set[str]
    passwords: dict[int, str]

    def proves(self, identity: Identity) -> bool:
        password = self.passwords.get(identity.person.user)
        return identity.session in self.sessions and password is not None and hash(password) == identity.password


def look(sheets: list[int], members: Collection[tuple[int, int]], identities: Collection[Identity]) -> Look:
    sessions = {identity.session for identity in identities}
    users = {identity.person.user for identity in identities}
    alive = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    active = User.objects.filter(pk__in=users, is_active=True)
    with connection.cursor() as cursor:
        cursor.execute(CLOCKS, [sheets])
        sheets_there = cursor.fetchall()
        cursor.execute(ROLES, [[project for project, _ in members], [user for _, user in members]])
        rows = cursor.fetchall()
    roles = {(project, user): counted(role, archived) for project, user, role, archived in rows}
    return Look(
        clocks={sheet: clock for sheet, clock, _ in sheets_there},
        projects={sheet: project for sheet, _, project in sheets_there},
        roles=roles,
        sessions=set(alive.values_list("session_key", flat=True)),
        passwords=dict(active.values_list("pk", "password")),
    )
