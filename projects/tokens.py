"""Programs sign in by tokens."""

from collections.abc import Iterable
from time import monotonic

from django.conf import settings
from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox import auth
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from projects.models import User
from projects.prepared import Prepared, run

UNKNOWN = "The token is not right, or has ended. Copy it whole, or ask for a fresh one."

HOLDERS = Prepared(
    "holders_of_tokens",
    """
SELECT t.digest, t.user_id FROM knox_authtoken t
WHERE t.digest = ANY(%(digests)s) AND (t.expiry IS NULL OR t.expiry > now())
    AND (SELECT u.is_active FROM projects_user u WHERE u.id = t.user_id)
""",
    digests="text[]",
)


LOOKED_UP_EVERY = 1  # seconds, as sessions are
MOST_KNOWN = 1_000

_known: dict[str, tuple[int, float]] = {}  # a digest's holder, and until when that is believed


def holders_of(tokens: Iterable[bytes]) -> dict[bytes, int]:
    """Whom these tokens belong to. One that is wrong, or has ended a second ago, belongs to nobody."""
    now = monotonic()
    digests = {hash_token(token.decode()): token for token in tokens if token.isalnum()}
    believed = {digest: _known.get(digest, (0, 0.0)) for digest in digests}
    holders = {digest: user for digest, (user, until) in believed.items() if until > now}
    if unknown := digests.keys() - holders:
        found = dict(run(HOLDERS, digests=list(unknown)))
        holders |= found
        if len(_known) > MOST_KNOWN:
            _known.clear()
        _known.update({digest: (user, now + LOOKED_UP_EVERY) for digest, user in found.items()})
    return {digests[digest]: user for digest, user in holders.items()}


class TokenAuthentication(auth.TokenAuthentication):
    def authenticate(self, request: Request) -> tuple[User, AuthToken] | None:
        """A proxy in front may write Bearer, too, for who has signed in."""
        bears = request.headers.get("Authorization", "").lower().startswith("bearer ")
        if bears and settings.SESSION_COOKIE_NAME not in request.COOKIES:
            raise AuthenticationFailed("Write “Authorization: Token …” instead of “Bearer”.")
        return super().authenticate(request)

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        if not token.isalnum():  # knox and PostgreSQL stumble over other bytes
            raise AuthenticationFailed(UNKNOWN)
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether it has expired. Expired tokens are removed once a day, not whenever anyone comes."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class TokenScheme(KnoxTokenScheme):
    """How the API's description tells of tokens."""

    target_class = "projects.tokens.TokenAuthentication"
