"""On which items somebody asks for a run: as the address of a request says, in the words of the grid."""

from collections.abc import Sequence
from typing import NamedTuple

from django.http import HttpRequest
from rest_framework.request import Request

from annotator import bulk
from annotator.finding import Search
from annotator.parameters import filters, numbers
from projects.access import person
from projects.models import Project

NOT_OF_THEM = {"ids", "sort", "kind"}


class Choice(NamedTuple):
    """`items` is None for all. `query` are the filters."""

    items: Sequence[int] | None = None
    query: str = ""


def chosen(request: HttpRequest | Request, project: Project) -> Choice:
    """The items among the `ids`, or those that fit the filters of the grid now, or all."""
    asked = filters(request)
    search = Search(person(request), project, asked)
    if "ids" in request.GET:
        return Choice(search.ids(numbers(request, "ids", most=bulk.MOST)))
    if not asked.narrow:
        return Choice()
    query = request.GET.copy()
    for name in NOT_OF_THEM & set(query):
        del query[name]
    return Choice(search.ids(), query.urlencode())
