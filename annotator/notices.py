"""Who is told of a comment: those whom it mentions, and those who have spoken in its thread before. Of work, those to
whom it is assigned, or sent back after they had finished it. Managers are told of those who ask to join, and who has
asked is told the answer."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.lookups import IsNull
from django.shortcuts import get_object_or_404
from django.utils import timezone

from annotator.access import may_see, visible_sheets
from annotator.models import Comment, Notice, NoticeKind, Sheet, Status, Work
from projects.models import JoinRequest, Membership, Role, User
from projects.services.asking import TOLD

ABOUT = [
    "comment__sheet__item__project",
    "asked__user",
    "asked__answered_by",
    "asked__project",
    "work__by",
    "work__project",
]
LARGE = [  # and not shown
    "comment__sheet__item__text",
    "comment__sheet__item__project__guidelines",
    "asked__project__guidelines",
    "work__project__guidelines",
]
ITEMS = Work.items.through.objects
NAME = re.compile(r"(?<!\w)@")
WORD = re.compile(r"\w")
LONGEST_NAME = 500  # characters: a user name's 150 may become more in small letters
SHOWN = 50
LOOKED_THROUGH = 200  # of the latest: every page asks every few seconds


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
    known = {name.casefold(): user for user, name in names.items()}
    lengths = sorted({len(name) for name in known}, reverse=True)
    found = set()
    for at in NAME.finditer(text):
        rest = text[at.end() : at.end() + LONGEST_NAME].casefold()
        whole = (rest[:length] for length in lengths if not WORD.match(rest, length))
        if (name := next((one for one in whole if one in known), None)) is not None:
            found.add(known[name])
    return found


def tell_managers(asked: JoinRequest, **_: Any) -> None:
    managers = asked.project.memberships.filter(role__gte=Role.MANAGER).values_list("user", flat=True)
    Notice.objects.bulk_create(Notice(user_id=user, asked=asked, kind=NoticeKind.ASKS) for user in managers)


def tell_who_asked(asked: JoinRequest, **_: Any) -> None:
    """And the managers need not be told any more."""
    asked.notices.all().delete()
    kind = NoticeKind.DECLINED if asked.role is None else NoticeKind.LET_IN
    Notice.objects.create(user=asked.user, asked=asked, kind=kind)


def tell_assignees(user: User, project: int, action: UUID, given: dict[int, list[int]], **_: Any) -> None:
    """Whose which items are now."""
    for person, items in given.items():
        give(NoticeKind.ASSIGNED, items, {person}, project=project, by=user.pk, action=action)


def tell_finishers(sheets: Iterable[int], *, project: int, by: int, action: UUID, reason: str) -> None:
    """Whose work is sent back."""
    found = list(Sheet.objects.filter(pk__in=sheets).exclude(finished_by=None).values_list("item", "finished_by"))
    items, people = [item for item, _ in found], {person for _, person in found}
    give(NoticeKind.RETURNED, items, people, project=project, by=by, action=action, reason=reason)


def give(
    kind: NoticeKind, items: list[int], people: set[int], *, project: int, by: int, action: UUID, reason: str = ""
) -> None:
    """One action is told once, however many commits it takes; to whoever has done it not at all."""
    if people := people - {by}:
        said = {"defaults": {"reason": reason}}
        work, _ = Work.objects.get_or_create(project_id=project, by_id=by, action=action, **said)
        work.items.add(*items)
        rows = [Notice(user_id=person, work=work, kind=kind) for person in people]
        Notice.objects.bulk_create(rows, ignore_conflicts=True)


def waiting(user: User) -> dict[NoticeKind, QuerySet[Any]]:
    """The items of work that are still one's own, or still sent back to one. Of several times the last counts."""

    def last(kind: NoticeKind) -> Subquery:
        told = Notice.objects.filter(user=user, kind=kind, work__items=OuterRef("item"))
        return Subquery(told.order_by().values("user").annotate(last=Max("work")).values("last"))

    there = ITEMS.filter(
        item__trashed_at=None,
        item__project__trashed_at=None,
        item__project=F("work__project"),
        item__project__memberships__user=user,
    )
    sheets = Q(item__sheets__person=None) | Q(item__sheets__person=user)
    own = Q(item__sheets__status=Status.RETURNED, item__sheets__finished_by=user)
    return {
        NoticeKind.ASSIGNED: there.filter(item__assignee=user, work=last(NoticeKind.ASSIGNED)),
        NoticeKind.RETURNED: there.filter(sheets & own, work=last(NoticeKind.RETURNED)),
    }


