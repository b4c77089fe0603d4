"""Who may see and change a sheet, and what is said about it."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from annotator.models import Comment, Sheet
from projects.access import counted, require, require_open
from projects.models import Item, Membership, Project, Role, User


def worked_on_by(user_id: int) -> Q:
    """The sheets that a person works on: shared ones, and one's own in a blind project."""
    return Q(person=None) | Q(person=user_id)


def may_see(user_id: int, role: int, person: int | None) -> bool:
    """Whether a member may see a sheet of the person's, or a shared one (None); reviewers see all."""
    return person in (None, user_id) or role >= Role.REVIEWER


def visible_sheets(user_id: int) -> QuerySet[Sheet]:
    """The sheets of one's projects; in a blind project one's own, and all for reviewers."""
    memberships = Membership.objects.filter(user=user_id, project__trashed_at=None)
    mine = Q(item__project__in=memberships.values("project"))
    reviewed = Q(item__project__in=memberships.filter(role__gte=Role.REVIEWER).values("project"))
    return Sheet.objects.filter(mine & worked_on_by(user_id) | reviewed, item__trashed_at=None)


def sheets_of(user: User, project: Project) -> tuple[QuerySet[Sheet], QuerySet[Sheet]]:
    """Of one project those that are `visible_sheets`, and the others on which something stands: mostly far fewer, so
    that to leave out what is on them costs less than to look for the sheet of each annotation."""
    membership = get_object_or_404(Membership, user=user.pk, project=project.pk, project__trashed_at=None)
    sheets, trashed = Sheet.objects.filter(item__project=project), Q(item__trashed_at__isnull=False)
    if membership.role >= Role.REVIEWER:
        seen, hidden = Q(), trashed
    else:
        seen, hidden = worked_on_by(user.pk), trashed | ~worked_on_by(user.pk)
    return sheets.filter(seen, item__trashed_at=None), sheets.filter(hidden, item__purged_at=None)


def get_sheet(user: User, pk: int, *, lock: bool = False) -> Sheet:
    """The sheet; 404 for a stranger. With its lock something is said of it, in archived projects nothing."""
    if lock:
        Sheet.objects.select_for_update(no_key=True).filter(pk=pk).first()
    sheets = visible_sheets(user.pk).select_related("item__project").defer("item__text", "item__project__guidelines")
    sheet = get_object_or_404(sheets, pk=pk)  # after the lock: it may be in the trash by now
    if lock:
        require_open(sheet.item.project.archived_at is not None)
    return sheet


def get_comment(user: User, pk: int, role: Role = Role.VIEWER) -> Comment:
    """The comment, with its sheet locked; 404 for a stranger, 403 for a member whose role is too low."""
    found = get_object_or_404(Comment.objects.only("sheet"), pk=pk)
    get_sheet(user, found.sheet_id, lock=True)
    own = place(user.pk, found.sheet_id)
    if own is None:
        raise Http404
    require(own[0], role)
    return Comment.objects.select_related("thread").get(pk=pk)


def is_member(user_id: int, project_id: int) -> bool:
    """Whether what happens in the project is their business."""
    return Membership.objects.filter(user=user_id, project=project_id, project__trashed_at=None).exists()


def place(user_id: int, sheet_id: int) -> tuple[int, int] | None:
    """One's role on a sheet, and the sheet's project; None for a stranger."""
    found = (
        Membership.objects.filter(
            user=user_id,
            project__trashed_at=None,
            project__items__trashed_at=None,
            project__items__sheets=sheet_id,
        )
        .values_list("role", "project_id", "project__items__sheets__person", "project__archived_at")
        .first()
    )
    if found is None or not may_see(user_id, found[0], found[2]):
        return None
    return counted(found[0], found[3] is not None), found[1]


def opened(item: Item, user: User) -> QuerySet[Sheet]:
    """The sheet a person works on; none when nobody has opened the item before."""
    return Sheet.objects.filter(item=item, person=user if item.project.blind else None)


def sheet_of(item: Item, user: User) -> Sheet:
    """The sheet a person works on when opening an item; made when nobody has opened it before."""
    person = user if item.project.blind else None
    return Sheet.objects.get_or_create(item=item, person=person)[0]
