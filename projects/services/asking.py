"""Asking to be let into a project by a link that is over, and the managers' answer."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from projects import events
from projects.access import get_project
from projects.errors import Conflict
from projects.models import JoinRequest, Membership, Project, Role, User
from projects.services.invitations import find_locked, newcomer_called, require_open
from projects.services.members import require_above, tell
from projects.services.people import LinkGone

AT_ONCE = 100  # who wait for the answer of one project's managers
TOLD = timedelta(days=7)  # how long one's projects say that one was not let in


@transaction.atomic
def ask(secret: str, user: User | None, *, name: str = "") -> User:
    """Who is not known here (`user` is None) comes to be, by their name alone, where anyone may sign up."""
    invitation = find_locked(secret)
    project = invitation.project
    if invitation.revoked_at or project.archived_at:
        require_open(invitation)
    if user is None and settings.SIGN_UP == "closed":
        raise LinkGone("This link lets nobody in any more. Sign in to ask to be let in.")
    if user and project.memberships.filter(user=user).exists():
        return user
    held = project.join_requests.filter(user=user).first() if user else None
    if held and held.answered_at is None:
        return user or held.user
    if project.join_requests.filter(answered_at=None).count() >= AT_ONCE:
        raise Conflict("Many people wait for an answer already. Ask whoever sent you the link.", code="many_ask")
    if held:
        held.delete()
    asked = JoinRequest.objects.create(project=project, user=user or newcomer_called(name))
    events.asked_to_join.send(JoinRequest, asked=asked)
    return asked.user


@transaction.atomic
def answer(user: User, project_id: int, pk: int, *, role: Role | None) -> None:
    """Let in who has asked, in a role; or not, with None."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    asked = project.join_requests.filter(pk=pk, answered_at=None).select_related("user").first()
    if asked is None:
        return  # another manager has answered
    if role is not None:
        require_above(project, role)
        membership, new = Membership.objects.get_or_create(project=project, user=asked.user, defaults={"role": role})
        if new:
            tell(user, membership)
    asked.role, asked.answered_at, asked.answered_by = role, timezone.now(), user
    asked.save(update_fields=["role", "answered_at", "answered_by"])
    events.join_answered.send(JoinRequest, asked=asked)


@transaction.atomic
def decline_all(user: User, project_id: int) -> None:
    """Everyone who waits now."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    for asked in waiting(project):
        answer(user, project_id, asked.pk, role=None)


def waiting(project: Project) -> QuerySet[JoinRequest]:
    """Who asks to be let in, the first first."""
    return project.join_requests.filter(answered_at=None).select_related("user")


def how_many_wait(projects: list[Project]) -> dict[int, int]:
    """By project, of those whose managers one is: each with the asking person's `role`."""
    managed = [project.pk for project in projects if project.role >= Role.MANAGER]
    found = JoinRequest.objects.filter(project__in=managed, answered_at=None).order_by()
    return dict(found.values_list("project").annotate(Count("pk")))


def of(user: User) -> QuerySet[JoinRequest]:
    """What a person has asked and what still has no answer, or lately a no; the latest first."""
    said_no = Q(role=None, answered_at__gt=timezone.now() - TOLD)
    found = JoinRequest.objects.filter(Q(answered_at=None) | said_no, user=user, project__trashed_at=None)
    return found.exclude(project__memberships__user=user).select_related("project").order_by("-pk")
