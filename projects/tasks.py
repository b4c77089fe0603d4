from celery import shared_task

from projects import media
from projects.services import examples, items, people


@shared_task
def make_thumbnail(sha256: str) -> None:
    media.make_thumbnail(sha256)


@shared_task
def collect_media() -> None:
    items.collect_media()


@shared_task
def forget_expired() -> None:
    people.forget_expired()
    examples.forget_unused()
