"""What each request of someone signed in brings: dates in their own time zone, and when their session was last seen."""

from time import monotonic

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from projects.access import person
from projects.connections import Answer

NOTED_EVERY = 60  # seconds
MOST_KNOWN = 10_000

_noted: dict[str, float] = {}  # by the session's key: when it was last noted


def visits(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        user = person(request)
        if not user.is_authenticated:
            return get_response(request)
        note(request)
        with timezone.override(user.zone or timezone.get_default_timezone()):
            return get_response(request)

    return answer


def note(request: HttpRequest) -> None:
    """That the session is alive, from where and with what; not more than once a minute."""
    key, now = request.session.session_key, monotonic()
    if key is None or now - _noted.get(key, -NOTED_EVERY) < NOTED_EVERY:
        return
    if len(_noted) > MOST_KNOWN:
        _noted.clear()
    _noted[key] = now
    UserSession.objects.create_from_request(request)
