"""The demos: projects in which there is something to see at the first visit."""

from collections.abc import Callable, Iterable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from annotator.demo import digits, messages, welcome
from projects import events
from projects.access import get_project
from projects.models import Membership, Project, Role, User
from projects.services import people, projects

OWNER = ("olivia", "Olivia Santos")
ANNOTATOR = ("sam", "Sam Okafor")

DEMOS: dict[str, Callable[[User, dict[User, Role]], Project]] = {
    "messages": messages.build,
    "digits": digits.build,
    "welcome": welcome.build,  # the last one made stands first among one's projects
}


def ensure(which: Iterable[str] = tuple(DEMOS)) -> list[Project]:
    """The demos' people and projects, made where they are missing."""
    olivia, sam = (
        User.objects.filter(username=username).first() or people.create(username, name=name)
        for username, name in (OWNER, ANNOTATOR)
    )
    theirs = Project.objects.filter(trashed_at=None, memberships__user=olivia)
    return [theirs.filter(demo=demo).first() or build(demo, olivia, {sam: Role.ANNOTATOR}) for demo in which]


@transaction.atomic
def reset(user: User, pk: int) -> Project:
    """Start anew with the members who can still sign in; the old demo goes to the trash."""
    old = get_project(user, pk, Role.OWNER, lock=True)
    if old.demo not in DEMOS:
        raise PermissionDenied("Only a demo can be reset.")
    others = Membership.objects.filter(project=old, user__is_active=True).exclude(user=user).select_related("user")
    company = {one.user: Role(one.role) for one in others}
    projects.trash(user, pk)
    return build(old.demo, user, company)


@transaction.atomic
def build(demo: str, owner: User, company: dict[User, Role]) -> Project:
    project = DEMOS[demo](owner, company)
    with (
        connection.cursor() as cursor
    ):  # or else questions about thousands of new rows are planned as if there were few
        cursor.execute("ANALYZE projects_item, annotator_sheet, annotator_annotation, annotator_operation")
    told = partial(events.demo_built.send, Project, project=project, owner=owner)
    transaction.on_commit(told, robust=True)
    return project
