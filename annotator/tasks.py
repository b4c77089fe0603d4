from uuid import UUID

from celery import Task, shared_task

from annotator import attributes, relabelling
from annotator.imports import importing, jobs, memory
from annotator.operations import purging


@shared_task
def purge_expired() -> None:
    purging.purge_expired()
    jobs.forget_old()


@shared_task(soft_time_limit=2 * 60 * 60)
def look_at_import(pk: int) -> None:
    with memory.bounded():
        importing.look(pk)


@shared_task
def run_import(pk: int) -> None:
    with memory.bounded():
        importing.run(pk)


@shared_task
def resume_imports() -> None:
    jobs.resume()


@shared_task
def replace_labels() -> None:
    relabelling.carry_out_all()


@shared_task(bind=True, max_retries=30)
def fit_attributes(self: Task, user: int, label: int, before: attributes.Definitions, action: str) -> None:
    """Again a second later, then two, four and so on, up to ten minutes: whoever is at work there pauses some time."""
    if attributes.fit(user, label, before, UUID(action)):
        raise self.retry(countdown=min(2**self.request.retries, 600))
