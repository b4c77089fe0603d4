"""Programs sign in by tokens."""

from collections.abc import Iterable

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox import auth
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

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


def holders_of(tokens: Iterable[bytes]) -> dict[bytes, int]:
    """Whom these tokens belong to. One that is wrong or has ended belongs to nobody."""
    digests = {hash_token(token.decode()): token for token in tokens if token.isalnum()}
    return {digests[digest]: user for digest, user in run(HOLDERS, digests=list(digests))}


class TokenAuthentication(auth.TokenAuthentication):
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
