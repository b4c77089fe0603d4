"""The grid of a project's items: pages of cards in an order, and what each card shows.

Pages go by key, so that the thousandth costs as much as the first. A person sees on it what `access.visible_sheets`
lets them see.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
from django.urls import reverse

from annotator import proposals
from annotator.finding import COMMENTS, IN_PROJECT, IS_UNREAD, Search
from annotator.live.presence import people_by_sheet
from annotator.messages import Person
from annotator.overview import SNIPPET
from annotator.proposals import Marks, OnCard
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects import serializers
from projects.errors import Invalid
from projects.models import ItemKind, Project, Role

PAGE = 60
MOST = 200  # cards at a time
DRAWN = 200  # annotations of a card that are drawn
COUNTED = 1_000  # and that are counted
CORNERS = 40  # of a polygon on a thumbnail


class Sort(NamedTuple):
    """The columns of the key, the id last, so that no two are the same; and what they hold."""

    columns: tuple[str, ...]
    kinds: type
    descending: bool = False


ORDER = "'returned', 'todo', 'in_progress', 'skipped', 'done', 'accepted'"
STATUS_FIRST = f"array_position(ARRAY[{ORDER}], coalesce(s.status, 'todo'))"
SORTS = {
    "oldest": Sort(("i.id",), tuple[int]),
    "newest": Sort(("i.id",), tuple[int], descending=True),
    "name": Sort(("lower(i.name)", "i.id"), tuple[str, int]),
    "status": Sort((STATUS_FIRST, "i.id"), tuple[int, int]),
}


class Outline(msgspec.Struct, frozen=True):
    """A closed ring, x and y in turn, in pixels of the upright image."""

    color: str
    ring: list[float]


class Stretch(msgspec.Struct, frozen=True):
    """A span within the snippet; code points."""

    color: str
    start: int
    end: int


class Suggested(msgspec.Struct, frozen=True):
    """What models suggest on the sheet that the person works on, and nobody has decided: counted and drawn as
    annotations are."""

    count: int
    outlines: list[Outline]
    spans: list[Stretch]
    tags: list[int]


class Card(msgspec.Struct, frozen=True):
    """`annotations` are counted up to a thousand; `tags` are labels; `unread` are comments that one has not seen.

    `clock` is how far its sheets have come, `stamp` changes when something else is suggested. For who knows the card at
    that clock it has None for what is drawn, and at both for what is suggested.
    """

    id: int
    kind: str
    name: str
    thumbnail: str | None
    width: int | None
    height: int | None
    snippet: str
    status: str
    reason: str
    clock: int
    stamp: int
    annotations: int | None
    outlines: list[Outline] | None
    spans: list[Stretch] | None
    tags: list[int] | None
    suggested: Suggested | None
    people: list[Person]
    assignee: int | None
    unsure: bool
    comments: int
    unread: int


class Counts(msgspec.Struct, frozen=True):
    """How many items fit: in `total` with the status that is asked for, and of each status without it."""

    total: int
    by_status: dict[str, int]


class Choices(msgspec.Struct, frozen=True):
    """What filters and cards name: the project's labels and members."""

    labels: list[dict[str, Any]]
    people: list[dict[str, Any]]


class Page(msgspec.Struct, frozen=True):
    """`next` is the cursor of the page that follows."""

    items: list[Card]
    next: str | None = None
    counts: Counts | None = None
    choices: Choices | None = None


# Finding --------------------------------------------------------------------------------------------------------------


def find(search: Search, *, cursor: str = "", skip: int = 0, limit: int = PAGE) -> Page:
    """The items after a cursor, when so many more are skipped."""
    sort = SORTS[search.filters.sort]
    values = read_cursor(cursor, sort) if cursor else {}
    if not limit:  # who only counts does not search as well
        return Page([])
    conditions = search.with_status()
    if cursor:
        key = ", ".join(f"%({name})s" for name in values)
        conditions.append(f"({', '.join(sort.columns)}) {'<' if sort.descending else '>'} ({key})")
    order = ", ".join(f"{column} {'DESC' if sort.descending else 'ASC'}" for column in sort.columns)
    rows = search.ask(
        f"SELECT {', '.join(sort.columns)} FROM {search.found(*conditions, using=order)}"
        f" ORDER BY {order} LIMIT %(limit)s OFFSET %(skip)s",
        **values,
        limit=limit + 1,
        skip=skip,
    )
    more, rows = len(rows) > limit, rows[:limit]
    return Page(cards(search, [row[-1] for row in rows]), write_cursor(rows[-1]) if more and rows else None)


