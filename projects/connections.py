"""Connections to the database are few: whoever waits for something else gives back its own."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def give_back() -> None:
    """This thread's, unless a transaction is under way; the next query opens another."""
    if not connection.in_atomic_block:
        connection.close()


def given_back(get_response: Answer) -> Answer:
    """The outermost middleware: an answer that is read slowly holds none."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        give_back()
        return response

    return answer
