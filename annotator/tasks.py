from celery import shared_task

from annotator.operations import purging


@shared_task
def purge_expired() -> None:
    purging.purge_expired()
