import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from projects import events, media
from projects.access import get_item, get_project
from projects.errors import Conflict, Invalid
from projects.models import MOVE, Change, Item, ItemKind, Media, Project, Role, User
from projects.names import cleaned
from projects.services import done_by, hold_version, known, log_rows

MAX_CHARACTERS = 1_000_000
MAX_BYTES = 200 * 2**20
MAX_NAME = 500
KIND = "item"  # in the log
KEPT_IN_TRASH = timedelta(days=30)
AT_ONCE = 100  # a text may hold a million characters
THUMBNAILS = 16  # by one process, so that the first are there soon
SMALL, SMALL_ONES = 2**16, 300  # pixels of an image of which one process takes so many
TEXT_SUFFIXES = {".txt", ".text", ".md"}
DESCRIBED = ("content_type", "rendition", "width", "height")
BOM = b"\xef\xbb\xbf"
T = TypeVar("T")


@dataclass(frozen=True)
class Refused:
    name: str
    code: str
    detail: str


@dataclass
class Upload:
    """What became of each file. `notes` says, by item, what the person should know of one that was taken."""

    created: list[Item] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)


@dataclass
class Incoming:
    """A text, or an image that was copied to `path` and `found` to be good or not."""

    name: str
    text: str | None = None
    path: Path = Path()
    sha256: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return self.sha256 or known.digest(self.text or "")


def add_files(user: User, project_id: int, files: Iterable[UploadedFile]) -> Upload:
    """Items of images and texts, in the order they came. Good files are taken; each bad one gets its sentence."""
    project = get_project(user, project_id, Role.MANAGER)
    upload = Upload()
    incoming: list[Incoming] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(files):
            try:
                incoming.append(receive(file, Path(folder) / str(number)))
            except Invalid as refusal:
                upload.refused.append(Refused(clean_name(file.name), refusal.code, str(refusal.detail)))
        images = [one for one in incoming if one.text is None]
        for one, found in zip(images, media.run("inspect", [one.path for one in images]), strict=True):
            one.found = found
            if "code" in found:
                upload.refused.append(Refused(one.name, found["code"], found["detail"]))
        keep(user, project, [one for one in incoming if "code" not in one.found], upload, once=True)
    return upload


def add_text(user: User, project_id: int, *, name: str, text: str) -> Item:
    return add_texts(user, project_id, [(name, text)])[0]


def add_texts(user: User, project_id: int, texts: Iterable[tuple[str, str]]) -> list[Item]:
    """Items of (name, text), in their order: all or none."""
    project = get_project(user, project_id, Role.MANAGER)
    upload = Upload()
    keep(user, project, [Incoming(clean_name(name), text=check_text(text)) for name, text in texts], upload)
    return upload.created


def receive(file: UploadedFile, path: Path) -> Incoming:
    name = clean_name(file.name)
    if not file.size:
        raise Invalid("The file is empty.", code="empty")
    suffix = Path(name).suffix.lower()
    if suffix in TEXT_SUFFIXES or (not suffix and file.content_type == "text/plain"):
        return Incoming(name, text=read_text(file))
    if file.size > MAX_BYTES:
        raise Invalid(f"The file has more than {MAX_BYTES // 2**20} MB. Make it smaller.", code="too_large")
    digest = hashlib.sha256()
    with path.open("wb") as copy:
        for chunk in file.chunks():
            digest.update(chunk)
            copy.write(chunk)
    return Incoming(name, path=path, sha256=digest.hexdigest())


def read_text(file: UploadedFile) -> str:
    if (file.size or 0) > 4 * MAX_CHARACTERS + len(BOM):
        raise too_long()
    raw = file.read().removeprefix(BOM)
    try:
        return check_text(raw.decode())
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Invalid(
            f"Line {line} is no valid UTF-8 (byte {error.start + 1}). Save the file as UTF-8 and try again.",
            code="not_utf8",
        ) from None


def check_text(text: str) -> str:
    """The text just as it came, its line ends too: offsets count from it."""
    if len(text) > MAX_CHARACTERS:
        raise too_long()
    if not text:
        raise Invalid("The text is empty.", code="empty")
    if (at := text.find("\0")) >= 0:
        raise Invalid(f"Character {at + 1} of the text is NUL. Remove it and try again.", code="nul")
    return text


def too_long() -> Invalid:
    return Invalid(f"The text has more than {MAX_CHARACTERS:,} characters. Split it.", code="text_too_long")


def clean_name(name: str | None) -> str:
    return cleaned((name or "").replace("\0", ""))[:MAX_NAME] or "Untitled"


