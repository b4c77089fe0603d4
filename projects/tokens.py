"""Programs sign in by tokens."""

from django.utils import timezone
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox import auth
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from projects.models import User


class TokenAuthentication(auth.TokenAuthentication):
    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        if not token.isalnum():  # knox and PostgreSQL stumble over other bytes
            raise AuthenticationFailed("The token is not right. Copy it whole, or ask for a fresh one.")
        return super().authenticate_credentials(token)

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether it has expired. Expired tokens are removed once a day, not whenever anyone comes."""
        return auth_token.expiry is not None and auth_token.expiry < timezone.now()


class TokenScheme(KnoxTokenScheme):
    """How the API's description tells of tokens."""

    target_class = "projects.tokens.TokenAuthentication"
