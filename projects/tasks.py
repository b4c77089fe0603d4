from celery import shared_task

from projects import media


@shared_task
def make_thumbnail(sha256: str) -> None:
    media.make_thumbnail(sha256)