@transaction.atomic
def keep(user: User, project: Project, incoming: Sequence[Incoming], upload: Upload, *, once: bool = False) -> None:
    """`once`: what the project has already is refused."""
    if not incoming:
        return
    hold_version(project.pk)
    get_project(user, project.pk, Role.MANAGER)  # it may have gone to the trash while the files were read
    lock_content([one.digest for one in incoming if once or one.sha256])
    if once and not (incoming := list(new(project, incoming, upload))):
        return
    images = keep_media(one for one in incoming if one.text is None)
    items = []
    for one in incoming:
        item = Item(project=project, name=one.name, created_by=user, kind=ItemKind.TEXT, text=one.text)
        if one.text is None:
            item.kind, item.media = ItemKind.IMAGE, images[one.sha256]
            item.width, item.height = item.media.width, item.media.height
        items.append(item)
    ask_for_thumbnails(item.media for item in items if item.media)
    upload.created = Item.objects.bulk_create(items)
    upload.notes = {
        item.pk: one.found["note"] for item, one in zip(items, incoming, strict=True) if one.found.get("note")
    }
    log_rows(user, project.pk, items, without=["text"])
    events.items_added.send(Item, project=project.pk, items=[item.pk for item in items])


def new(project: Project, incoming: Sequence[Incoming], upload: Upload) -> Iterator[Incoming]:
    """Those that the project has not yet, each once; the others are refused."""
    names = {one.name for one in incoming}
    keys = [(one.name, one.digest) for one in incoming]
    there = {*known.images(project, names), *known.texts(project, names, {digest for _, digest in keys})}
    for one, key in zip(incoming, keys, strict=True):
        if key in there:
            again = one.sha256 and not media.is_stored(Media(pk=one.sha256))
            if again:
                ask_for_thumbnails(keep_media([one]).values())
            more = " Its file was missing, and is there again." if again else ""
            upload.refused.append(Refused(one.name, "there", f"It is in the project already.{more}"))
        else:
            there.add(key)
            yield one


@transaction.atomic
def copy(user: User, project: Project, source: Project) -> None:
    """The items of another project, without what is labelled on them; images are stored once however often shown."""
    items = Item.objects.filter(project=source, trashed_at=None).order_by("pk").iterator(chunk_size=AT_ONCE)
    for some in batched(items, AT_ONCE):
        for item in some:
            item.pk, item.project, item.created_by, item.assignee = None, project, user, None
            item._state.adding = True
        log_rows(user, project.pk, Item.objects.bulk_create(some), without=["text"])
        events.items_added.send(Item, project=project.pk, items=[item.pk for item in some])


def batched(those: Iterable[T], size: int) -> Iterator[list[T]]:
    those = iter(those)
    while some := list(islice(those, size)):
        yield some


# Trash ----------------------------------------------------------------------------------------------------------------


def in_trash(project: Project) -> QuerySet[Item]:
    """The latest first."""
    found = project.items.filter(trashed_at__isnull=False, purged_at=None)
    return found.defer("text").order_by("-trashed_at", "-pk")


def how_many_in_trash(projects: Iterable[Project]) -> dict[int, int]:
    """By project; those that have none are not in it."""
    found = Item.objects.filter(project__in=[one.pk for one in projects], trashed_at__isnull=False, purged_at=None)
    return dict(found.order_by().values_list("project").annotate(Count("pk")))


def trash(user: User, pk: int) -> Item:
    return move(user, pk, timezone.now())


def restore(user: User, pk: int) -> Item:
    return move(user, pk, None)


@transaction.atomic
def move(user: User, pk: int, trashed_at: datetime | None) -> Item:
    """Into the trash or out of it; one that is where it should be stays as it is."""
    hold_version(get_item(user, pk, Role.MANAGER, trashed=True).project_id)
    item = get_item(user, pk, Role.MANAGER, lock=True, trashed=True)
    if bool(item.trashed_at) != bool(trashed_at):
        item.trashed_at = trashed_at
        item.save(update_fields=["trashed_at"])
        log_rows(user, item.project_id, [item], without=["text"])
        tell_moved(item.project_id, [pk], trashed_at)
    return item


@transaction.atomic
def trash_many(user: User, project_id: int, pks: Sequence[int], *, action: UUID) -> list[int]:
    """As one action; the items that were not in the trash before."""
    hold_version(project_id)
    get_project(user, project_id, Role.MANAGER)
    found = locked(project_id, pks)
    if (before := done_by(user, project_id, KIND, pks, action)) is not None:
        return before
    return move_many(user, project_id, [item for item in found if not item.trashed_at], timezone.now(), action)


@transaction.atomic
def restore_many(user: User, project_id: int, pks: Sequence[int]) -> list[int]:
    """As one action, whoever has put them into the trash; the items that were in it."""
    hold_version(project_id)
    get_project(user, project_id, Role.MANAGER)
    return move_many(user, project_id, [item for item in locked(project_id, pks) if item.trashed_at], None, uuid4())


