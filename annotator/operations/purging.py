"""Erasing for good what is in the trash. Rows stay, as clocks, ids and versions count on them: nothing is left in them.

This writes past the door, under the same lock. Nobody is told: who had the sheet open has lost it to the trash.
"""

from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotator.models import Annotation, Comment, Fitting, Import, ImportFile, SavedFilter, Sheet, Work
from projects.models import Change, Item, Project, User
from projects.services import items, projects
from projects.services.items import KEPT_IN_TRASH

ERASE_LOG = """
UPDATE annotator_operation SET body = '',
    record = record || '{"shape": {"type": "tag"}, "attributes": {}, "deleted": true}'
WHERE sheet_id = ANY(%s)
"""


@transaction.atomic
def purge_item(user: User, pk: int) -> None:
    items.purge(user, pk)  # with the item's lock: from then on it is in no further log
    erase(Sheet.objects.filter(item=pk), items.logs_of(Item.objects.filter(pk=pk)))


@transaction.atomic
def purge_project(user: User, pk: int) -> None:
    Project.objects.select_for_update(no_key=True).filter(pk=pk).first()  # so that no item leaves it meanwhile
    logs = items.logs_of(Item.objects.filter(project=pk))
    projects.purge(user, pk)
    erase_rest(pk)
    erase(Sheet.objects.filter(item__project=pk), logs)


def purge_expired() -> None:
    """What has been in the trash for long. Nobody does it, so it is in nobody's name in the log."""
    expired = Q(trashed_at__lt=timezone.now() - KEPT_IN_TRASH, purged_at=None)
    for pk in Project.objects.filter(expired).values_list("pk", flat=True):
        with transaction.atomic():
            for project in Project.objects.select_for_update(no_key=True).filter(expired, pk=pk):
                logs = items.logs_of(project.items.all())
                projects.erase(project)
                erase_rest(pk)
                erase(Sheet.objects.filter(item__project=pk), logs)
    for pk in Item.objects.filter(expired).values_list("pk", flat=True):
        with transaction.atomic():
            for item in Item.objects.select_for_update(no_key=True).filter(expired, pk=pk):
                found = Item.objects.filter(pk=pk)
                items.erase(found)
                erase(Sheet.objects.filter(item=item), items.logs_of(found))


def erase_rest(project: int) -> None:
    """What nobody counts on is deleted. A worker that is at an import finds its row gone, and ends."""
    SavedFilter.objects.filter(project=project).delete()
    Fitting.objects.filter(label__project=project).delete()
    imports = Import.objects.filter(project=project)
    places = list(ImportFile.objects.filter(of__in=imports).values_list("place", flat=True))
    places += [one.reading for one in imports]
    imports.delete()
    for place in places:
        transaction.on_commit(partial(default_storage.delete, place))


def erase(sheets: QuerySet[Sheet], logs: set[int]) -> None:
    """Once their locks are held, all who still wrote have written. `logs` are of the projects they have been in."""
    ids = list(sheets.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    Sheet.objects.filter(pk__in=ids).update(reason="")
    Change.objects.filter(project__in=logs, kind="status", target__in=ids).update(record={})
    Annotation.objects.filter(sheet__in=ids).update(shape={"type": "tag"}, attributes={}, deleted=True)
    Comment.objects.filter(sheet__in=ids).delete()
    erase_work(ids)
    with connection.cursor() as cursor:
        cursor.execute(ERASE_LOG, [ids])


def erase_work(sheets: list[int]) -> None:
    """That it was given, and why, once no other item is left of it."""
    of_work = Work.items.through.objects.filter(item__sheets__in=sheets)
    work = set(of_work.values_list("work", flat=True))
    of_work.delete()
    Work.objects.filter(pk__in=work, items=None).delete()
