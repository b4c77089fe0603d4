"""Who is told of a comment: those whom it mentions, and those who have spoken in its thread before."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from annotator.access import may_see, visible_sheets
from annotator.models import Comment, Notice, NoticeKind
from projects.models import Membership, User

NAME = re.compile(r"(?<!\w)@")
SHOWN = 50


def tell(comment: Comment) -> None:
    """Called again when the text has changed; nobody is told twice of one comment."""
    members = readers_of(comment)
    told = {user: NoticeKind.ANSWER for user in speakers(comment) if user in members}
    told |= dict.fromkeys(mentioned(comment.text, members), NoticeKind.MENTION)
    told.pop(comment.author_id, None)
    rows = [Notice(user_id=user, comment=comment, kind=kind) for user, kind in told.items()]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def readers_of(comment: Comment) -> dict[int, str]:
    """The user names of the members who may see the sheet: in a blind project not everyone may."""
    rows = Membership.objects.filter(project=comment.sheet.item.project_id)
    found = rows.values_list("user", "role", "user__username")
    return {user: name for user, role, name in found if may_see(user, role, comment.sheet.person_id)}


def speakers(comment: Comment) -> set[int]:
    if comment.thread_id is None:
        return set()
    before = Comment.objects.filter(thread=comment.thread_id, pk__lt=comment.pk, deleted_at=None)
    first = Comment.objects.filter(pk=comment.thread_id, deleted_at=None)
    return set(before.values_list("author", flat=True)) | set(first.values_list("author", flat=True))


def mentioned(text: str, names: dict[int, str]) -> set[int]:
    """As the browser reads it (static/editor/comments.ts): the longest name wins, so "@ann-marie" is not Ann."""
    by_length = sorted(names.items(), key=lambda pair: -len(pair[1]))
    found = set()
    for at in NAME.finditer(text):
        rest = text[at.end() :].casefold()
        for user, name in by_length:
            if rest.startswith(name.casefold()) and not re.match(r"\w", rest[len(name.casefold()) :]):
                found.add(user)
                break
    return found


def notices_of(user: User) -> QuerySet[Notice]:
    """What one may still see: not of deleted comments, nor of sheets one has lost."""
    sheets = visible_sheets(user.pk).values("pk")
    return Notice.objects.filter(user=user, comment__deleted_at=None, comment__sheet__in=sheets)


def latest(user: User) -> QuerySet[Any]:
    found = notices_of(user).select_related("user", "comment__author", "comment__sheet__item__project")
    return found.order_by("-pk")[:SHOWN]


def open_one(user: User, pk: int) -> Notice:
    """It is read, and its comment is where one goes."""
    notice = get_object_or_404(notices_of(user).select_related("comment__sheet__item"), pk=pk)
    mark_read(user, [notice.comment_id])
    return notice


def mark_read(user: User, comments: Iterable[int] | QuerySet[Any]) -> None:
    unread = Notice.objects.filter(user=user, read_at=None, comment__in=comments)
    unread.update(read_at=timezone.now())


def mark_all_read(user: User) -> None:
    Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
