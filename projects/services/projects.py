from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from projects import events
from projects.access import get_project, mine
from projects.errors import Conflict
from projects.models import Membership, Project, Role, User
from projects.names import cleaned
from projects.services import check, examples, items, labels, log_rows, wait_for_writers
from projects.services.versions import next_version


@transaction.atomic
def create(user: User, *, name: str, guidelines: str = "", demo: str = "") -> Project:
    project = Project(name=cleaned(name), guidelines=guidelines, demo=demo)
    check(project, "Please mend what is marked.", "name", "guidelines")
    project.save()
    owner = Membership.objects.create(project=project, user=user, role=Role.OWNER)
    log_rows(user, project.pk, [project])
    log_rows(user, project.pk, [owner])
    project.role = project.held = owner.role
    return project


@transaction.atomic
def change(
    user: User, pk: int, *, name: str | None = None, guidelines: str | None = None, version: int | None = None
) -> Project:
    """`version`: the one that the person has seen."""
    project = get_project(user, pk, Role.MANAGER, lock=True)
    name = project.name if name is None else cleaned(name)
    guidelines = project.guidelines if guidelines is None else guidelines
    next_version(project, pk, version, {"name": name, "guidelines": guidelines})
    if guidelines != project.guidelines:
        events.labels_changed(pk)
    project.name, project.guidelines = name, guidelines
    check(project, "Please mend what is marked.", "name", "guidelines")
    project.save(update_fields=["name", "guidelines", "version"])
    log_rows(user, project.pk, [project])
    return project


def archive(user: User, pk: int) -> Project:
    """From now on everyone may look and nobody may change."""
    return set_archived(user, pk, timezone.now())


def bring_back(user: User, pk: int) -> Project:
    return set_archived(user, pk, None)


@transaction.atomic
def set_archived(user: User, pk: int, at: datetime | None) -> Project:
    """Whatever is being written at this moment is finished first."""
    project = get_project(user, pk, Role.OWNER, lock=True, archived=True)
    if bool(project.archived_at) != bool(at):
        wait_for_writers(pk)
        project.archived_at = at
        project.save(update_fields=["archived_at"])
        log_rows(user, pk, [project])
        events.access_changed(pk)
    return project


@transaction.atomic
def trash(user: User, pk: int) -> None:
    project = get_project(user, pk, Role.OWNER, lock=True, archived=True)
    project.trashed_at = timezone.now()
    project.save(update_fields=["trashed_at"])
    log_rows(user, project.pk, [project])
    events.access_changed(project.pk)


@transaction.atomic
def restore(user: User, pk: int) -> Project:
    """Out of the trash, as it was."""
    project = get_project(user, pk, Role.OWNER, lock=True, trashed=True, archived=True)
    if project.trashed_at is not None:
        project.trashed_at = None
        project.save(update_fields=["trashed_at"])
        log_rows(user, project.pk, [project])
        events.access_changed(project.pk)
    return project


def trashed(user: User) -> QuerySet[Project]:
    """The projects that one may bring back, the latest first."""
    found = Project.objects.filter(trashed_at__isnull=False, purged_at=None)
    return mine(found, user, "").filter(held=Role.OWNER).order_by("-trashed_at")


@transaction.atomic
def duplicate(user: User, pk: int) -> Project:
    """A project of one's own with the same labels, guidelines and items, and nothing labelled yet."""
    source = get_project(user, pk, Role.MANAGER, archived=True)
    longest = Project._meta.get_field("name").max_length or 0
    project = create(user, name=f"Copy of {source.name}"[:longest], guidelines=source.guidelines)
    if (guidelines := examples.brought(user, project, source, source.guidelines)) != source.guidelines:
        project = change(user, project.pk, guidelines=guidelines)
    labels.copy(user, project.pk, source.pk)
    items.copy(user, project, source)
    return project


@transaction.atomic
def purge(user: User, pk: int) -> None:
    """What `annotator.operations.purging` begins with."""
    project = get_project(user, pk, Role.OWNER, lock=True, trashed=True, archived=True)
    if project.trashed_at is None:
        raise Conflict("Put the project into the trash first.", code="not_in_trash")
    erase(project)
    log_rows(user, project.pk, [project])


def erase(project: Project) -> None:
    project.name, project.guidelines, project.purged_at = "", "", timezone.now()
    items.erase(project.items.all())
    project.examples.all().delete()
    project.invitations.update(email="", revoked_at=Coalesce("revoked_at", Now()))
    project.join_requests.all().delete()
    project.labels.update(name="", attributes=[], guidelines="", removed_at=project.purged_at)
    project.changes.update(record={})
    project.save(update_fields=["name", "guidelines", "purged_at"])
    events.project_erased.send(Project, project=project)