def count(search: Search) -> Counts:
    by_status = count_suggested(search) if search.filters.mark == "suggestions" else dict(by_statuses(search))
    fitting = search.filters.statuses or by_status
    return Counts(sum(by_status.get(status, 0) for status in fitting), by_status)


def by_statuses(search: Search, *numbers: str) -> list[Any]:
    """How many items fit; and of them further `numbers`."""
    columns = ", ".join(["coalesce(s.status, 'todo')", "count(*)", *numbers])
    return search.ask(f"SELECT {columns} FROM {search.found(using=columns)} GROUP BY 1")


def count_suggested(search: Search) -> dict[str, int]:
    """Has a worker keep what it finds out of many: it takes long."""
    whole = replace(search, filters=replace(search.filters, mark=""))
    found_out = f"count(*) FILTER (WHERE NOT {proposals.undecided.KEPT})"
    rows = by_statuses(whole, f"count(*) FILTER (WHERE {proposals.undecided.OPEN})", found_out)
    if sum(row[-1] for row in rows) > proposals.undecided.MANY:
        proposals.undecided.keep_soon(search.project.pk, search.user.pk)
    return {status: number for status, _, number, _ in rows if number}


def choices(project: Project) -> Choices:
    members = list(project.memberships.select_related("user").order_by("user__name", "user"))
    people = serializers.Person([one.user for one in members], many=True).data
    return Choices(
        [
            {"id": one.pk, "name": one.name, "color": one.color, "tags": "tag" in one.shapes}
            for one in project.labels.filter(removed_at=None)
        ],
        [
            person | {"name": str(one.user), "works": one.role >= Role.ANNOTATOR}
            for one, person in zip(members, people, strict=True)
        ],
    )


def write_cursor(key: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode()


def read_cursor(cursor: str, sort: Sort) -> dict[str, object]:
    try:
        key: tuple[object, ...] = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode()), type=sort.kinds)
        if any(isinstance(value, str) and "\0" in value for value in key):
            raise ValueError
    except (ValueError, msgspec.DecodeError):
        raise Invalid(
            "This cursor does not belong to this order of the items. Begin with the first page.",
            fields={"cursor": "unknown"},
        ) from None
    return {f"key{number}": value for number, value in enumerate(key)}


# Cards ----------------------------------------------------------------------------------------------------------------

CARDS = """
SELECT i.id, i.kind, i.name, coalesce(left(i.text, {snippet}), ''), i.width, i.height, i.assignee_id,
    coalesce(s.status, 'todo'), coalesce(s.reason, ''), coalesce(sheets.unsure, false), said.count, said.unread,
    sheets.clock, sheets.clock = asked.known, {stamp}, asked.stamp, drawn.count, drawn.marks::text, sheets.ids
FROM {joined}
JOIN unnest(%(ids)s::bigint[], %(known)s::bigint[], %(stamps)s::bigint[])
    WITH ORDINALITY AS asked(id, known, stamp, place) ON asked.id = i.id
CROSS JOIN LATERAL (
    SELECT array_agg(v.id) AS ids, bool_or(v.unsure) AS unsure, coalesce(sum(v.clock), 0)::bigint AS clock
    FROM annotator_sheet v WHERE v.item_id = i.id AND v.person_id {seen}
) sheets
CROSS JOIN LATERAL (
    SELECT count(*), count(*) FILTER (WHERE {is_unread}) AS unread {comments} AND c.sheet_id = ANY(sheets.ids)
) said
CROSS JOIN LATERAL (
    SELECT count(*), json_agg(json_build_array(l.color, l.id, {thinned})) FILTER (WHERE a.number <= {drawn}) AS marks
    FROM (
        SELECT label_id, shape, row_number() OVER () AS number FROM annotator_annotation
        WHERE sheet_id = ANY(sheets.ids) AND NOT deleted AND sheets.clock IS DISTINCT FROM asked.known LIMIT {counted}
    ) a JOIN projects_label l ON l.id = a.label_id
) drawn
WHERE {in_project} ORDER BY asked.place
"""

