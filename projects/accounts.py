from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from knox.models import AuthToken

from projects import events
from projects.access import person
from projects.models import SignInLink, User


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up unasked; a new password ends tokens and links; live sockets hear of it and of signing out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def logout(self, request: HttpRequest) -> None:
        user = person(request)
        super().logout(request)
        events.signed_out(user.pk)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        AuthToken.objects.filter(user=user).delete()
        SignInLink.objects.filter(user=user, used_at=None).delete()
        events.signed_out(user.pk)
