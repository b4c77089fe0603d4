from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from projects import events
from projects.access import get_membership, get_project
from projects.errors import Conflict, Invalid
from projects.models import Invitation, Membership, Project, Role, User
from projects.services import assigning, log, log_rows
from projects.services.versions import next_version


@transaction.atomic
def add(user: User, project_id: int, *, username: str, role: Role) -> Membership:
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    require_above(project, role)
    person = User.objects.filter(username__iexact=username.strip().replace("\0", ""), is_active=True).first()
    if person is None:
        raise Invalid("Nobody has this user name. Check its spelling.", fields={"username": "Nobody has this name."})
    if project.memberships.filter(user=person).exists():
        raise Conflict(
            f"{person} is a member already. Change the role in the list instead.",
            code="already_member",
            fields={"username": "Is a member already."},
        )
    membership = Membership.objects.create(project=project, user=person, role=role)
    project.join_requests.filter(user=person).delete()
    return tell(user, membership)


@transaction.atomic
def change(user: User, pk: int, *, role: Role, version: int | None = None) -> Membership:
    """`version`: the one that the person has seen."""
    membership = lock_below(user, pk)
    require_above(membership.project, role)
    if membership.role == Role.OWNER and role < Role.OWNER:
        require_another_owner(membership)
    next_version(membership, membership.project_id, version, {"role": role})
    if role < membership.role:
        take_back_links(membership, role)
    membership.role = role
    membership.save(update_fields=["role", "version"])
    if role < Role.ANNOTATOR:
        assigning.release(user, membership.project_id, membership.user_id)
    return tell(user, membership)


def take_back_links(membership: Membership, role: Role = Role.VIEWER) -> None:
    """That the person made, into roles that they do not give any more with this one."""
    made = Invitation.objects.filter(project=membership.project_id, created_by=membership.user_id, revoked_at=None)
    not_given = made.filter(role__gte=role) if role >= Role.MANAGER else made
    not_given.update(revoked_at=timezone.now())


def read_guidelines(user: User, project_id: int, *, fingerprint: str) -> None:
    """As they were then: that they have changed since is told on every device of the person's."""
    get_project(user, project_id).memberships.filter(user=user).update(guidelines_read=fingerprint)


@transaction.atomic
def remove(user: User, pk: int) -> None:
    """A manager removes those below; anyone may leave. The links that they made go along."""
    membership = get_membership(user, pk)
    if membership.user_id != user.pk:
        membership = lock_below(user, pk)
    else:
        get_project(user, membership.project_id, lock=True)
        membership = get_membership(user, pk)  # the role may have changed while the lock was waited for
    if membership.role == Role.OWNER:
        require_another_owner(membership)
    record = {"user_id": membership.user_id, "role": None}
    log(user, membership.project_id, "membership", {membership.pk: record})
    take_back_links(membership)
    assigning.release(user, membership.project_id, membership.user_id)
    membership.delete()
    events.access_changed(membership.project_id)


@transaction.atomic
def hand_over(user: User, project_id: int, *, to: int, leave: bool) -> None:
    """Make another member (the id of their membership) the owner; one stays as manager, or leaves."""
    project = get_project(user, project_id, Role.OWNER, lock=True)
    heir = project.memberships.filter(pk=to).exclude(user=user).select_related("user").first()
    if heir is None:
        detail = "Choose another member of the project."
        raise Invalid(detail, fields={"to": detail})
    own = project.memberships.get(user=user)
    heir.role, own.role = Role.OWNER, Role.MANAGER
    heir.version, own.version = heir.version + 1, own.version + 1
    heir.save(update_fields=["role", "version"])
    tell(user, heir)
    take_back_links(own, Role.MANAGER)
    if leave:
        remove(user, own.pk)
    else:
        own.save(update_fields=["role", "version"])
        tell(user, own)


def lock_below(user: User, pk: int) -> Membership:
    """The membership of someone below one's own role. The project's lock keeps two people from racing."""
    project = get_project(user, get_membership(user, pk).project_id, Role.MANAGER, lock=True)
    membership = get_membership(user, pk)
    require_above(project, membership.role)
    return membership


def require_above(project: Project, role: int) -> None:
    """Members below one's own role; owners are owners' business."""
    if project.role <= role and project.role != Role.OWNER:
        raise PermissionDenied(
            f"A {Role(project.role).label.lower()} gives and takes only lower roles. Ask an owner of the project."
        )


def require_another_owner(membership: Membership) -> None:
    owners = membership.project.memberships.filter(role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise Conflict("A project needs an owner. Make someone else the owner first.", code="last_owner")


def tell(user: User, membership: Membership) -> Membership:
    log_rows(user, membership.project_id, [membership])
    events.access_changed(membership.project_id)
    return membership