def with_work(found: QuerySet[Notice], user: User) -> QuerySet[Any]:
    """With how many `items` still wait, and the first one's id and name."""

    def of_work(value: Any) -> Case:
        def asked(rows: QuerySet[Any]) -> Subquery:
            own = rows.filter(work=OuterRef("work")).order_by().values("work")
            return Subquery(own.annotate(value=value).values("value"))

        return Case(*(When(kind=kind, then=asked(rows)) for kind, rows in waiting(user).items()))

    return found.annotate(items=of_work(Count("item")), item=of_work(Min("item")), item_name=of_work(Min("item__name")))


def notices_of(user: User, **which: Any) -> QuerySet[Notice]:
    """What one may still see of the latest: not of deleted comments, nor of sheets, of a manager's role or of a project
    that one has lost; of work while some of it waits; that one was not let in, as long as one's projects say so."""
    latest = Notice.objects.filter(user=user, **which).order_by("-pk")[:LOOKED_THROUGH]
    said = Q(comment__deleted_at=None) & any_of(visible_sheets(user.pk), pk=OuterRef("comment__sheet"))
    own, lately = user.memberships.values("project"), timezone.now() - TOLD
    asks = Q(kind=NoticeKind.ASKS, asked__project__in=own.filter(role__gte=Role.MANAGER))
    let_in = Q(kind=NoticeKind.LET_IN, asked__project__in=own)
    asked = asks | let_in | Q(kind=NoticeKind.DECLINED, asked__answered_at__gt=lately)
    shown: Any = said | (asked & Q(asked__project__trashed_at=None))
    for kind, rows in waiting(user).items():
        shown |= Q(kind=kind) & any_of(rows, work=OuterRef("work"))
    return Notice.objects.filter(shown, pk__in=latest.values("pk"))


def any_of(rows: QuerySet[Any], **which: Any) -> Q:
    """As Exists, but looked for each by itself: PostgreSQL would first gather all that there are."""
    return Q(IsNull(Subquery(rows.filter(**which).values("pk")[:1]), False))


def latest(user: User) -> QuerySet[Any]:
    found = notices_of(user).select_related("user", "comment__author", *ABOUT)
    return with_work(found, user).defer(*LARGE).order_by("-pk")[:SHOWN]


def open_one(user: User, pk: int, *, reads: bool) -> Notice:
    """What it is about is where one goes, and with that it is read, if the page shows it."""
    found = with_work(notices_of(user, pk=pk), user).select_related("user", *ABOUT).defer(*LARGE)
    notice = get_object_or_404(found)
    if reads and notice.comment is None:
        Notice.objects.filter(pk=pk, read_at=None).update(read_at=timezone.now())
    elif reads and notice.comment and is_shown(notice.comment, user):
        mark_read(user, [notice.comment.pk])
    return notice


def is_shown(comment: Comment, user: User) -> bool:
    """The page of an item shows the sheet that one works on oneself."""
    sheet = comment.sheet
    return sheet.person_id == (user.pk if sheet.item.project.blind else None)


def mark_read(user: User, comments: Iterable[int] | QuerySet[Any]) -> None:
    unread = Notice.objects.filter(user=user, read_at=None, comment__in=comments)
    unread.update(read_at=timezone.now())


def mark_all_read(user: User) -> None:
    Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
