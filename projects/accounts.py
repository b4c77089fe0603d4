from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from knox.models import AuthToken

from projects import events
from projects.access import person
from projects.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up unasked; a new password ends tokens; the live sockets hear of it and of signing out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def logout(self, request: HttpRequest) -> None:
        user, session = person(request), request.session.session_key
        super().logout(request)
        events.session_ended(user.pk, session)

    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        AuthToken.objects.filter(user=user).delete()
        events.user_changed(user.pk)
