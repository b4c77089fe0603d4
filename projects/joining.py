"""Pages by which people come into a project: sharing a link, joining by it, asking to be let in."""

import logging
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode

from projects.access import get_project, person
from projects.errors import Invalid, Refusal
from projects.models import Invitation, JoinRequest, Membership, Project, Role, User
from projects.services import asking, invitations
from projects.services.people import LinkGone, LinkUnknown
from projects.views import members_after, part_of, posted_role

log = logging.getLogger(__name__)

# Hours a link may be good for, and how many it may let in; 0 is without end.
LIFETIMES = {1: _("an hour"), 24: _("a day"), 168: _("a week"), 720: _("30 days"), 0: _("always")}
CROWDS = {0: _("anyone"), 1: _("one person"), 5: _("5 people"), 20: _("20 people"), 100: _("100 people")}


class Link(NamedTuple):
    """An invitation as the dialog lists it."""

    row: Invitation
    address: str


@never_cache
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Who opens the link gives a name and is in; who is signed in already just says so."""
    user = person(request) if request.user.is_authenticated else None
    invitation = None
    try:
        invitation = invitations.find(secret)
        if user and Membership.objects.filter(project=invitation.project, user=user).exists():
            return redirect("project", invitation.project_id)
        invitations.require_open(invitation)
    except Refusal as refusal:
        return gate(request, secret, refusal=refusal, asked=asked_before(user, invitation))
    if request.method != "POST":
        return gate(request, secret, invitation=invitation)
    try:
        warn_of_proxies(request)
        if user is None and not ratelimit.consume(request, action="join"):
            raise Refusal("Many people have just joined from your network. Wait a minute and try again.")
        membership = invitations.join(secret, user, name=request.POST.get("name", ""))
    except LinkGone as refusal:
        return gate(request, secret, refusal=refusal)
    except Refusal as refusal:
        return gate(request, secret, invitation=invitation, wrong=refusal)
    if user is None:
        login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("project", membership.project_id)


def asked_before(user: User | None, invitation: Invitation | None) -> JoinRequest | None:
    return asking.of(user).filter(project=invitation.project).first() if user and invitation else None


def warn_of_proxies(request: HttpRequest) -> None:
    """Behind a proxy that is not trusted, all who come count as one network."""
    if request.headers.get("X-Forwarded-For") and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        log.warning("A proxy is in front, and none is trusted: all who join count as one. Set TRUSTED_PROXIES.")


def gate(request: HttpRequest, secret: str, **context: object) -> HttpResponse:
    wrong = context.get("refusal") or context.get("wrong")
    status = wrong.status_code if isinstance(wrong, Refusal) else 200
    name = request.POST.get("name", "")
    return render(request, "projects/join.html", {"secret": secret, "name": name, **context}, status=status)


@require_POST
def ask(request: HttpRequest, secret: str) -> HttpResponse:
    """By a link that is over: the managers are asked instead. What becomes of it stands among one's projects."""
    user = person(request) if request.user.is_authenticated else None
    try:
        warn_of_proxies(request)
        if not ratelimit.consume(request, action="ask"):
            raise Refusal("Many people have just asked from your network. Try again in an hour, or tomorrow.")
        asker = asking.ask(secret, user, name=request.POST.get("name", ""))
    except Refusal as refusal:
        return gate(request, secret, refusal=refusal, again=not isinstance(refusal, LinkGone | LinkUnknown))
    if user is None:
        login(request, asker, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


@login_required
@part_of("project")
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """The links of a project, and the form for a new one."""
    project = get_project(person(request), pk, Role.MANAGER)
    if request.method != "POST":
        return links(request, project)
    return after(request, project, lambda: make(request, pk))


def make(request: HttpRequest, pk: int) -> Invitation:
    email = request.POST.get("email", "")
    if email and not ratelimit.consume(request, action="invite"):
        raise Refusal("You have sent many invitations. Send more in an hour, or share a link instead.")
    hours, most = chosen(request, "hours", LIFETIMES), chosen(request, "most_uses", CROWDS)
    return invitations.invite(
        person(request),
        pk,
        role=posted_role(request),
        lifetime=timedelta(hours=hours) if hours else None,
        most_uses=most or None,
        email=email,
    )


def chosen(request: HttpRequest, name: str, choices: dict) -> int:
    posted = request.POST.get(name, "0")
    number = next((choice for choice in choices if str(choice) == posted), None)
    if number is None:
        raise Invalid("Choose one of the list.", fields={name: "Choose one of the list."})
    return number


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    project = get_project(person(request), pk, Role.MANAGER)
    return after(request, project, lambda: invitations.revoke(person(request), pk, invitation))


@login_required
@require_POST
def answer(request: HttpRequest, pk: int, asked: int) -> HttpResponse:
    """A manager lets in who has asked, or not. Answers with the list of members."""
    project = get_project(person(request), pk, Role.MANAGER)
    role = None if request.POST.get("then") == "decline" else posted_role(request)
    return members_after(request, project, lambda: asking.answer(person(request), pk, asked, role=role))


@login_required
@require_POST
def decline_all(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_project(person(request), pk, Role.MANAGER)
    return members_after(request, project, lambda: asking.decline_all(person(request), pk))


def after(request: HttpRequest, project: Project, act: Callable[[], Invitation | None]) -> HttpResponse:
    try:
        made = act()
    except Refusal as refusal:
        return links(request, project, refusal=refusal, entered=request.POST)
    unsent = made is not None and made.email != "" and not invitations.send(made)
    return links(request, project, made=made, unsent=unsent)


def links(request: HttpRequest, project: Project, **context: object) -> HttpResponse:
    """Nobody sees a link into a role that they may not give; shared ones come before those sent by e-mail."""
    newest = invitations.open_ones(project).filter(role__lte=project.highest).order_by("-pk")
    found = [Link(row, invitations.address_of(row)) for row in sorted(newest, key=lambda row: bool(row.email))]
    shown = next((link for link in found if not link.row.email), None)
    return render(
        request,
        "projects/_share.html",
        {
            "project": project,
            "links": found,
            "shown": shown,
            "code": code(shown.address) if shown else "",
            "roles": [role for role in reversed(Role) if role <= project.highest],
            "lifetimes": LIFETIMES,
            "crowds": CROWDS,
            "only_here": is_loopback(settings.PUBLIC_URL),
            **context,
        },
    )


def code(address: str) -> str:
    """The address as a QR code: an SVG to stand in the page."""
    symbol = QRCode(error_correction=ERROR_CORRECT_M, border=2, image_factory=SvgPathImage)
    symbol.add_data(address)
    return symbol.make_image().to_string(encoding="unicode")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
