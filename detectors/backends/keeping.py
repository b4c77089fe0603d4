"""The back ends of a project: added, looked at and removed by managers."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from detectors.access import get_back_end
from detectors.backends import asking, secrets, telling
from detectors.backends.asking import Asker, Wrong
from detectors.backends.detector import BackEndDetector
from detectors.found import Kind
from detectors.models import BackEnd
from projects.access import get_project
from projects.connections import give_back
from projects.errors import Conflict, Invalid, Refusal
from projects.models import Label, Project, Role, User

HEALTH, SETUP = 5, 15  # seconds that it has to answer
FRESH = timedelta(seconds=10)
MOST = 50  # of a project
MAX_NAME = 100
TAKEN = "The project has a back end of this name. Give another."


def of_project(project: Project) -> QuerySet[BackEnd]:
    return BackEnd.objects.filter(project=project).order_by("name")


def add(
    user: User,
    project_id: int,
    *,
    name: str,
    address: str,
    login: str = "",
    password: str = "",
    pictures: str = BackEnd.Pictures.LINK,
    interactive: bool = False,
) -> BackEnd:
    """Keeps it, and asks it at once. That it does not answer yet is no reason not to keep it."""
    project = get_project(user, project_id, Role.MANAGER)
    at = asking.parts(address)
    name = name.strip() or (at.hostname or "")[:MAX_NAME]
    check(name, login, pictures)
    if of_project(project).count() >= MOST:
        raise Conflict(f"A project has at most {MOST} back ends. Remove one first.", code="too_many")
    values: dict[str, Any] = {"user": login, "secret": secrets.hidden(password), "pictures": pictures}
    try:
        with transaction.atomic():
            row = BackEnd.objects.create(
                project=project, name=name, address=at.geturl(), interactive=interactive, created_by=user, **values
            )
    except IntegrityError as error:
        raise Invalid(TAKEN, fields={"name": TAKEN}) from error
    return look_at(row)


def check(name: str, login: str, pictures: str) -> None:
    if len(name) > MAX_NAME or not name.isprintable():
        detail = f"Give the back end a name of 1 to {MAX_NAME} characters."
        raise Invalid(detail, fields={"name": detail})
    if len(login) > 200 or ":" in login or not login.isprintable():
        detail = "A user name has at most 200 characters, and no colon."
        raise Invalid(detail, fields={"login": detail})
    if pictures not in BackEnd.Pictures.values:
        detail = "Choose how it gets the pictures."
        raise Invalid(detail, fields={"pictures": detail})


def look(user: User, pk: int) -> BackEnd:
    return look_at(get_back_end(user, pk, Role.MANAGER))


def remove(user: User, pk: int) -> Project:
    """Pipelines that name it say so, and find nothing with it."""
    row = get_back_end(user, pk, Role.MANAGER)
    row.delete()
    return row.project


def forget(project: Project, **about: Any) -> None:
    """Of a project that is erased."""
    BackEnd.objects.filter(project=project).delete()


def begin(detector: BackEndDetector) -> None:
    """Before a run: what the model's version is now. Raises what it says of itself, if it cannot be asked."""
    row = BackEnd.objects.select_related("project").get(pk=detector.config.backend)
    if row.said or row.looked_at is None or row.looked_at < timezone.now() - FRESH:
        row = look_at(row, detector.takes)
    if row.said:
        raise Invalid(f"{row.name}: {row.said}", code="away", fields={"backend": f"{row.name}: {row.said}"})


def look_at(row: BackEnd, kind: Kind | None = None) -> BackEnd:
    labels = list(Label.objects.filter(project=row.project, removed_at=None).order_by("pk"))
    kinds: list[Kind] = [kind] if kind else ["image", "text"]
    about = next((one for one in kinds if telling.controls(one, labels)), None)
    give_back()
    try:
        version, said = version_of(row, telling.label_config(about, labels) if about else ""), ""
    except Refusal as refusal:
        version, said = row.model_version, str(refusal.detail)
    row.model_version, row.said, row.looked_at = version, said, timezone.now()
    row.stamp = (version or uuid4().hex)[:64]
    row.save(update_fields=["model_version", "said", "looked_at", "stamp"])
    return row


def version_of(row: BackEnd, label_config: str) -> str:
    """Empty where it tells none. Of ours it gets no token: what it shall look at comes with what it is asked."""
    asker = Asker(row.address, row.user, secrets.read(row.secret))
    try:
        asker.ask("health", seconds=HEALTH)
        if not label_config:
            return ""
        about = {
            "project": telling.key_of(row.project),
            "schema": label_config,
            "hostname": settings.PUBLIC_URL,
            "access_token": "",
            "extra_params": None,
        }
        answer = asker.ask("setup", about, seconds=SETUP)
    finally:
        asker.close()
    version = answer.get("model_version") if isinstance(answer, dict) else answer
    if version is not None and not isinstance(version, str | int | float):
        raise Wrong("Its answer to /setup has no “model_version” that is a text.")
    return str("" if version is None else version).replace("\0", "")[:200]
