from celery import shared_task

from annotator import attributes, relabelling
from annotator.alone import Work, alone
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
def see_to_labels() -> None:
    """What is left to do where labels were removed or their attributes changed."""
    with alone(Work.ALL_LABELS) as first:
        if first:
            relabelling.carry_out_all()
            attributes.carry_out_all()
