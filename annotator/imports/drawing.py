"""Puts what was drawn on items onto their sheets, through the one door: many sheets a commit."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import msgspec
from django.db import connection
from django.db.backends.utils import CursorWrapper

from annotator import events
from annotator.formats.found import Drawn, Problem
from annotator.imports.alike import Creation, unknown
from annotator.imports.fitting import fitted
from annotator.imports.gathering import Gathering
from annotator.imports.labelling import Ready
from annotator.imports.spacing import Spacing
from annotator.imports.writers import each
from annotator.messages import Apply, Batch, Create, Refused, SetStatus, SetUnsure
from annotator.models import Annotation, Import, Status
from annotator.operations import Request, perform_many
from annotator.shapes import Tag
from projects.access import get_project
from projects.models import Item, Role
from projects.names import cleaned
from projects.prepared import array

A_BATCH = 1_000  # operations
A_COMMIT = 2_000  # operations; whoever writes to one of its sheets waits for it
SHEETS_A_COMMIT = 500
SHEETS_AT_ONCE = 1_000
STATUSES = frozenset(Status.values)

encode = msgspec.json.Encoder().encode
name_of = lru_cache(maxsize=1_000)(cleaned)  # labels come again and again
decode_uuid = msgspec.msgpack.Decoder(UUID).decode  # in half the time that Python takes to make one

# As models, row by row, they take several times as long.
OPEN = """
INSERT INTO annotator_sheet (item_id, person_id, clock, floor, status, reason, unsure, updated_at)
SELECT item, %s, 0, 0, 'todo', '', false, now() FROM unnest(%s::bigint[]) item ORDER BY item ON CONFLICT DO NOTHING
RETURNING id, item_id, clock, status
"""
KNOWN = """
SELECT id, item_id, clock, status FROM annotator_sheet
WHERE item_id = ANY(%s::bigint[]) AND person_id IS NOT DISTINCT FROM %s
"""


class Canvas(NamedTuple):
    """As much of an item as is needed to draw on it; `pk` is the item's."""

    pk: int
    width: int | None
    height: int | None
    text: None = None
    spacing: Spacing | None = None


class Before(NamedTuple):
    """A sheet as it was before; `pk` is the sheet's."""

    pk: int
    item: int
    clock: int
    status: str


class Filled(NamedTuple):
    """A sheet, and what is to be made on it."""

    sheet: Before
    target: str
    creations: list[Creation]


def named(sheet: int, what: bytes) -> UUID:
    """The same id for the same thing, in a third of the time that uuid5 takes. Those of a sheet begin alike: what is
    written together stands together in the database's indices."""
    digest = blake2b(what, digest_size=8).digest()
    return decode_uuid(b"\xc4\x10%b\x80%b\x80%b" % (sheet.to_bytes(6, "big"), digest[:1], digest[1:]))


