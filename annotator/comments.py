"""Comments about a sheet and its annotations, in threads: who says, changes and resolves what, and has read how far.

Each change is made under the sheet's lock, so comments are committed in the order of their ids.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Length
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from annotator import events, notices
from annotator.access import get_comment, get_sheet, opened, sheet_of
from annotator.history import Actor, actor
from annotator.messages import Number
from annotator.models import Annotation, Comment, CommentRead, Sheet
from projects.access import get_item
from projects.errors import Conflict, Invalid
from projects.models import Item, Role, User

LONGEST = 5_000  # characters
MOST = 1_000  # comments a sheet


class Point(msgspec.Struct, tag="point", frozen=True, forbid_unknown_fields=True):
    """A place on an image, in its pixels."""

    x: float
    y: float


class Range(msgspec.Struct, tag="range", frozen=True, forbid_unknown_fields=True):
    """A place in a text, from one character to before another, in code points."""

    start: Number
    end: Number


Place = Point | Range


class Write(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Begin a thread about the item, an annotation or a place, or answer in one: `thread` is its first comment.

    `id` is of the client's making: who has lost the answer sends it again, and nothing is said twice.
    """

    text: str
    id: UUID | None = None
    annotation: UUID | None = None
    place: Place | None = None
    thread: Number | None = None


class Rewrite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    resolved: bool = True


class ReadUpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last comment that one has seen."""

    comment: Number


class Said(msgspec.Struct, frozen=True):
    """A comment as it stands; a deleted one has no text. `thread` is the first comment of its thread.

    What the thread is about, and who has resolved it when, stands with its first comment.
    """

    id: int
    thread: int
    annotation: UUID | None
    place: Place | None
    author: Actor
    text: str
    created_at: datetime
    edited_at: datetime | None
    deleted: bool
    resolved_at: datetime | None
    resolved_by: Actor | None


class Talk(msgspec.Struct, frozen=True):
    """All that is said about a sheet, oldest first, and up to which comment one has read.

    None when nobody has opened the item yet.
    """

    sheet: int | None
    read: int
    comments: list[Said]


# Reading --------------------------------------------------------------------------------------------------------------


def find_sheet(user: User, item: int, sheet: int | None) -> int | None:
    """The sheet one works on, if it was ever opened, or another of the item's that one may see."""
    if sheet is None:
        return opened(get_item(user, item), user).values_list("pk", flat=True).first()
    if get_sheet(user, sheet).item_id != item:
        raise Http404
    return sheet


def read(user: User, item: int, sheet: int | None = None) -> Talk:
    sheet = find_sheet(user, item, sheet)
    if sheet is None:
        return Talk(sheet=None, read=0, comments=[])
    rows = list(Comment.objects.filter(sheet=sheet).select_related("author", "resolved_by").order_by("pk"))
    alive = {thread_of(row) for row in rows if not row.deleted_at}
    last = CommentRead.objects.filter(user=user, sheet=sheet).values_list("comment", flat=True).first()
    return Talk(sheet=sheet, read=last or 0, comments=[told(row) for row in rows if thread_of(row) in alive])


def thread_of(comment: Comment) -> int:
    return comment.thread_id or comment.pk


def told(comment: Comment) -> Said:
    return Said(
        id=comment.pk,
        thread=thread_of(comment),
        annotation=comment.annotation_id,
        place=msgspec.convert(comment.place, Place) if comment.place else None,
        author=actor(comment.author),
        text=comment.text,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        deleted=comment.deleted_at is not None,
        resolved_at=comment.resolved_at,
        resolved_by=actor(comment.resolved_by) if comment.resolved_by else None,
    )


@transaction.atomic
def mark_read(user: User, item: int, message: ReadUpTo, sheet: int | None = None) -> None:
    """Never back: what was read on another page stays read."""
    comment = get_object_or_404(Comment, pk=message.comment, sheet=find_sheet(user, item, sheet))
    known, created = CommentRead.objects.get_or_create(
        user=user, sheet_id=comment.sheet_id, defaults={"comment": comment.pk}
    )
    if not created:
        CommentRead.objects.filter(pk=known.pk, comment__lt=comment.pk).update(comment=comment.pk)
    seen = Comment.objects.filter(sheet=comment.sheet_id, pk__lte=comment.pk)
    notices.mark_read(user, seen.values("pk"))


# Writing --------------------------------------------------------------------------------------------------------------


