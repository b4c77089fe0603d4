from celery import shared_task

from projects import media
from projects.services import examples, items, people


@shared_task
def make_thumbnails(hashes: list[str]) -> None:
    media.make_thumbnails(hashes)


@shared_task
def collect_media() -> None:
    items.collect_media()


@shared_task
def forget_expired() -> None:
    people.forget_expired()
    examples.forget_unused()