# Of a polygon with many corners as many as a thumbnail shows: the others would fill the web process.
THINNED = f"""CASE WHEN (jsonb_array_length(a.shape->'points') <= {CORNERS}) IS NOT FALSE THEN a.shape ELSE (
    SELECT jsonb_build_object(
        'type', 'polygon', 'points', jsonb_agg(points->(n * jsonb_array_length(points) / {CORNERS}) ORDER BY n))
    FROM (SELECT a.shape->'points' AS points OFFSET 0) whole, generate_series(0, {CORNERS} - 1) n
) END"""

MARKS = msgspec.json.Decoder(Marks | None)
NOTHING = OnCard(0, [])


def cards(search: Search, ids: Sequence[int], known: Sequence[int] = (), stamps: Sequence[int] = ()) -> list[Card]:
    """Those of the project's items that have these ids, in this order; beside them the clocks and stamps at which they
    are `known`."""
    if not ids:
        return []
    limits = {"snippet": SNIPPET, "drawn": DRAWN, "counted": COUNTED, "thinned": THINNED}
    sql = CARDS.format(
        joined=search.joined,
        seen=search.seen,
        in_project=IN_PROJECT,
        comments=COMMENTS,
        is_unread=IS_UNREAD,
        stamp=proposals.suggester.STAMP,
        **limits,
    )
    rows = search.ask(sql, ids=list(ids), known=list(known), stamps=list(stamps))
    here = people_by_sheet(sheet for row in rows for sheet in row[-1] or ())
    person = search.user.pk if search.project.blind else None
    asked = [
        pk
        for pk, *_, known_at, stamp, stamp_known, _, _, _ in rows
        if stamp and not (known_at and stamp == stamp_known)
    ]
    suggested = proposals.suggester.on_cards(asked, person, DRAWN) if asked else {}
    return [card(here, suggested, *row) for row in rows]


def card(
    here: dict[int, list[Person]],
    suggested: dict[int, OnCard],
    pk: int,
    kind: str,
    name: str,
    snippet: str,
    width: int | None,
    height: int | None,
    assignee: int | None,
    status: str,
    reason: str,
    unsure: bool,
    comments: int,
    unread: int,
    clock: int,
    is_known: bool | None,
    stamp: int,
    known_stamp: int | None,
    annotations: int,
    marks: str | None,
    sheets: list[int] | None,
) -> Card:
    drawn = MARKS.decode(marks or "null") or []
    people = {person.user: person for sheet in sheets or () for person in here.get(sheet, ())}
    return Card(
        id=pk,
        kind=kind,
        name=name,
        thumbnail=reverse("item-thumbnail", args=[pk]) if kind == ItemKind.IMAGE else None,
        width=width,
        height=height,
        snippet=snippet,
        status=status,
        reason=reason,
        clock=clock,
        stamp=stamp,
        annotations=None if is_known else annotations,
        outlines=None if is_known else outlines(drawn),
        spans=None if is_known else spans(drawn),
        tags=None if is_known else tags(drawn),
        suggested=None if is_known and stamp == known_stamp else on_card(suggested.get(pk, NOTHING)),
        people=list(people.values()),
        assignee=assignee,
        unsure=unsure,
        comments=comments,
        unread=unread,
    )


def on_card(found: OnCard) -> Suggested:
    return Suggested(found.number, outlines(found.marks), spans(found.marks), tags(found.marks))


def tags(drawn: Marks) -> list[int]:
    return list(dict.fromkeys(label for _, label, shape in drawn if isinstance(shape, Tag)))


def outlines(drawn: Marks) -> list[Outline]:
    return [Outline(color, ring(shape)) for color, _, shape in drawn if isinstance(shape, Rectangle | Polygon)]


def spans(drawn: Marks) -> list[Stretch]:
    return [
        Stretch(color, shape.start, min(shape.end, SNIPPET))
        for color, _, shape in drawn
        if isinstance(shape, Span) and shape.start < SNIPPET
    ]


def ring(shape: Rectangle | Polygon) -> list[float]:
    """The corners, to a tenth of a pixel."""
    if isinstance(shape, Rectangle):
        x, y, right, bottom = shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
        corners = [(x, y), (right, y), (right, bottom), (x, bottom)]
    else:
        corners = shape.points
    return [round(value, 1) for corner in corners for value in corner]