@transaction.atomic
def take_back(user: User, project_id: int, pks: Sequence[int], undone: UUID, *, action: UUID) -> list[int]:
    """Out of the trash where one's action has put them, as long as nobody has moved them since."""
    hold_version(project_id)
    get_project(user, project_id, Role.MANAGER)
    found = locked(project_id, pks)
    if (before := done_by(user, project_id, KIND, pks, action)) is not None:
        return before
    changes = Change.objects.filter(project=project_id, kind=KIND, target__in=pks).order_by("target", "-pk")
    last = {change.target: change for change in changes.distinct("target").only("target", "action", "actor_id")}
    own = [item for item in found if (last[item.pk].action, last[item.pk].actor_id) == (undone, user.pk)]
    return move_many(user, project_id, [item for item in own if item.trashed_at], None, action)


def locked(project_id: int, pks: Sequence[int]) -> list[Item]:
    items = Item.objects.filter(project=project_id, pk__in=pks, purged_at=None).order_by("pk").defer("text")
    return list(items.select_for_update(of=("self",), no_key=True))


def move_many(
    user: User, project_id: int, found: Sequence[Item], trashed_at: datetime | None, action: UUID
) -> list[int]:
    for item in found:
        item.trashed_at = trashed_at
    if found:
        Item.objects.filter(pk__in=[item.pk for item in found]).update(trashed_at=trashed_at)
        log_rows(user, project_id, found, without=["text"], action=action)
        tell_moved(project_id, [item.pk for item in found], trashed_at)
    return [item.pk for item in found]


def tell_moved(project_id: int, items: list[int], trashed_at: datetime | None) -> None:
    events.access_changed(project_id)
    if trashed_at is None:
        events.items_restored.send(Item, items=items)


@transaction.atomic
def purge(user: User, pk: int) -> None:
    """What `annotator.operations.purging` begins with."""
    item = get_item(user, pk, Role.MANAGER, lock=True, trashed=True)
    if item.trashed_at is None:
        raise Conflict("Put the item into the trash first.", code="not_in_trash")
    found = Item.objects.filter(pk=pk)
    erase(found)
    log_rows(user, item.project_id, found, without=["text"])


def erase(items: QuerySet[Item]) -> None:
    """What the rows hold, and what the log says of them. An image that nothing else shows goes when it is collected."""
    now = timezone.now()
    nothing = {"name": "", "text": None, "media": None, "width": None, "height": None}
    items.update(**nothing, trashed_at=Coalesce("trashed_at", now), purged_at=now)
    log = Change.objects.filter(project__in=logs_of(items), kind=KIND, target__in=items.values("pk"))
    log.update(record={})
    events.items_erased.send(None, items=items)


def logs_of(items: QuerySet[Item]) -> set[int]:
    """The projects in whose logs the items stand: where they are, and where they were moved from."""
    came = Change.objects.filter(project__in=items.values("project"), kind=MOVE, target__in=items.values("pk"))
    former = (pk for been in came.values_list("record__been", flat=True) for pk in been or ())
    return {*former, *items.values_list("project", flat=True)}


# Media ----------------------------------------------------------------------------------------------------------------


def lock_content(hashes: Iterable[str]) -> None:
    """One upload at a time stores the same content; always in one order, so that no two wait for each other."""
    with connection.cursor() as cursor:
        for one in sorted(set(hashes)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [one])


def keep_media(incoming: Iterable[Incoming]) -> dict[str, Media]:
    """By digest. The rows are written after the bytes are stored, and a row means that they are all there."""
    images = {one.sha256: one for one in incoming}
    known = {pk: one for pk, one in Media.objects.in_bulk(images).items() if media.is_stored(one)}
    made = []
    for digest in images.keys() - known.keys():
        one = images[digest]
        values = {name: one.found[name] for name in DESCRIBED}
        new = Media(sha256=digest, size=one.path.stat().st_size, has_thumbnail=False, **values)
        media.keep(new, one.path)
        made.append(new)
    fields = [*DESCRIBED, "size", "has_thumbnail"]
    Media.objects.bulk_create(made, update_conflicts=True, unique_fields=["sha256"], update_fields=fields)
    return known | {one.pk: one for one in made}


def ask_for_thumbnails(images: Iterable[Media]) -> None:
    """Of the worker, a few by one message: each message starts a process that reads them."""
    wanted = {image.pk: image.width * image.height <= SMALL for image in images if not image.has_thumbnail}
    for size, small in ((THUMBNAILS, False), (SMALL_ONES, True)):
        for some in batched((pk for pk, is_small in wanted.items() if is_small == small), size):
            send = partial(current_app.send_task, "projects.tasks.make_thumbnails", [some])
            transaction.on_commit(send, robust=True)


def collect_media() -> None:
    """Delete the images that no item and no guidelines show."""
    for sha256 in Media.objects.filter(items=None, examples=None).values_list("pk", flat=True):
        collect(sha256)


@transaction.atomic
def collect(sha256: str) -> None:
    """The files go first: where that is broken off the row stays, and is found again tomorrow."""
    lock_content([sha256])
    unused = Media.objects.select_for_update(of=("self",)).filter(pk=sha256, items=None, examples=None).first()
    if unused:
        media.discard(unused)
        unused.delete()
