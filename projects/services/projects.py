from django.db import transaction
from django.utils import timezone

from projects import events
from projects.access import get_project
from projects.models import Membership, Project, Role, User
from projects.services import check, log_rows


@transaction.atomic
def create(user: User, *, name: str, guidelines: str = "", is_demo: bool = False) -> Project:
    project = Project(name=name.strip(), guidelines=guidelines, is_demo=is_demo)
    check(project, "Please mend what is marked.", "name", "guidelines")
    project.save()
    owner = Membership.objects.create(project=project, user=user, role=Role.OWNER)
    log_rows(user, project.pk, [project])
    log_rows(user, project.pk, [owner])
    project.role = owner.role
    return project


@transaction.atomic
def change(user: User, pk: int, *, name: str | None = None, guidelines: str | None = None) -> Project:
    project = get_project(user, pk, Role.MANAGER, lock=True)
    project.name = project.name if name is None else name.strip()
    project.guidelines = project.guidelines if guidelines is None else guidelines
    check(project, "Please mend what is marked.", "name", "guidelines")
    project.save(update_fields=["name", "guidelines"])
    log_rows(user, project.pk, [project])
    return project


@transaction.atomic
def trash(user: User, pk: int) -> None:
    project = get_project(user, pk, Role.OWNER, lock=True)
    project.trashed_at = timezone.now()
    project.save(update_fields=["trashed_at"])
    log_rows(user, project.pk, [project])
    for member in project.memberships.values_list("user_id", flat=True):
        events.membership_changed(project.pk, member)
