"""Puts what was drawn on an item onto its sheet, through the one door."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import msgspec

from annotator.access import sheet_of
from annotator.formats.found import Drawn, Problem
from annotator.imports.fitting import fitted
from annotator.imports.labelling import Ready
from annotator.messages import Apply, Batch, Create, Refused, SetStatus
from annotator.models import Annotation, Import, Sheet, Status
from annotator.operations import Request, perform
from annotator.shapes import Tag
from projects.models import Item

AT_ONCE = 1_000


def named(what: bytes) -> UUID:
    """The same id for the same thing; as uuid5, but several times as fast."""
    return UUID(bytes=blake2b(what, digest_size=16).digest(), version=5)


def unpublished(frames: object) -> None:
    """Nobody is told: a room that is open finds within a second that its sheet has moved on."""


class Drawing:
    """What all sheets of an import share."""

    def __init__(self, row: Import, labels: dict[str, Ready], tell: Callable[[Problem], None]) -> None:
        self.user = row.created_by
        self.labels = labels
        self.tell = tell
        self.action = uuid5(NAMESPACE_OID, f"import {row.pk}")
        self.made: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()

    def put(self, item: Item, drawn: Sequence[Drawn], status: tuple[str, str] | None = None) -> None:
        if not drawn and not status:
            return
        sheet = sheet_of(item, self.user)
        new = self.new(sheet, list(self.creations(sheet, item, drawn)))
        for at in range(0, len(new), AT_ONCE):
            self.create(sheet, new[at : at + AT_ONCE])
        if status and status[0] in Status.values and (new or not sheet.clock) and status[0] != sheet.status:
            message = SetStatus(id=uuid4(), sheet=sheet.pk, status=status[0], reason=status[1])  # type: ignore[arg-type]
            perform(sheet.pk, [self.request(message)], publish=unpublished)

    def creations(self, sheet: Sheet, item: Item, drawn: Sequence[Drawn]) -> Iterator[tuple[Drawn, Create]]:
        """The operations. An annotation's id is made of what it is, so the same one has the same id every time."""
        alike: Counter[bytes] = Counter()
        for one in drawn:
            label = self.labels.get(one.label.strip())
            if label is None:
                self.lost["unlabelled"] += 1
                continue
            shape, cut = fitted(one.shape, item, relative=one.relative)
            attributes, lost = label.values(one.attributes)
            self.lost.update(cut=int(cut), attributes=lost)
            body = msgspec.json.encode((label.pk, shape, attributes))
            alike[body] += 1
            id_ = named(b"%d %d %s" % (sheet.pk, alike[body], body))
            yield one, Create(id=id_, annotation=id_, label=label.pk, shape=shape, attributes=attributes)

    def new(self, sheet: Sheet, creations: list[tuple[Drawn, Create]]) -> list[tuple[Drawn, Create]]:
        """Without those that the sheet has, or had."""
        if not sheet.clock:
            return self.without_twice(creations, set())
        ids = [create.annotation for _, create in creations]
        known = set(Annotation.objects.filter(sheet=sheet, pk__in=ids).values_list("pk", flat=True))
        tags = Annotation.objects.filter(sheet=sheet, deleted=False, shape__type="tag")
        fresh = [one for one in creations if one[1].annotation not in known]
        self.there["annotations"] += len(creations) - len(fresh)
        return self.without_twice(fresh, set(tags.values_list("label", flat=True)))

    def without_twice(self, creations: list[tuple[Drawn, Create]], tags: set[int]) -> list[tuple[Drawn, Create]]:
        """An item has a tag once."""
        kept = []
        for one in creations:
            if isinstance(one[1].shape, Tag):
                if one[1].label in tags:
                    self.there["annotations"] += 1
                    continue
                tags.add(one[1].label)
            kept.append(one)
        return kept

    def create(self, sheet: Sheet, new: list[tuple[Drawn, Create]]) -> None:
        """All in one batch; when any of it is refused, each by itself, so that only that one stays out."""
        [outcome] = perform(
            sheet.pk, [self.request(self.apply(sheet, [create for _, create in new]))], publish=unpublished
        )
        if not isinstance(outcome, Refused):
            self.made["annotations"] += len(new)
            return
        alone = [self.request(self.apply(sheet, [create])) for _, create in new]
        outcomes = perform(sheet.pk, alone, publish=unpublished)
        for (one, _), outcome in zip(new, outcomes, strict=True):
            if isinstance(outcome, Refused):
                self.tell(Problem(one.file, one.place, outcome.detail))
            else:
                self.made["annotations"] += 1

    def apply(self, sheet: Sheet, operations: list[Create]) -> Apply:
        batch = Batch(id=uuid5(operations[0].id, "batch"), action=self.action, operations=list(operations))
        return Apply(sheet=sheet.pk, batch=batch)

    def request(self, message: Apply | SetStatus) -> Request:
        return Request(self.user.pk, message, source="import")
