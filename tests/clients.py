"""How the cast comes in: clients and sessions that are signed in."""

from django.conf import settings
from django.test import Client

from projects.models import User


def client_of(user: User) -> Client:
    """A client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


def session_of(user: User) -> str:
    return client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