@transaction.atomic
def write(user: User, item: int, message: Write, sheet: int | None = None) -> Said:
    """Every member may say something. An answer opens again what was resolved."""
    found = find_sheet(user, item, sheet) or sheet_of(get_item(user, item), user).pk
    on = get_sheet(user, found, lock=True)
    text = checked(message.text)
    if message.id and (before := on.comments.filter(key=message.id).first()):
        return repeated(user, before, text)
    if on.comments.count() >= MOST:
        raise Conflict(f"There are {MOST:,} comments here, and no room for more.", code="sheet_full")
    thread = first_of(on, message) if message.thread is not None else None
    annotation = annotation_of(on, message) if thread is None else None
    place = place_of(on, message)
    about = {"annotation": annotation, "place": place}
    comment = Comment.objects.create(sheet=on, author=user, text=text, thread=thread, key=message.id, **about)
    notices.tell(comment)
    if thread and thread.resolved_at:
        set_resolved(thread, None)
    events.commented(on.pk)
    return told(comment)


def repeated(user: User, before: Comment, text: str) -> Said:
    """What was sent is sent again."""
    if before.author_id != user.pk or (before.text != text and not before.edited_at and not before.deleted_at):
        raise Conflict("Another comment has this id. Send it under a new one.", code="id_taken")
    return told(before)


def checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("Write something first.", fields={"text": "missing"})
    if len(text) > LONGEST:
        raise Invalid(f"A comment has at most {LONGEST:,} characters. Shorten it.", fields={"text": "too_long"})
    if "\0" in text:
        raise Invalid("The comment holds a NUL character. Remove it.", fields={"text": "nul"})
    return text


def first_of(sheet: Sheet, message: Write) -> Comment:
    """The first comment of the thread that is answered."""
    if message.annotation or message.place:
        raise Invalid(
            "An answer is about what its thread is about.",
            fields={"annotation" if message.annotation else "place": "thread"},
        )
    thread = sheet.comments.filter(pk=message.thread or 0, thread=None).first()
    if thread is None:
        raise Invalid("There is no such thread here.", fields={"thread": "unknown"})
    if not sheet.comments.filter(Q(pk=thread.pk) | Q(thread=thread), deleted_at=None).exists():
        raise Conflict("This thread has been deleted. Begin a new one.", code="deleted")
    return thread


def annotation_of(sheet: Sheet, message: Write) -> Annotation | None:
    if message.annotation is None:
        return None
    annotation = sheet.annotations.filter(pk=message.annotation).first()
    if annotation is None:
        raise Invalid("There is no such annotation here.", fields={"annotation": "unknown"})
    if annotation.deleted:
        raise Conflict("Someone has deleted this annotation. Say it about the item instead.", code="deleted")
    return annotation


def place_of(sheet: Sheet, message: Write) -> dict[str, Any] | None:
    place, item = message.place, sheet.item
    if place is None:
        return None
    if message.annotation:
        raise Invalid("A comment is about an annotation or about a place.", fields={"place": "annotation"})
    if isinstance(place, Point):
        fits = item.width and item.height and 0 <= place.x <= item.width and 0 <= place.y <= item.height
    else:
        length = Item.objects.filter(pk=item.pk).values_list(Length("text"), flat=True).get()
        fits = length is not None and place.start < place.end <= length
    if not fits:
        raise Invalid("There is no such place on this item.", fields={"place": "outside"})
    return msgspec.to_builtins(place)


@transaction.atomic
def rewrite(user: User, pk: int, message: Rewrite) -> Said:
    comment = own(user, pk)
    if comment.deleted_at:
        raise Conflict("You have deleted this comment. Write a new one.", code="deleted")
    text = checked(message.text)
    if text != comment.text:
        comment.text, comment.edited_at = text, timezone.now()
        comment.save(update_fields=["text", "edited_at"])
        notices.tell(comment)
        events.commented(comment.sheet_id)
    return told(comment)


@transaction.atomic
def delete(user: User, pk: int) -> None:
    """Nothing is left of the text."""
    comment = own(user, pk)
    if not comment.deleted_at:
        comment.text, comment.deleted_at = "", timezone.now()
        comment.save(update_fields=["text", "deleted_at"])
        events.commented(comment.sheet_id)


def own(user: User, pk: int) -> Comment:
    comment = get_comment(user, pk)
    if comment.author_id != user.pk:
        raise PermissionDenied("Only who wrote a comment can change or delete it. Answer it instead.")
    return comment


@transaction.atomic
def resolve(user: User, pk: int, message: Resolve) -> Said:
    """Whoever may annotate resolves a thread, named by any of its comments, or opens it again."""
    comment = get_comment(user, pk, Role.ANNOTATOR)
    first = comment.thread or comment
    if message.resolved != (first.resolved_at is not None):
        set_resolved(first, user if message.resolved else None)
        events.commented(first.sheet_id)
    return told(first)


def set_resolved(first: Comment, by: User | None) -> None:
    first.resolved_by, first.resolved_at = by, timezone.now() if by else None
    first.save(update_fields=["resolved_by", "resolved_at"])
