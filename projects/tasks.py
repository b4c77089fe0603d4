from celery import shared_task

from projects import media
from projects.models import Media


@shared_task
def make_thumbnail(sha256: str) -> None:
    media.make_thumbnail(Media.objects.get(pk=sha256))