class Drawing:
    """What all sheets of an import share."""

    def __init__(self, row: Import, gathering: Gathering) -> None:
        self.user, self.project = row.created_by, row.project
        self.gathering = gathering
        self.labels: Mapping[str, Ready] = {}
        self.action = uuid5(NAMESPACE_OID, f"import {row.pk}")
        self.made: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.beside = 0  # sheets that have others than those
        self.tags = any("tag" in one.shapes for one in gathering.labels.values())
        self.lock = Lock()  # of what is told, as several threads write

    def put(self, items: Sequence[tuple[Canvas | Item, str]]) -> Generator[int, None, None]:
        """What was found for each item's target; yields after each commit how many are done."""
        while items:
            now = {one[0].pk: one for one in reversed(items)}
            items = [one for one in items if now[one[0].pk] is not one]  # an item once more, when its sheet has changed
            yield from self.put_each(list(now.values())[::-1])

    def put_each(self, items: Sequence[tuple[Canvas | Item, str]]) -> Iterator[int]:
        pieces = (self.new(some) for some in together(self.filled(items)))
        return each(self.fill, pieces)

    def filled(self, items: Sequence[tuple[Canvas | Item, str]]) -> Iterator[Filled]:
        for at in range(0, len(items), SHEETS_AT_ONCE):
            some = {target: item for item, target in items[at : at + SHEETS_AT_ONCE]}
            sheets = self.sheets([item.pk for item in some.values()])
            yield from self.filled_each(some, sheets)

    def filled_each(self, items: Mapping[str, Canvas | Item], sheets: Mapping[int, Before]) -> Iterator[Filled]:
        for target, drawn in self.gathering.of(items):
            item = items[target]
            sheet = sheets[item.pk]
            if drawn and isinstance(item, Canvas) and item.spacing:
                drawn = item.spacing.placed(drawn)
            yield Filled(sheet, target, list(self.creations(sheet, item, drawn)))

    def sheets(self, wanted: list[int]) -> dict[int, Before]:
        """By item; made where nobody has opened it before."""
        person = self.user.pk if self.project.blind else None
        with connection.cursor() as cursor:
            found = known(cursor, wanted, person)
            if new := [pk for pk in wanted if pk not in found]:
                cursor.execute(OPEN, [person, array(new)])
                found |= by_item(cursor)
            if opened := [pk for pk in new if pk not in found]:  # by somebody else meanwhile
                found |= known(cursor, opened, person)
        return found

    def already(self, items: Sequence[tuple[Canvas | Item, str]]) -> Counter[str]:
        """How many of what was found for these items' targets `put` would find there, by their labels."""
        found: Counter[str] = Counter()
        person = self.user.pk if self.project.blind else None
        with connection.cursor() as cursor:
            sheets = known(cursor, [item.pk for item, _ in items], person)
        used = {target: item for item, target in items if (sheet := sheets.get(item.pk)) and sheet.clock}
        for some in together(self.filled_each(used, sheets)):
            new = self.new(some)
            found += labels_of(some) - labels_of(new)
            self.beside += drawn_on(one.sheet.pk for one in new if one.creations)
        return found

    def creations(self, sheet: Before, item: Canvas | Item, drawn: Iterable[Drawn]) -> Iterator[Creation]:
        """The operations. An annotation's id is made of what its file says, so the same one has the same id every time,
        whatever has become of its label."""
        alike: dict[bytes, int] = {}
        for one in drawn:
            label = self.labels.get(name_of(one.label))
            if label is None:
                self.lost["unlabelled"] += 1
                continue
            shape, cut = fitted(one.shape, item, relative=one.relative)
            attributes, lost = label.values(one.attributes) if one.attributes else ({}, 0)
            if cut or lost:
                self.lost.update(cut=int(cut), attributes=lost)
            body = encode((one.label.strip(), one.shape, one.attributes, one.relative))
            alike[body] = n = alike.get(body, 0) + 1
            id_ = named(sheet.pk, b"%d %s" % (n, body))
            yield one, Create(id=id_, annotation=id_, label=label.pk, shape=shape, attributes=attributes)

    def fill(self, some: list[Filled]) -> int:
        """Write them; how many sheets they are. Of several threads each is at sheets of its own."""
        for commit in commits(some):
            self.create(commit)
        self.say(some)
        return len(some)

    # What is there already --------------------------------------------------------------------------------------------

    def new(self, some: list[Filled]) -> list[Filled]:
        """Without what is on the sheets already."""
        used = {one.sheet.pk: one.creations for one in some if one.sheet.clock and one.creations}
        if not used:
            return [self.without_twice(one, set()) for one in some] if self.tags else some
        fresh = unknown(used)
        tags: dict[int, set[int]] = {}
        tagged = Annotation.objects.filter(sheet__in=used, deleted=False, shape__type="tag")
        for sheet, label in tagged.values_list("sheet", "label"):
            tags.setdefault(sheet, set()).add(label)
        left = [one._replace(creations=fresh.get(one.sheet.pk, one.creations)) for one in some]
        self.there["annotations"] += sum(len(one.creations) for one in some) - sum(len(one.creations) for one in left)
        return [self.without_twice(one, tags.get(one.sheet.pk, set())) for one in left]

    def without_twice(self, one: Filled, tags: set[int]) -> Filled:
        """An item has a tag once."""
        kept = []
        for creation in one.creations:
            if isinstance(creation[1].shape, Tag):
                if creation[1].label in tags:
                    self.there["annotations"] += 1
                    continue
                tags.add(creation[1].label)
            kept.append(creation)
        return one._replace(creations=kept)

    # Through the door -------------------------------------------------------------------------------------------------

    def create(self, batches: list[Filled]) -> None:
        """A batch for each; when any of one is refused, each of its operations by itself, so that only that one stays
        out."""
        refused = []
        asked: dict[int, list[Request]] = {}
        for one in batches:
            asked.setdefault(one.sheet.pk, []).append(self.apply(one.sheet, [create for _, create in one.creations]))
        found = perform_many(asked, project=self.project.pk, moved=self.tell)
        outcomes = {sheet: iter(answers) for sheet, answers in found.items()}
        for one in batches:
            if isinstance(next(outcomes[one.sheet.pk]), Refused):
                refused.append(one)
            else:
                self.count(len(one.creations))
        if refused:
            get_project(self.user, self.project.pk, Role.MANAGER)  # who was removed meanwhile is refused everywhere
        for one in refused:
            self.create_alone(one)

    def create_alone(self, one: Filled) -> None:
        alone = [self.apply(one.sheet, [create]) for _, create in one.creations]
        outcomes = perform_many({one.sheet.pk: alone}, project=self.project.pk, moved=self.tell)[one.sheet.pk]
        for (drawn, _), outcome in zip(one.creations, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self.problem(Problem(drawn.file, drawn.place, outcome.detail))
            else:
                self.count(1)

    def say(self, some: list[Filled]) -> None:
        """What a file tells of an item: its status, and doubt. Where somebody has worked already, theirs stays."""
        asked = {one.sheet.pk: said for one in some if (said := list(self.said(one)))}
        targets = {one.sheet.pk: one.target for one in some}
        outcomes = perform_many(asked, project=self.project.pk, moved=self.tell) if asked else {}
        for sheet, several in outcomes.items():
            for outcome in several:
                if isinstance(outcome, Refused):
                    self.problem(Problem(targets[sheet].partition(" ")[2], "", outcome.detail))

    def said(self, one: Filled) -> Iterator[Request]:
        if one.sheet.clock and not one.creations:
            return
        sheet, actor = one.sheet.pk, self.user.pk
        status, reason = self.gathering.statuses.get(one.target, ("", ""))
        if status in STATUSES and status != one.sheet.status:
            message = SetStatus(id=uuid4(), sheet=sheet, status=status, reason=reason)  # type: ignore[arg-type]
            yield Request(actor, message, source="import")
        if one.target in self.gathering.unsure:
            yield Request(actor, SetUnsure(id=uuid4(), sheet=sheet, unsure=True), source="import")

    def apply(self, sheet: Before, operations: list[Create]) -> Request:
        batch = Batch(named(sheet.pk, b"batch " + operations[0].id.bytes), self.action, list(operations))
        return Request(self.user.pk, Apply(sheet=sheet.pk, batch=batch), source="import")

    def count(self, made: int) -> None:
        with self.lock:
            self.made["annotations"] += made

    def problem(self, problem: Problem) -> None:
        with self.lock:
            self.gathering.problem(problem)

    def tell(self, clocks: dict[int, int]) -> None:
        events.moved(self.project.pk, clocks)


def drawn_on(sheets: Iterable[int]) -> int:
    """How many of them have annotations."""
    return Annotation.objects.filter(sheet__in=list(sheets), deleted=False).values("sheet").distinct().count()


def labels_of(some: Iterable[Filled]) -> Counter[str]:
    return Counter(name_of(drawn.label) for one in some for drawn, _ in one.creations)


def known(cursor: CursorWrapper, items: Iterable[int], person: int | None) -> dict[int, Before]:
    cursor.execute(KNOWN, [array(items), person])
    return by_item(cursor)


def by_item(cursor: CursorWrapper) -> dict[int, Before]:
    return {row[1]: Before(*row) for row in cursor.fetchall()}


def together(filled: Iterator[Filled]) -> Iterator[list[Filled]]:
    """Sheets enough for a commit."""
    some: list[Filled] = []
    operations = 0
    for one in filled:
        some.append(one)
        operations += len(one.creations)
        if operations >= A_COMMIT or len(some) >= SHEETS_A_COMMIT:
            yield some
            some, operations = [], 0
    if some:
        yield some


def commits(some: list[Filled]) -> Iterator[list[Filled]]:
    """In batches, and no more of them in a commit than others can wait for."""
    commit: list[Filled] = []
    operations = 0
    for one in some:
        for at in range(0, len(one.creations), A_BATCH):
            batch = one._replace(creations=one.creations[at : at + A_BATCH])
            if operations + len(batch.creations) > A_COMMIT + A_BATCH:
                yield commit
                commit, operations = [], 0
            commit.append(batch)
            operations += len(batch.creations)
    if commit:
        yield commit
