"""A back end is asked about one item, while somebody waits for it."""

from typing import NamedTuple

from django.core.files.storage import default_storage

from detectors.backends.detector import BackEndDetector, OfTexts, Settings
from detectors.backends.seen import Seen, Stored
from detectors.found import Found
from detectors.models import BackEnd
from projects.connections import give_back
from projects.errors import Invalid
from projects.media import MISSING, Missing
from projects.models import Item, ItemKind

SHOWN = 5


class Tried(NamedTuple):
    item: Item
    number: int
    shown: list[tuple[str, float]]  # the surest: label and score


def on_an_item(row: BackEnd) -> Tried:
    """The project's first that it can look at."""
    item = row.project.items.filter(trashed_at=None).select_related("media").order_by("pk").first()
    if item is None:
        raise Invalid("Add images or texts first, to try it on one.")
    found = asked(row, item)
    shown = zip(found.labels.tolist(), found.scores.tolist(), strict=True)
    return Tried(item, len(found), list(shown)[:SHOWN])


def asked(row: BackEnd, item: Item, context: dict[str, object] | None = None) -> Found:
    kind = OfTexts if item.kind == ItemKind.TEXT else BackEndDetector
    detector = kind(Settings(row.pk))
    thing = seen(item)
    give_back()
    (found,) = detector.ask([thing], context)
    return found


def seen(item: Item) -> Seen:
    if (media := item.media) is None:
        return item.text or ""
    try:
        with default_storage.open(media.shown_path) as stored:
            return Stored(stored.read(), media.shown_type, (media.height, media.width))
    except FileNotFoundError as error:
        raise Missing(MISSING) from error
