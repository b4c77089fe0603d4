from django.db import transaction
from django.utils import timezone

from projects import events
from projects.access import get_project
from projects.errors import Conflict
from projects.models import Membership, Project, Role, User
from projects.services import check, items, log_rows


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
    events.access_changed(project.pk)


@transaction.atomic
def purge(user: User, pk: int) -> None:
    """What `annotator.operations.purging` begins with."""
    project = get_project(user, pk, Role.OWNER, lock=True, trashed=True)
    if project.trashed_at is None:
        raise Conflict("Put the project into the trash first.", code="not_in_trash")
    erase(project)
    log_rows(user, project.pk, [project])


def erase(project: Project) -> None:
    project.name, project.guidelines, project.purged_at = "", "", timezone.now()
    items.erase(project.items.all())
    project.labels.update(name="", attributes=[], removed_at=project.purged_at)
    project.changes.update(record={})
    project.save(update_fields=["name", "guidelines", "purged_at"])
