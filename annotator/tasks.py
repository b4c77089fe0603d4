from uuid import UUID

from celery import Task, shared_task

from annotator import attributes, relabelling
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
def resume_imports() -> None:
    jobs.resume()


@shared_task(bind=True, max_retries=30)
def replace_label(self: Task, user: int, label: int, into: int | None, action: str) -> None:
    until_done(self, relabelling.replace(user, label, into, UUID(action)))


@shared_task(bind=True, max_retries=30)
def fit_attributes(self: Task, user: int, label: int, before: attributes.Definitions, action: str) -> None:
    until_done(self, attributes.fit(user, label, before, UUID(action)))


def until_done(task: Task, left: int) -> None:
    """Again a second later, then two, four and so on, up to ten minutes: whoever is at work there pauses some time."""
    if left:
        raise task.retry(countdown=min(2**task.request.retries, 600))
