"""A back end as a detector of images or texts. Its configuration names the project's row alone: where it is and how one
signs in there is looked up when it is asked, and stands in no graph."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, ClassVar

import msgspec
from django.conf import settings
from msgspec import Meta

from detectors.backends import pictures, results, secrets, telling
from detectors.backends.asking import Asker, Wrong
from detectors.backends.seen import Seen, Stored
from detectors.found import Found, Kind, boxes, spans
from detectors.kinds.contract import unfit
from detectors.models import BackEnd
from projects.models import Label

GONE = "Back end: choose one of the project's. This one is not there, or not any more."


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    backend: Annotated[
        int,
        Meta(
            title="Back end",
            description="One of those that are listed beside the items.",
            ge=1,
            le=2**31,
            extra_json_schema={"format": "backend"},
        ),
    ]
    others: Annotated[
        results.Others,
        Meta(
            title="Labels that the project has not",
            description="Refuse: what it answers for an item with one is an error. Take: for “Map labels” after it.",
        ),
    ] = "refuse"
    at_once: Annotated[
        int, Meta(title="At once", description="How many items one request asks about.", ge=1, le=64)
    ] = 8


class BackEndDetector:
    """What it finds is known by the version of its model and by the labels that it is asked for (`stamp`): where one of
    them has changed, it is asked anew."""

    name = "backend"
    title = "Label Studio back end"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        row = BackEnd.objects.filter(pk=config.backend).first()
        if row is None:
            raise unfit(backend=GONE)
        self.project, self.title = row.project_id, row.name
        self.stamp = sha256(f"{row.stamp} {telling.label_config(self.takes, self.labels)}".encode()).hexdigest()
        self.asker: tuple[tuple[str, ...], Asker] | None = None

    @cached_property
    def labels(self) -> list[Label]:
        found = Label.objects.filter(project=self.project, removed_at=None).order_by("pk")
        return [label for some in telling.controls(self.takes, list(found)).values() for label in some]

    @property
    def finds(self) -> tuple[str, ...]:
        return () if self.config.others == "take" else tuple(dict.fromkeys(label.name for label in self.labels))

    def detect(self, batch: Sequence[Seen]) -> list[Found]:
        nothing = boxes([], [], []) if self.takes == "image" else spans([], [], [])
        found = [nothing] * len(batch)
        rows = [row for row, thing in enumerate(batch) if size_of(thing)]
        for start in range(0, len(rows), self.config.at_once):
            some = rows[start : start + self.config.at_once]
            for row, one in zip(some, self.ask([batch[row] for row in some]), strict=True):
                found[row] = one
        return found

    def ask(self, things: Sequence[Seen], context: dict[str, Any] | None = None) -> list[Found]:
        row = BackEnd.objects.select_related("project").filter(pk=self.config.backend).first()
        if row is None:
            raise Wrong(GONE)
        by_shape = telling.controls(self.takes, self.labels)
        asked = results.Asked(tuple(by_shape), set(self.finds), self.config.others)
        with pictures.addresses(things, row.pictures) as addresses:
            body = {
                "tasks": [telling.task(n, self.takes, one, row.project) for n, one in enumerate(addresses, 1)],
                "project": telling.key_of(row.project),
                "label_config": telling.label_config(self.takes, self.labels),
                "params": {"login": None, "password": None, "context": context},
            }
            answer = self.asker_of(row).ask("predict", body, seconds=settings.BACKEND_SECONDS)
        told = results.answers(answer, len(things))
        return [results.found_in(one, thing, asked) for one, thing in zip(told, things, strict=True)]

    def asker_of(self, row: BackEnd) -> Asker:
        """That which has its connection, unless the row has changed."""
        known_by = (row.address, row.user, row.secret)
        if self.asker is None or self.asker[0] != known_by:
            self.asker = known_by, Asker(row.address, row.user, secrets.read(row.secret))
        return self.asker[1]


def size_of(thing: Any) -> int:
    """None has what cannot be seen."""
    if isinstance(thing, Stored):
        return thing.shape[0] * thing.shape[1]
    return len(thing) if isinstance(thing, str) else int(thing.size)


class OfTexts(BackEndDetector):
    name = "text_backend"
    title = "Label Studio back end of texts"
    takes = "text"
