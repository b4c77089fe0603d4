import hashlib
import secrets
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from knox.models import AuthToken
from knox.settings import knox_settings

from projects import events, imaging, media
from projects.errors import Conflict, Invalid, Refusal
from projects.models import PRESENCE_COLORS, NamedToken, SignInLink, User
from projects.names import cleaned, why_no_username
from projects.services import check

LIFETIME = timedelta(hours=24)
KEPT = timedelta(days=30)  # who comes with an old link in that time is told that it has expired
NEWCOMERS = 100
MAX_PICTURE = 15 * 2**20  # less than a request may hold
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
UNREADABLE = f"This is no image we can read. Use {imaging.NAMES}."


class LinkUnknown(Refusal):
    status_code = 404
    default_code = "link_unknown"


class LinkGone(Refusal):
    status_code = 410
    default_code = "link_gone"


def create(username: str, *, name: str = "", email: str = "", password: str | None = None) -> User:
    """A new person, in the colour that the fewest newcomers have. Without a password only a link signs them in."""
    user = User(username=username, name=cleaned(name) or username, email=email.strip().lower(), color=free_color())
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    check(user, "This person cannot be added.", "username", "name", "email")
    check_username(username, "This person cannot be added.")
    return keep(user, "This person cannot be added.")


def check_username(username: str, detail: str) -> None:
    if why := why_no_username(username):
        raise Invalid(detail, fields={"username": why})


def keep(user: User, detail: str, **options: Any) -> User:
    """The database says whether someone else has the user name or the address."""
    try:
        with transaction.atomic():
            user.save(**options)
    except IntegrityError as error:
        if "emails_differ" in str(error):
            raise Invalid(detail, fields={"email": "Someone has this e-mail address."}) from None
        raise Invalid(detail, fields={"username": "Someone has this user name."}) from None
    return user


def change(user: User, *, name: str, username: str, color: str, time_zone: str) -> User:
    """What a person says of themselves. Others see it wherever they load it next."""
    held, username = user.username, username.strip()
    user.name, user.username, user.color, user.time_zone = cleaned(name), username, color, time_zone
    check(user, "Please mend what is marked.", "username", "name")
    if username != held:
        check_username(username, "Please mend what is marked.")
    if color not in PRESENCE_COLORS:
        raise Invalid("Please mend what is marked.", fields={"color": "Choose one of these colours."})
    if time_zone and time_zone not in ZONES:
        raise Invalid("Please mend what is marked.", fields={"time_zone": "Choose a time zone of the list."})
    return keep(user, "Please mend what is marked.", update_fields=["name", "username", "color", "time_zone"])


def can_come_back(user: User) -> bool:
    """Once their session is over: by a password, or by the OIDC server."""
    return user.has_usable_password() or SocialAccount.objects.filter(user=user).exists()


def set_picture(user: User, file: UploadedFile) -> None:
    with small_copy(file) as small:
        keep_picture(user, small)


def remove_picture(user: User) -> None:
    keep_picture(user, None)


@contextmanager
def small_copy(file: UploadedFile) -> Iterator[Path]:
    """All that is kept of what was uploaded. A child reads it, as all that strangers send."""
    if (file.size or 0) > MAX_PICTURE:
        detail = f"The picture has more than {MAX_PICTURE // 2**20} MB. Make it smaller."
        raise Invalid(detail, fields={"picture": detail})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture"
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        [found] = media.run("thumbnail", [path])
        if "code" in found:
            detail = UNREADABLE if found["code"] == "not_an_image" else found["detail"]
            raise Invalid(detail, code=found["code"], fields={"picture": detail})
        yield imaging.rendition_of(path)


@transaction.atomic
def keep_picture(user: User, small: Path | None) -> None:
    """The row's lock: of two that come at once, the one that is over leaves no file behind."""
    held = locked(user)
    user.picture = hashlib.sha256(small.read_bytes()).hexdigest() if small else ""
    if held.picture == user.picture:
        return
    if small is not None:
        media.put(user.picture_path, small)
    user.save(update_fields=["picture"])
    if held.picture:
        transaction.on_commit(lambda: forget_picture(held), robust=True)


@transaction.atomic
def forget_picture(held: User) -> None:
    """What was replaced, unless it is the person's picture again."""
    if locked(held).picture != held.picture:
        default_storage.delete(held.picture_path)


def locked(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def free_color() -> str:
    used = Counter(User.objects.order_by("-pk").values_list("color", flat=True)[:NEWCOMERS])
    return min(PRESENCE_COLORS, key=lambda color: used[color])


def make_link(user: User, *, lifetime: timedelta = LIFETIME) -> str:
    """The secret of a new one-time link; only its hash is kept."""
    secret = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, secret_hash=digest(secret), expires_at=timezone.now() + lifetime)
    return secret


def find_link(secret: str, *, lock: bool = False) -> SignInLink:
    links = SignInLink.objects.select_for_update(of=("self",)) if lock else SignInLink.objects
    link = links.select_related("user").filter(secret_hash=digest(secret), user__is_active=True).first()
    if link is None:
        raise LinkUnknown("This sign-in link is not known here. Check that it was copied whole.")
    if link.used_at:
        raise LinkGone("This sign-in link has been used. It works once; ask for a fresh one.")
    if link.expires_at < timezone.now():
        raise LinkGone("This sign-in link has expired. Ask for a fresh one.")
    return link


@transaction.atomic
def use_link(secret: str) -> User:
    link = find_link(secret, lock=True)
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link.user


def sessions_of(user: User) -> list[UserSession]:
    """Where a person is signed in, the latest first."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda session: session.last_seen_at, reverse=True)


@transaction.atomic
def end_sessions(user: User, *, keep: str, only: int | None = None) -> None:
    """One of a person's sessions, or all but the one whose key is kept. Its sockets end at once."""
    sessions = UserSession.objects.filter(user=user).exclude(session_key=keep)
    for session in sessions if only is None else sessions.filter(pk=only):
        session.end()
    events.signed_out(user.pk)


@transaction.atomic
def make_token(user: User, *, name: str = "") -> tuple[AuthToken, str]:
    """A token for programs, and what it says: that is kept nowhere, and so shown only now."""
    named = NamedToken(name=cleaned(name))
    if named.name:
        check(named, "Please mend what is marked.", "name")
    limit = knox_settings.TOKEN_LIMIT_PER_USER
    if AuthToken.objects.filter(user=user, expiry__gt=timezone.now()).count() >= limit:
        detail = f"You have {limit} tokens already. End those you do not need: DELETE /api/tokens/?all=1 ends all."
        raise Conflict(detail, code="too_many_tokens")
    named.token, secret = AuthToken.objects.create(user=user)
    if named.name:
        named.save()
    return named.token, secret


def tokens_of(user: User) -> list[AuthToken]:
    alive = AuthToken.objects.filter(user=user, expiry__gt=timezone.now())
    return list(alive.select_related("named").order_by("-created"))


def end_token(user: User, key: str) -> None:
    """The one that begins with the key."""
    AuthToken.objects.filter(user=user, token_key=key).delete()


def forget_expired() -> None:
    """Sessions, tokens and one-time links whose time is over."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    AuthToken.objects.filter(expiry__lt=timezone.now()).delete()
    SignInLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
