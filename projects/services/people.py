import hashlib
import secrets
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from knox.models import AuthToken

from projects.errors import Invalid, Refusal
from projects.models import PRESENCE_COLORS, SignInLink, User
from projects.services import check

LIFETIME = timedelta(hours=24)
KEPT = timedelta(days=30)  # who comes with an old link in that time is told that it has expired


class LinkUnknown(Refusal):
    status_code = 404
    default_code = "link_unknown"


class LinkGone(Refusal):
    status_code = 410
    default_code = "link_gone"


def create(username: str, *, name: str = "", email: str = "", password: str | None = None) -> User:
    """A new person, in the colour that the fewest others have. Without a password only a link signs them in."""
    user = User(username=username, name=name.strip() or username, email=email.strip().lower(), color=free_color())
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    check(user, "This person cannot be added.", "username", "name", "email")
    if User.objects.filter(username__iexact=user.username).exists():
        raise Invalid("This person cannot be added.", fields={"username": "Someone has this user name."})
    user.save()
    return user


def free_color() -> str:
    used = dict(User.objects.values_list("color").annotate(Count("pk")))
    return min(PRESENCE_COLORS, key=lambda color: used.get(color, 0))


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


def forget_expired() -> None:
    """Sessions, tokens and one-time links whose time is over."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    AuthToken.objects.filter(expiry__lt=timezone.now()).delete()
    SignInLink.objects.filter(expires_at__lt=timezone.now() - KEPT).delete()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
