"""Who may see or change what of a project: 404 for a stranger, 403 for a member whose role is too low.

In an archived project everyone may what a viewer may, apart from commenting.
"""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest
from rest_framework.request import Request

from projects.errors import Removed
from projects.models import Change, Example, Item, Label, Membership, Project, Role, User

ARCHIVED = "This project is archived: it can be looked at, and not changed. An owner can bring it back."


def person(request: HttpRequest | Request) -> User:
    """Who asks; the permission classes and `login_required` let only the signed-in through."""
    return cast(User, request.user)


def projects_of(user: User) -> QuerySet[Project]:
    """Every project the person is a member of, with their `role`."""
    return visible(Project.objects.all(), user, "")


def get_project(
    user: User,
    pk: int,
    role: Role = Role.VIEWER,
    *,
    lock: bool = False,
    trashed: bool = False,
    archived: bool = False,
) -> Project:
    """`trashed`: also one in the trash. `archived`: for what may be done to an archived one, too."""
    projects = Project.objects.filter(purged_at=None)
    rows = mine(projects, user, "") if trashed else visible(projects, user, "")
    try:
        return get(rows, pk, role, lock, archived=archived)
    except Http404:
        raise why_not(user.pk, pk) from None


def why_not(user: int, project: int) -> Http404:
    """Members of a project in the trash, and who was removed by somebody else, are told whom to ask; who never was a
    member learns nothing."""
    found = Project.objects.filter(pk=project, purged_at=None, memberships__user=user).first()
    if found and found.trashed_at:
        return Removed(f"“{found.name}” is in the trash. An owner can bring it back.")
    if not was_removed(user, project):
        return Http404()
    owners = Membership.objects.filter(project=project, project__trashed_at=None, role=Role.OWNER)
    owner = owners.select_related("user", "project").order_by("pk").first()
    if owner is None:
        return Http404()
    return Removed(f"You were removed from “{owner.project.name}”. Ask {owner.user} to let you in again.")


def was_removed(user: int, project: int) -> bool:
    """By somebody else, and not let in since."""
    left = leaving_of(user, project)
    return left is not None and left.actor_id != user


def leaving_of(user: int, project: int) -> Change | None:
    """What the project's log says of it, if the person has not been in since."""
    last = changes_of(user, project).first()
    return last if last and last.record["role"] is None else None


def changes_of(user: int, project: int) -> QuerySet[Change]:
    """Of their membership, the latest first."""
    return Change.objects.filter(project=project, kind="membership", record__user_id=user).order_by("-pk")


def get_label(user: User, pk: int, role: Role = Role.VIEWER, *, lock: bool = False) -> Label:
    labels = Label.objects.filter(removed_at=None).select_related("project")
    return get(visible(labels, user, "project__"), pk, role, lock)


def get_item(user: User, pk: int, role: Role = Role.VIEWER, *, lock: bool = False, trashed: bool = False) -> Item:
    """`trashed`: also one in the trash."""
    items = Item.objects.filter(purged_at=None) if trashed else Item.objects.filter(trashed_at=None)
    return get(visible(items.select_related("project", "media"), user, "project__"), pk, role, lock)


def get_example(user: User, pk: int) -> Example:
    examples = Example.objects.select_related("project", "media")
    return get(visible(examples, user, "project__"), pk, Role.VIEWER, lock=False)


def get_membership(user: User, pk: int, role: Role = Role.VIEWER) -> Membership:
    """Someone's membership. `role` is a column of it, so the asking person's own is on its project."""
    membership = Membership.objects.select_related("user").filter(pk=pk).first()
    if membership is None:
        raise Http404
    membership.project = get_project(user, membership.project_id, role)
    return membership


def get_person(user: User, pk: int) -> User:
    """Oneself, or someone with whom one shares a project."""
    known = Q(pk=user.pk) | Q(memberships__project__in=projects_of(user).values("pk"))
    found = User.objects.filter(known, pk=pk).first()
    if found is None:
        raise Http404
    return found


def visible(rows: QuerySet, user: User, path: str) -> QuerySet:
    """The rows in projects the person is a member of, each with the person's `role`."""
    return mine(rows.filter(**{f"{path}trashed_at": None}), user, path)


def mine(rows: QuerySet, user: User, path: str) -> QuerySet:
    """As `visible`, in the trash too. Nobody has the id 0."""
    found = rows.filter(**{f"{path}memberships__user_id": user.pk or 0})
    held = F(f"{path}memberships__role")
    counts = Case(When(**{f"{path}archived_at": None}, then=held), default=Value(Role.VIEWER))
    return found.annotate(held=held, role=counts)


def get(rows: QuerySet, pk: int, role: Role, lock: bool, *, archived: bool = False) -> Any:
    rows = rows.filter(pk=pk)
    if lock:
        rows.select_for_update(of=("self",), no_key=True).first()
    row = rows.first()  # after the lock: who waited for it may have another role by now
    if row is None:
        raise Http404
    project = row if isinstance(row, Project) else row.project
    require(row.held, role, archived=project.archived_at is not None and not archived)
    project.role, project.held = row.held if archived else row.role, row.held
    return row


def counted(role: int, archived: bool) -> int:
    """What a member's role comes to."""
    return min(role, Role.VIEWER) if archived else role


def require(own: int, role: Role, *, archived: bool = False) -> None:
    if own < role:
        needed, is_ = role.label.lower(), Role(own).label.lower()
        raise PermissionDenied(f"This needs the role {needed}; yours is {is_}. Ask an owner of the project.")
    if role > Role.VIEWER:
        require_open(archived)


def require_open(archived: bool) -> None:
    if archived:
        raise PermissionDenied(ARCHIVED)
