"""Models that people add to a project: sent, read by a child, tried on one of its images, and kept."""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any, cast

import msgspec
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from detectors import sandbox, storing, weights
from detectors.kinds.onnx.told import EMBEDDER, KINDS, Read, Tried
from detectors.kinds.registry import Listed
from detectors.models import Weights
from projects.access import get_project
from projects.errors import Invalid, TooLarge
from projects.media import MISSING, Missing
from projects.models import Item, ItemKind, Media, Project, Role, User

A_DAY = 60 * 60 * 24
WAIT = 30  # seconds for a child that is at something else
ENDED = "The model {why}. Use a smaller one, or export it for smaller images."
OVER = "The model that was sent is not here any more. Send it once more."
OWN = {"model"}  # said by us
HANDY = ("threshold", "overlap", "only")  # what is said anew when one looks for something


class Draft(msgspec.Struct, frozen=True):
    """A model that was sent and read, and is not kept yet."""

    token: str
    project: int
    name: str
    digest: str
    size: int
    read: Read


def models_of(project: Project) -> QuerySet[Weights]:
    return storing.weights_of(project).filter(kind__in=KINDS)


def embedders(project: Project) -> QuerySet[Weights]:
    return storing.weights_of(project, EMBEDDER)


def embeds(model: Weights) -> str:
    """The name by which it is made anew, as the embedder that it is."""
    settings = {**model.facts["settings"], "model": model.digest}
    return msgspec.json.encode(settings, order="sorted").decode()


class Ready(Listed, frozen=True):
    """A model as one chooses it: a detector that is set up, but for what its schema has."""

    kind: str = ""
    config: dict[str, Any] = {}


def ready(project: Project) -> list[Ready]:
    """A project's models that find something, latest first."""
    return [ready_made(one) for one in models_of(project) if one.kind != EMBEDDER]


def ready_made(model: Weights) -> Ready:
    config = {**model.facts["settings"], "model": model.digest}
    known = schemas()[model.kind]
    handy = {name: part | {"default": config[name]} for name, part in known["properties"].items() if name in HANDY}
    of = known | {"properties": handy, "required": []}
    return Ready(f"{model.kind}:{model.pk}", str(model), "image", of, kind=model.kind, config=config)


def receive(user: User, project_id: int, file: UploadedFile) -> Draft:
    """Raises Invalid for what is no model that can be run (managers)."""
    get_project(user, project_id, Role.MANAGER)
    size = file.size or 0
    if size > settings.MODELS_LARGEST:
        most = settings.MODELS_LARGEST // 2**20
        raise TooLarge(f"The model has {size // 2**20:,} MB; {most:,} MB is the most. Use a smaller one.")
    digest = weights.put_file(file)
    try:
        read = msgspec.convert(ask("read", digest), Read)
    except BaseException:
        storing.collect([digest])
        raise
    name = PurePath(file.name or "Model").stem[: storing.MAX_NAME]
    draft = Draft(secrets.token_urlsafe(16), project_id, name, digest, size, read)
    cache.set(place(draft.token), msgspec.json.encode(draft), A_DAY)
    return draft


def drafted(user: User, project_id: int, token: str) -> Draft:
    """What was sent to the project within a day (managers)."""
    get_project(user, project_id, Role.MANAGER)
    kept = cache.get(place(token))
    draft = msgspec.json.decode(kept, type=Draft) if kept else None
    if draft is None or draft.project != project_id or not weights.is_there(draft.digest):
        raise Invalid(OVER, code="over")
    return draft


def place(token: str) -> str:
    return f"model:{token}"


def settled(draft: Draft, kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a kind, as far as they are not told as they were guessed. Raises Invalid for what is wrong."""
    if kind not in KINDS:
        raise Invalid("Choose what the model is.", fields={"kind": "unknown"})
    known = schemas()[kind]["properties"]
    guessed = {name: value for name, value in draft.read.settings.items() if name in known}
    config: dict[str, Any] = ask("check", kind, {**guessed, **told, "model": draft.digest})
    return config


def look(draft: Draft, kind: str, config: dict[str, Any], item: Item) -> Tried:
    """What it says of an image."""
    try:
        with default_storage.open(cast(Media, item.media).path) as file:
            data = file.read()
    except FileNotFoundError as error:
        raise Missing(MISSING) from error
    return msgspec.convert(ask("look", kind, config, data), Tried)


def keep(user: User, draft: Draft, *, name: str, kind: str, config: Mapping[str, Any]) -> Weights:
    """As the next number under the name. Its settings stay with it."""
    facts = {
        "takes": draft.read.takes,
        "settings": {one: value for one, value in config.items() if one not in OWN},
    }
    return storing.named(user, draft.project, name=name, kind=kind, digest=draft.digest, size=draft.size, facts=facts)


def sample(project: Project, pk: int | None = None) -> Item | None:
    """An image of the project: that of an id, or the first; None where it has none."""
    images = Item.objects.filter(project=project, trashed_at=None, kind=ItemKind.IMAGE).select_related("media")
    return (images.filter(pk=pk).first() if pk else None) or images.order_by("pk").first()


def after(item: Item) -> Item | None:
    """The project's next image, or again the first."""
    images = Item.objects.filter(project=item.project_id, trashed_at=None, kind=ItemKind.IMAGE).order_by("pk")
    return images.filter(pk__gt=item.pk).first() or images.first()


@lru_cache(maxsize=1)
def schemas() -> dict[str, Any]:
    """JSON Schema of each kind's settings."""
    with sandbox.child(wait=WAIT) as child:
        return dict(child.call("detectors.trying:schemas"))


def ask(what: str, *args: Any) -> Any:
    """A child, that is ended where it takes too long or too much. It is asked one thing, and gives one answer."""
    with sandbox.child(wait=WAIT) as child:
        try:
            (answer,) = child.call(f"detectors.trying:{what}", *args, altogether=settings.DETECTORS_SECONDS)
        except sandbox.Ended as error:
            raise Invalid(ENDED.format(why=error.why), code="ended") from error
    return answer
