"""Sheets under their lock: what stands there, what the requests of one commit make of it, and one write at the end."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from annotator.access import may_see
from annotator.messages import (
    Ack,
    Applied,
    Batch,
    Change,
    Create,
    OperationIn,
    Record,
    Reject,
    Restore,
    Skipped,
    Update,
    Value,
)
from annotator.operations.checks import (
    check_alive,
    check_attributes,
    check_label,
    check_not_rejected,
    check_room,
    check_unchanged,
)
from annotator.operations.common import Common
from annotator.operations.loading import SheetNow, read_rows, read_tags
from annotator.operations.storing import Entry, Now, Said, write
from annotator.operations.values import fingerprint, new_values
from annotator.proposals import Proposal, standing_for
from annotator.rows import Row
from annotator.shapes import Shape, Tag
from projects.access import ARCHIVED
from projects.errors import NOTHING_HERE, Conflict, Invalid, Refusal
from projects.models import MOVE, Role

ACCEPTED = "It has been accepted. Ask a reviewer to send it back."
ELSEWHERE = "It was deleted, or had another label, in the project where the item was before."
DECIDED = "label"  # what follows from a label's change
LIVENS = ("create", "restore")
ONLY_VIEWS = "You can view this project but not change it."

T = TypeVar("T")


class Writing:
    """One sheet in a commit."""

    def __init__(self, common: Common, sheet: SheetNow, rows: Iterable[Row]) -> None:
        self.sheet, self.item, self.person = sheet.id, sheet.item, sheet.person
        self.common = common
        self.began = self.clock = sheet.clock
        self.status, self.reason, self.unsure = sheet.status, sheet.reason, sheet.unsure
        self.finished = sheet.finished  # at some time, by somebody or an import
        self.rows = {row.id: row for row in rows}
        self.entries: list[Entry] = []
        self.said: list[Said] = []
        self.finished_by: int | UnsetType | None = UNSET  # in this commit
        self.status_by: int | None = None  # who has set the status, or said that they are unsure, in this commit
        self.returned_by: tuple[int, UUID] | None = None  # who has sent it back in this commit, and by which action

    # Access -----------------------------------------------------------------------------------------------------------

    def demand(self, actor: int, role: Role = Role.ANNOTATOR, why: str = ONLY_VIEWS) -> None:
        held = self.common.roles.get(actor)
        if held is None or not may_see(actor, held, self.person):
            raise Refusal(NOTHING_HERE, code="not_found")
        if held < role:
            raise Refusal(why, code="permission_denied")
        if self.common.archived:
            raise Refusal(ARCHIVED, code="permission_denied")

    def demand_open(self, actor: int) -> None:
        """What is accepted, reviewers alone change."""
        if self.status == "accepted" and self.common.roles[actor] < Role.REVIEWER:
            raise Conflict(ACCEPTED, code="accepted")

    # Reading ----------------------------------------------------------------------------------------------------------

    def ask(self, what: Hashable, read: Callable[[list[int]], Mapping[int, T]]) -> T:
        """What the log has of the sheet, once what was accepted is flushed."""
        return self.common.ask(self.sheet, self.clock - self.began, what, read)

    def load_rows(self, ids: set[UUID]) -> None:
        """For those who learn only under the lock what they touch."""
        if missing := ids - self.rows.keys():
            self.rows.update({row.id: row for row in read_rows([self.sheet], missing)})

    def demand_ours(self, label: int) -> None:
        """The item may have come from another project."""
        if self.common.label(label).project_id != self.common.project:
            raise Conflict(ELSEWHERE, code="elsewhere")

    def records_of(self, batch: Batch) -> list[Record]:
        rows = (self.rows.get(operation.annotation) for operation in batch.operations)
        return [row.record() for row in rows if row is not None]

    # Applying ---------------------------------------------------------------------------------------------------------

    def apply(self, actor: int, batch: Batch, *, source: str) -> Applied | Ack:
        """Check and apply a batch of a client; raises a Refusal and changes nothing when any of it does not fit."""
        if source != DECIDED:
            self.demand(actor)
        elif self.common.archived:
            raise Refusal(ARCHIVED, code="permission_denied")
        bodies = [fingerprint(self.sheet, operation) for operation in batch.operations]
        if self.repeated(actor, batch, bodies):
            return Ack(id=batch.id, sheet=self.sheet, clock=self.clock, records=self.records_of(batch))
        rows: dict[UUID, Row] = {}
        clock = self.clock
        entries = []
        for operation, body in zip(batch.operations, bodies, strict=True):
            clock += 1
            before = rows.get(operation.annotation) or self.rows.get(operation.annotation)
            after, properties = self.result(
                actor, operation, before, clock, queued=batch.queued, pending=rows, imported=source == "import"
            )
            rows[after.id] = after
            entries.append(
                self.entry(operation.id, body, actor, batch.action, source, None, operation, after, properties)
            )
        return self.accept(batch.id, actor, batch.action, source, rows, entries)

    def accept(
        self,
        request: UUID,
        actor: int,
        action: UUID,
        source: str,
        rows: dict[UUID, Row],
        entries: list[Entry],
        skipped: list[Skipped] | None = None,
    ) -> Applied:
        """Take over what a request came to: from now on it stands, for this commit's later requests too."""
        if source != DECIDED:
            self.demand_open(actor)
        new, before = (sum(entry.kind in LIVENS for entry in several) for several in (entries, self.entries))
        check_room(self.sheet, self.clock, new, before)
        self.rows.update(rows)
        self.common.taken.update(rows)
        self.entries.extend(entries)
        self.common.keys.update({entry.key: (entry.body, actor, self.sheet) for entry in entries})
        self.clock += len(entries)
        if self.status == "todo" and source not in (MOVE, DECIDED):
            self.write_status(actor, "in_progress", "", action)
        told = entries if self.common.told else []
        changes = [Change(entry.key, entry.kind, entry.record.record()) for entry in told]  # type: ignore[arg-type]
        return Applied(
            id=request,
            actor=actor,
            action=action,
            source=source,  # type: ignore[arg-type]
            changes=changes,
            skipped=skipped or [],
        )

    def entry(
        self,
        key: UUID,
        body: str,
        actor: int,
        action: UUID,
        source: str,
        inverts: UUID | None,
        operation: OperationIn,
        after: Row,
        properties: list[str],
    ) -> Entry:
        return Entry(
            sheet=self.sheet,
            annotation=after.id,
            clock=after.clock,
            kind=str(operation.__struct_config__.tag),
            key=key,
            body=body,
            actor=actor,
            action=action,
            source=source,
            inverts=inverts,
            properties=properties,
            record=after,
            label_version=self.common.label(after.label).version,
        )

    def repeated(self, actor: int, batch: Batch, bodies: list[str]) -> bool:
        """Whether the batch was applied before; raises a Conflict when an id was used for something else."""
        known = [self.common.keys.get(operation.id) for operation in batch.operations]
        if not any(known):
            if len({operation.id for operation in batch.operations}) < len(bodies):
                raise Invalid("Every operation needs an id of its own.", fields={"id": "repeated"})
            return False
        if known != [(body, actor, self.sheet) for body in bodies]:
            raise Conflict("This operation's id was used before for something else. Use a new one.", code="key_reused")
        return True

    def result(
        self,
        actor: int,
        operation: OperationIn,
        before: Row | None,
        clock: int,
        *,
        queued: bool = False,
        pending: dict[UUID, Row] | None = None,
        imported: bool = False,
    ) -> tuple[Row, list[str]]:
        """The annotation after the operation, and the names of the properties it wrote."""
        if isinstance(operation, Create):
            check_not_rejected(actor, before, queued=queued)
            return self.created(actor, operation, before, clock, pending or {}, imported=imported)
        if before is None and isinstance(operation, Reject):
            return self.rejected(actor, operation, clock)
        if before is None:
            raise Invalid("There is no such annotation on this sheet.", fields={"annotation": "unknown"})
        if isinstance(operation, Restore):
            if not before.deleted:
                raise Conflict("The annotation is not deleted.", code="not_deleted")
            self.demand_ours(before.label)
            self.check_tag(before.shape, before.label, pending or {})
        else:
            check_alive(operation, before)
            if isinstance(operation, Update):
                self.check_update(operation, before, pending or {})
        values, written = new_values(operation, before)
        check_unchanged(actor, operation, before, written, queued=queued)
        return self.stamped(actor, before, clock, values, written), written

    def rewritten(
        self, actor: int, operation: Update, before: Row, clock: int, *, pending: dict[UUID, Row]
    ) -> tuple[Row, list[str]]:
        """As `result`, for values that were valid once: only that no tag stands twice is checked again."""
        if operation.label is not UNSET:
            self.demand_ours(operation.label)
            self.check_new_label(operation.label, before, pending)
        values, written = new_values(operation, before)
        return self.stamped(actor, before, clock, values, written), written

    def stamped(self, actor: int, before: Row, clock: int, values: dict[str, Any], written: list[str]) -> Row:
        stamps = before.stamps | dict.fromkeys(written, (clock, actor))
        return replace(before, **values, clock=clock, stamps=stamps, updated_by=actor, updated_at=self.common.now)

    def created(
        self, actor: int, operation: Create, before: Row | None, clock: int, pending: dict[UUID, Row], *, imported: bool
    ) -> tuple[Row, list[str]]:
        again = before is not None and before.deleted and operation.prediction is not None
        if before is not None and not before.deleted and before.prediction == operation.prediction is not None:
            raise Conflict("Someone has accepted this already.", code="decided")
        if not again and (before is not None or operation.annotation in self.common.taken):
            raise Conflict("An annotation with this id exists already. Use a new id.", code="id_taken")
        if operation.prediction is not None:
            self.proposed(operation.prediction, operation.annotation)
        operation.shape.check(self.item)
        label = check_label(self.common.labels.get(operation.label), operation.shape)
        check_attributes(label, operation.attributes)
        self.check_tag(operation.shape, operation.label, pending)
        attributes: dict[str, Value] = {name: v for name, v in operation.attributes.items() if v is not None}
        written = ["shape", "label", *[f"attributes.{name}" for name in attributes]]
        if before is not None:
            written = ["deleted", *written]
            values = {"label": operation.label, "shape": operation.shape, "attributes": attributes}
            return self.stamped(actor, before, clock, values | {"deleted": False, "rejected": False}, written), written
        after = self.new(
            actor, operation.annotation, operation.label, operation.shape, clock, written, operation.prediction
        )
        return replace(after, attributes=attributes, imported=imported), written

    def rejected(self, actor: int, operation: Reject, clock: int) -> tuple[Row, list[str]]:
        """A prediction that nobody has accepted: what stands for it is deleted from the beginning."""
        if operation.annotation in self.common.taken:
            raise Conflict("An annotation with this id exists already. Use a new id.", code="id_taken")
        found = self.proposed(operation.prediction, operation.annotation)
        written = ["shape", "label", "deleted"]
        after = self.new(actor, operation.annotation, found.label, found.shape, clock, written, operation.prediction)
        return replace(after, deleted=True, rejected=True), written

    def new(
        self,
        actor: int,
        annotation: UUID,
        label: int,
        shape: Shape,
        clock: int,
        written: list[str],
        prediction: UUID | None,
    ) -> Row:
        return Row(
            id=annotation,
            label=label,
            shape=shape,
            attributes={},
            clock=clock,
            stamps=dict.fromkeys(written, (clock, actor)),
            deleted=False,
            created_by=actor,
            created_at=self.common.now,
            updated_by=actor,
            updated_at=self.common.now,
            prediction=prediction,
        )

    def proposed(self, prediction: UUID, annotation: UUID) -> Proposal:
        """The prediction, if it is of this item and the annotation is the one that stands for it on the sheet."""
        found = self.common.proposals.get(prediction)
        if found is None or found.item != self.item.id:
            raise Invalid("This suggestion is gone. Reload to see those that are there.", fields={"prediction": "gone"})
        if annotation != standing_for(prediction, self.sheet):
            detail = "Use the id that the list of the item's predictions gives for the annotation."
            raise Invalid(detail, fields={"annotation": "prediction"})
        return found

    def check_update(self, operation: Update, before: Row, pending: dict[UUID, Row]) -> None:
        if operation.shape is not UNSET:
            if type(operation.shape) is not type(before.shape):
                raise Invalid("A shape keeps its kind. Draw a new one instead.", fields={"shape": "kind"})
            operation.shape.check(self.item)
        if operation.label is not UNSET:
            check_label(self.common.labels.get(operation.label), before.shape)
            self.check_new_label(operation.label, before, pending)
        if operation.attributes is not UNSET:
            label = self.common.label(before.label if operation.label is UNSET else operation.label)
            check_attributes(label, operation.attributes, had=before.attributes)

    def check_new_label(self, label: int, before: Row, pending: dict[UUID, Row]) -> None:
        if label != before.label:
            self.check_tag(before.shape, label, pending)

    def check_tag(self, shape: Any, label: int, pending: dict[UUID, Row]) -> None:
        if not isinstance(shape, Tag):
            return
        if self.began:  # what is written since stands in `rows`
            found = self.common.ask(self.sheet, 0, ("tags", label), lambda sheets: read_tags(sheets, label))
            self.rows = found | self.rows
        alive = (self.rows | pending).values()
        if any(isinstance(row.shape, Tag) and row.label == label and not row.deleted for row in alive):
            raise Conflict("The item has this tag already.", code="already_tagged")

    # Writing ----------------------------------------------------------------------------------------------------------

    def write_status(self, actor: int, status: str, reason: str, action: UUID, *, imported: bool = False) -> None:
        """A new status takes a clock value, so that whoever missed it sees the gap."""
        if self.finishes(status):
            self.finished, self.finished_by = True, None if imported else actor
        self.status, self.reason = status, reason
        said = {"status": status, "reason": reason} | ({"imported": True} if imported else {})
        self.say(actor, action, "status", said)

    def finishes(self, status: str) -> bool:
        """To accept what somebody has finished, and to take that back, leaves it to them."""
        return (
            not self.finished if status == "accepted" else status in ("done", "skipped") and self.status != "accepted"
        )

    def write_unsure(self, actor: int, unsure: bool, action: UUID) -> None:
        self.unsure = unsure
        self.say(actor, action, "unsure", {"unsure": unsure})

    def say(self, actor: int, action: UUID, kind: str, said: dict[str, Any]) -> None:
        """What is said of the sheet as a whole, on its row and in the project's log."""
        self.status_by = actor
        self.clock += 1
        record = {"item": self.item.id, **said, "clock": self.clock}
        self.said.append(Said(self.sheet, actor, action, kind, record))

    def now(self) -> Now:
        worked = any(entry.source == "person" for entry in self.entries)
        by = self.finished_by
        return Now(self.clock, self.status, self.reason, self.unsure, worked, by is not UNSET, by)

    def flush(self) -> None:
        """Write what was accepted since the last flush: for those who go on to read it."""
        flush([self])


def flush(writings: Iterable[Writing], *, new: bool = False, last: bool = False) -> None:
    """Write what was accepted of several sheets, at once. What is written `last` is committed with that."""
    changed = [writing for writing in writings if writing.entries or writing.said]
    if changed:
        write(
            project=changed[0].common.project,
            at=changed[0].common.now,
            sheets={one.sheet: one.now() for one in changed},
            entries=[entry for writing in changed for entry in writing.entries],
            said=[said for writing in changed for said in writing.said],
            new=new,
            last=last,
        )
    for writing in changed:
        writing.entries, writing.said = [], []
