"""Joining a project by a link: made by managers, good for so long and so many, revocable."""

import logging
import re
import unicodedata
from datetime import timedelta
from itertools import chain, count

from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from projects.access import changes_of, get_project, leaving_of, was_removed
from projects.errors import Conflict, Invalid
from projects.models import Invitation, JoinRequest, Membership, Project, Role, User
from projects.names import cleaned
from projects.services import check, log_rows, people
from projects.services.members import require_above, tell
from projects.services.people import LinkGone, LinkUnknown

LONGEST = timedelta(days=365)
MOST_USES = 10_000
ATTEMPTS = 10
LONGEST_NAME = 150

log = logging.getLogger(__name__)


@transaction.atomic
def invite(
    user: User,
    project_id: int,
    *,
    role: Role,
    lifetime: timedelta | None = None,
    most_uses: int | None = None,
    email: str = "",
) -> Invitation:
    """A new link. One for an e-mail address lets one person in; `send` sends it there."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    require_above(project, role)
    invitation = Invitation(project=project, role=role, created_by=user, email=email.strip().lower())
    check(invitation, "Please mend what is marked.", "email")
    if invitation.email and open_ones(project).filter(email=invitation.email).exists():
        raise Conflict(f"{invitation.email} is invited already. Take that invitation back before you send another.")
    if lifetime is not None:
        if not timedelta(0) < lifetime <= LONGEST:
            raise Invalid("A link may be good for up to a year.", fields={"lifetime": "Choose up to a year."})
        invitation.expires_at = timezone.now() + lifetime
    if most_uses is not None and not 0 < most_uses <= MOST_USES:
        detail = f"A link may let in 1 to {MOST_USES:,} people."
        raise Invalid(detail, fields={"most_uses": detail})
    invitation.most_uses = 1 if invitation.email else most_uses
    invitation.save()
    log_rows(user, project.pk, [invitation], without=["uses"])
    return invitation


def send(invitation: Invitation) -> bool:
    """By e-mail, once it is committed. Whether a server has taken it; where there is none, the log has."""
    subject = f"{invitation.created_by} invites you to {invitation.project.name}"
    text = (
        f"{invitation.created_by} would like you to label together with them.\n\n"
        f"Open this link to join the project “{invitation.project.name}”:\n\n{address_of(invitation)}\n"
    )
    try:
        return bool(send_mail(" ".join(subject.split()), text, None, [invitation.email])) and not is_logged()
    except OSError as error:
        log.error("No e-mail can be sent: %s", error)
        return False


def is_logged() -> bool:
    return settings.EMAIL_BACKEND.endswith("console.EmailBackend")


@transaction.atomic
def revoke(user: User, project_id: int, pk: int) -> None:
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    for invitation in open_ones(project).filter(pk=pk):
        require_above(project, invitation.role)
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        log_rows(user, project.pk, [invitation], without=["uses"])


def open_ones(project: Project) -> QuerySet[Invitation]:
    """Those that still let someone in."""
    unspent = Q(most_uses=None) | Q(uses__lt=F("most_uses"))
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return project.invitations.filter(unspent & lasting, revoked_at=None).select_related("created_by")


def address_of(invitation: Invitation) -> str:
    """The link, as others reach this server."""
    return settings.PUBLIC_URL + reverse("join", args=[secret_of(invitation)])


def secret_of(invitation: Invitation) -> str:
    return signer().sign(str(invitation.pk))


def signer() -> Signer:
    return Signer(salt="projects.invitations", sep=".")


def find(secret: str) -> Invitation:
    """The invitation behind a link, whether it still lets anyone in (`require_open`) or not."""
    try:
        pk = int(signer().unsign(secret))
    except (BadSignature, ValueError):
        raise LinkUnknown("This link is not known here. Check that it was copied whole.") from None
    found = Invitation.objects.select_related("project", "created_by").filter(pk=pk, project__trashed_at=None).first()
    if found is None:
        raise LinkUnknown("This link leads to a project that is not here any more. Ask whoever sent it.")
    return found


def find_locked(secret: str) -> Invitation:
    """And its project's lock: nobody else joins, is removed or archives the project meanwhile."""
    Project.objects.select_for_update(no_key=True).get(pk=find(secret).project_id)
    return find(secret)


def require_open(invitation: Invitation) -> None:
    maker = maker_of(invitation)
    if invitation.project.archived_at:
        raise LinkGone(f"This project is archived and takes nobody in. Ask {maker}.", code="archived")
    if invitation.revoked_at:
        raise LinkGone(f"This link has been taken back. Ask {maker} for a new one.", code="link_revoked")
    if invitation.expires_at and invitation.expires_at <= timezone.now():
        raise LinkGone(f"This link has expired. Ask {maker} for a new one.")
    if invitation.most_uses is not None and invitation.uses >= invitation.most_uses:
        raise LinkGone(f"This link has let in as many people as it may. Ask {maker} for a new one.")


def maker_of(invitation: Invitation) -> str:
    """Their name, which the link has shown, as long as they may make another."""
    made = Membership.objects.filter(project=invitation.project_id, user=invitation.created_by, role__gte=Role.MANAGER)
    return str(invitation.created_by) if made.exists() else "whoever sent it"


@transaction.atomic
def join(secret: str, user: User | None, *, name: str = "") -> Membership:
    """Let someone in by a link. Who is not known here (`user` is None) comes to be, by their name alone.

    A member keeps the role they have, and uses up nothing. Who was removed by somebody else must ask; who left gets
    by an older link no more than they had, as somebody may have lowered it.
    """
    invitation = find_locked(secret)
    held = Membership.objects.filter(project=invitation.project, user=user).first() if user else None
    if held:
        return held
    require_open(invitation)
    if user and was_removed(user.pk, invitation.project_id):
        raise LinkGone("You were removed from this project. Ask its managers to let you in again.")
    newcomer = user or newcomer_called(name)
    role = role_again(user, invitation) if user else invitation.role
    membership = Membership.objects.create(project=invitation.project, user=newcomer, role=role)
    Invitation.objects.filter(pk=invitation.pk).update(uses=F("uses") + 1)
    JoinRequest.objects.filter(project=invitation.project, user=newcomer).delete()
    return tell(newcomer, membership)


def role_again(user: User, invitation: Invitation) -> int:
    left = leaving_of(user.pk, invitation.project_id)
    if left is None or invitation.created_at > left.at:
        return invitation.role
    held = changes_of(user.pk, invitation.project_id).filter(record__role__gt=0).first()
    return min(invitation.role, held.record["role"]) if held else invitation.role


def newcomer_called(name: str) -> User:
    """Someone of the same name may come in at the same moment: then with the next user name."""
    for attempt in range(ATTEMPTS):
        username = username_for(name)
        try:
            return people.create(username, name=name)
        except Invalid:
            taken = User.objects.filter(username__iexact=username).exists()
            if not taken or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def username_for(name: str) -> str:
    """A user name like the name, that nobody has: “Zoë Müller” becomes zoë.müller, the next one zoë.müller2."""
    if not cleaned(name):
        raise Invalid("Write your name, so that the others know who you are.", fields={"name": "Write your name."})
    words = unicodedata.normalize("NFKC", name[:LONGEST_NAME]).casefold().split()
    plain = ".".join(filter(None, ("".join(filter(str.isalnum, word)) for word in words)))[:100] or "person"
    alike = User.objects.filter(username__iregex=rf"^{re.escape(plain)}\d*$").count()
    numbered = (f"{plain}{number}" for number in count(max(alike, 1) + 1))
    return next(name for name in chain([plain], numbered) if not User.objects.filter(username__iexact=name).exists())
