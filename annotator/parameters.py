"""What the address of a request asks for: numbers, days, people, and the filters of the grid."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from annotator import finding, grid
from projects.access import person
from projects.errors import Invalid

SIGNS = "Signs alone are looked for in names, and in texts where a project has less than 10 MB of them."
ASKED_FOR = [
    *(OpenApiParameter(name, int) for name in ("label", "author", "tag", "finisher")),
    OpenApiParameter("status", str, enum=list(finding.STATUSES), description="Finished: done, skipped or accepted."),
    OpenApiParameter("assignee", str, description="A person's id, “me”, or “nobody”."),
    OpenApiParameter("mark", str, enum=list(finding.MARKS_OF_ITEMS)),
    OpenApiParameter("from", str, description="Added on or after this day or moment."),
    OpenApiParameter("to", str, description="Added until the end of this day, or before this moment."),
    OpenApiParameter("worked", str, description="With annotations that were made on this day."),
    OpenApiParameter("made", str, enum=list(finding.MADE), description="With annotations that were made so."),
    OpenApiParameter("finished", str, description="That the finisher, or anyone, has finished on this day."),
    OpenApiParameter("took", int, description="At which somebody was for so many seconds, breaks left out."),
    OpenApiParameter("q", str, description=f"Words of the name or the text, or their beginnings. {SIGNS}"),
]


def number(request: HttpRequest | Request, name: str) -> int | None:
    value = request.GET.get(name)
    if value is None:
        return None
    if not (value.isdecimal() and value.isascii() and len(value) < 19):
        raise Invalid(f"“{name}” is a whole number.", fields={name: "number"})
    return int(value)


def numbers(request: HttpRequest | Request, name: str, *, most: int = grid.MOST) -> list[int]:
    values = request.GET.get(name, "").split(",")
    if not all(value.isdecimal() and value.isascii() and len(value) < 19 for value in values):
        raise Invalid(f"“{name}” are whole numbers with commas between them.", fields={name: "numbers"})
    if len(values) > most:
        raise Invalid(f"“{name}” are at most {most:,} at a time.", fields={name: "too many"})
    return [int(value) for value in values]


def whose(request: HttpRequest | Request) -> int | None:
    """A person's id; oneself is “me”, and 0 is nobody."""
    match request.GET.get("assignee"):
        case "me":
            return person(request).pk
        case "nobody":
            return 0
    return number(request, "assignee")


def one_of(request: HttpRequest | Request, name: str, values: Iterable[str]) -> str:
    value = request.GET.get(name, "")
    if value and value not in values:
        raise Invalid(f"“{name}” is one of {', '.join(values)}.", fields={name: "unknown"})
    return value


def moment(request: HttpRequest | Request, name: str, *, end: bool = False) -> datetime | None:
    """A moment, or the beginning or end of a day."""
    value = request.GET.get(name)
    if not value:
        return None
    try:
        if day := parse_date(value):
            return timezone.make_aware(datetime.combine(day + timedelta(days=end), time()))
        if (found := parse_datetime(value)) and timezone.is_aware(found):
            return found
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"“{name}” is a day, like 2026-01-31, or a moment with its time zone.", fields={name: "date"})


def whole_day(request: HttpRequest | Request, name: str) -> tuple[datetime, datetime] | None:
    """A day's beginning and end, where the person is."""
    first, end = moment(request, name), moment(request, name, end=True)
    if first and first == end:
        raise Invalid(f"“{name}” is a day, like 2026-01-31.", fields={name: "date"})
    return (first, end) if first and end else None


def filters(request: HttpRequest | Request) -> finding.Filters:
    return finding.Filters(
        status=one_of(request, "status", finding.STATUSES),
        label=number(request, "label"),
        author=number(request, "author"),
        tag=number(request, "tag"),
        since=moment(request, "from"),
        until=moment(request, "to", end=True),
        worked=whole_day(request, "worked"),
        made=one_of(request, "made", finding.MADE),
        finisher=number(request, "finisher"),
        finished=whole_day(request, "finished"),
        took=number(request, "took"),
        assignee=whose(request),
        mark=one_of(request, "mark", finding.MARKS_OF_ITEMS),
        words=request.GET.get("q", "")[: finding.LONGEST],
        sort=one_of(request, "sort", grid.SORTS) or "oldest",
    )
