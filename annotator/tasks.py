from uuid import UUID

from celery import shared_task

from annotator import relabelling
from annotator.imports import importing, jobs
from annotator.operations import purging


@shared_task
def purge_expired() -> None:
    purging.purge_expired()
    jobs.forget_old()


@shared_task
def look_at_import(pk: int) -> None:
    importing.look(pk)


@shared_task
def run_import(pk: int) -> None:
    importing.run(pk)


@shared_task
def replace_label(user: int, label: int, into: int | None, action: str) -> None:
    relabelling.replace(user, label, into, UUID(action))
