"""Pictures in guidelines. In the text stands their address, so Markdown shows them wherever it is read."""

import hashlib
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from projects import media
from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.models import Example, Project, Role, User
from projects.services.items import MAX_BYTES, Incoming, clean_name, keep_media, lock_content

MOST = 500  # pictures a project
UNUSED_FOR = timedelta(days=7)  # a page of settings may be saved as late
ADDRESS = re.compile(r"/api/examples/(\d{1,18})/")


def add(user: User, project_id: int, file: UploadedFile) -> Example:
    """Keep a picture for the guidelines of a project; a child reads it, as all that people send."""
    project = get_project(user, project_id, Role.MANAGER)
    if (file.size or 0) > MAX_BYTES:
        raise Invalid(f"The file has more than {MAX_BYTES // 2**20} MB. Make it smaller.", code="too_large")
    with tempfile.TemporaryDirectory() as folder:
        one = Incoming(clean_name(file.name), path=Path(folder) / "picture")
        digest = hashlib.sha256()
        with one.path.open("wb") as copy:
            for chunk in file.chunks():
                digest.update(chunk)
                copy.write(chunk)
        one.sha256 = digest.hexdigest()
        [one.found] = media.run("inspect", [one.path])
        if "code" in one.found:
            raise Invalid(one.found["detail"], code=one.found["code"])
        return keep(user, project, one)


@transaction.atomic
def keep(user: User, project: Project, one: Incoming) -> Example:
    """It may have been archived while the picture was read."""
    get_project(user, project.pk, Role.MANAGER, lock=True)
    if project.examples.count() >= MOST:
        detail = f"The guidelines hold {MOST} pictures already. Take some out of them: within a week those are gone."
        raise Conflict(detail, code="too_many")
    lock_content([one.sha256])
    return project.examples.create(media=keep_media([one])[one.sha256], name=one.name, created_by=user)


def address_of(example: Example) -> str:
    return reverse("example", args=[example.pk])


def markdown_of(example: Example) -> str:
    """As it stands in the text; the name's own brackets would end it."""
    return f"![{re.sub(r'[][]', '', Path(example.name).stem)}]({address_of(example)})"


def brought(user: User, project: Project, source: Project, text: str) -> str:
    """The text of another project for this one: with its pictures, of which this one gets rows of its own."""
    known = {example.pk: example for example in source.examples.all()}
    own: dict[int, Example] = {}

    def address(found: re.Match[str]) -> str:
        example = known.get(int(found[1]))
        if example is None:
            return found[0]
        if example.pk not in own:
            values = {"media": example.media, "name": example.name}
            there = project.examples.filter(**values).order_by("pk").first()
            own[example.pk] = there or project.examples.create(**values, created_by=user)
        return address_of(own[example.pk])

    return ADDRESS.sub(address, text)


def forget_unused() -> None:
    """Pictures that no guidelines show: what was pasted and taken out again. New ones may not be saved yet."""
    old = Q(examples__created_at__lt=timezone.now() - UNUSED_FOR)
    for pk in Project.objects.filter(old, purged_at=None).distinct().values_list("pk", flat=True):
        forget_unused_of(pk)


@transaction.atomic
def forget_unused_of(pk: int) -> None:
    """Under the project's lock, so that nobody saves a text that shows one meanwhile."""
    project = Project.objects.select_for_update(no_key=True).get(pk=pk)
    texts = [project.guidelines, *project.labels.exclude(guidelines="").values_list("guidelines", flat=True)]
    shown = {int(found) for text in texts for found in ADDRESS.findall(text)}
    project.examples.filter(created_at__lt=timezone.now() - UNUSED_FOR).exclude(pk__in=shown).delete()
