"""Pages on which people look after their own account. allauth's own views do what has to do with passwords."""

import logging
from contextlib import nullcontext
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import date
from django.utils import timezone
from django.views.decorators.cache import never_cache
from requests import RequestException

from projects.access import get_person, person
from projects.api import send
from projects.errors import Invalid, Refusal
from projects.models import PRESENCE_COLORS, User
from projects.names import cleaned
from projects.services import people
from projects.views import posted_id

log = logging.getLogger(__name__)

MADE = "made_token"  # in the session, until the page that it is shown on has come
DEVICES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "CrOS", "Linux")
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "CriOS": "Chrome"}
BROWSERS |= {"Chrome": "Chrome", "Safari": "Safari"}  # these last: others say these names too
DEVICE_NAMES = {"Macintosh": "Mac", "CrOS": "ChromeOS"}


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if request.method != "POST":
        return render(request, "account/profile.html", about(user))
    entered = User.objects.get(pk=user.pk)
    try:
        save(request, entered)
    except Refusal as refusal:
        context = about(user) | {"entered": entered, "refusal": refusal}
        return render(request, "account/profile.html", context, status=refusal.status_code)
    messages.success(request, "Saved. Who has a project open sees a new name or colour when they open it next.")
    return redirect("profile")


def save(request: HttpRequest, user: User) -> None:
    """All of it or nothing. The picture is read first, so that nobody waits for the row meanwhile."""
    file = request.FILES.get("picture")
    removed = request.POST.get("no_picture")
    with people.small_copy(file) if file and not removed else nullcontext() as small, transaction.atomic():
        change(request, user)
        if removed:
            people.remove_picture(user)
        elif small:
            people.keep_picture(user, small)


def change(request: HttpRequest, user: User) -> None:
    posted = request.POST
    people.change(
        user,
        name=posted.get("name", ""),
        username=posted.get("username", ""),
        color=posted.get("color", ""),
        time_zone=posted.get("time_zone", ""),
    )


def about(user: User) -> dict[str, Any]:
    addresses = EmailAddress.objects.filter(user=user)
    return {
        "entered": user,
        "colors": PRESENCE_COLORS,
        "zones": people.ZONES,
        "max_picture": people.MAX_PICTURE,
        "server_zone": settings.TIME_ZONE,
        "confirmed": any(address.verified and address.email == user.email for address in addresses),
        "pending": [address.email for address in addresses if address.email != user.email],
        "has_codes": is_mfa_enabled(user),
        "session_count": len(people.sessions_of(user)),
        "token_count": len(people.tokens_of(user)),
    }


@login_required
def picture(request: HttpRequest, pk: int) -> HttpResponseBase:
    """It is asked for by its hash too, so a browser may keep it for good."""
    shown = get_person(person(request), pk)
    if not shown.picture:
        raise Http404
    return send(request, shown.picture_path, "image/webp", f'"{shown.picture}"')


def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """There by the button. A server that does not answer is told as its other failures are."""
    try:
        return oidc.login(request, provider_id)
    except RequestException as error:
        log.warning("The OIDC server cannot be reached: %s", error)
        return render(request, "socialaccount/authentication_error.html", status=503)


@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in. A POST ends one of them (`session`), or all others (`others`)."""
    user, key = person(request), request.session.session_key or ""
    if request.method == "POST":
        only = None if request.POST.get("others") else posted_id(request, "session")
        people.end_sessions(user, keep=key, only=only)
        return redirect("sessions")
    found = [
        {"row": session, "device": device(session.user_agent), "here": session.session_key == key}
        for session in people.sessions_of(user)
    ]
    found.sort(key=lambda session: not session["here"])
    return render(request, "usersessions/usersession_list.html", {"sessions": found})


def device(user_agent: str) -> str:
    """“Firefox on Linux”, as far as a browser says so."""
    browser = next((name for sign, name in BROWSERS.items() if f"{sign}/" in user_agent), "")
    machine = next((name for name in DEVICES if name in user_agent), "")
    machine = DEVICE_NAMES.get(machine, machine)
    return " on ".join(filter(None, [browser, machine])) or user_agent[:60] or "Unknown"


@login_required
@never_cache
@reauthentication_required(allow_get=True)
def tokens(request: HttpRequest) -> HttpResponse:
    """A POST makes a token, shown on the page that comes next and never again; or ends one."""
    user = person(request)
    context: dict[str, Any] = {"made": request.session.pop(MADE, None)} if request.method == "GET" else {}
    if request.method == "POST" and (key := request.POST.get("end")):
        people.end_token(user, key)
        return redirect("tokens")
    if request.method == "POST":
        try:
            if not cleaned(name := request.POST.get("name", "")):
                raise Invalid("Name the token.", fields={"name": "Say what it is for, to know it again later."})
            made, secret = people.make_token(user, name=name)
            request.session[MADE] = {"secret": secret, "until": date(timezone.localtime(made.expiry), "j F Y")}
            return redirect("tokens")
        except Refusal as refusal:
            context |= {"refusal": refusal, "name": name}
    return render(request, "account/tokens.html", context | {"tokens": people.tokens_of(user)})
