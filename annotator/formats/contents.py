"""What of a project a format is given: read at one moment, in one pass, a little at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from annotator.access import sheets_of
from annotator.formats.names import Names
from annotator.messages import Value
from annotator.models import Annotation, Sheet
from annotator.rows import ATTRIBUTES, JSON, SEEN, SHAPE, STANDING, Row, row, table
from annotator.shapes import Shape
from projects.models import Item, ItemKind, Label, Media, Project, User
from projects.prepared import array

TEXTS_AT_ONCE = 20  # a text may hold a million characters

SHEETS = f"""
SELECT s.item_id, s.id, s.person_id, s.status, s.reason, s.unsure, s.clock, {JSON}::text
FROM annotator_sheet s LEFT JOIN annotator_annotation a ON a.sheet_id = s.id AND NOT a.deleted
WHERE s.id IN {{visible}} ORDER BY s.item_id, s.id, a.created_at, a.clock
"""
SHAPES = """
SELECT s.item_id, a.label_id, a.shape::text, a.attributes::text
FROM annotator_sheet s JOIN annotator_annotation a ON a.sheet_id = s.id AND NOT a.deleted
WHERE s.id IN {visible} ORDER BY s.item_id, s.id, a.created_at, a.clock
"""
SPANS = f"""
SELECT a.sheet_id, (a.shape->>'start')::int, (a.shape->>'end')::int, a.shape->>'quote'
FROM {STANDING} AND {{seen}} AND a.shape->>'type' = 'span' ORDER BY a.sheet_id
"""
# Of all shapes only tags do not tell of what kind their item is.
COUNTS = f"""
WITH counted AS (
    SELECT a.shape->>'type' AS shape, a.attributes <> '{{{{}}}}' AS filled, count(*) AS n,
        CASE WHEN a.shape->>'type' = 'tag' THEN a.sheet_id END AS sheet
    FROM {STANDING} AND {{seen}} GROUP BY 1, 2, 4
)
SELECT CASE c.shape WHEN 'span' THEN 'text' WHEN 'tag' THEN (
        SELECT i.kind FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id WHERE s.id = c.sheet
    ) ELSE 'image' END, c.shape, c.filled, sum(c.n)::bigint
FROM counted c GROUP BY 1, 2, 3
"""


class SheetRows(NamedTuple):
    """A sheet and what stands on it, oldest first."""

    item: int
    id: int
    person: int | None
    status: str
    reason: str
    unsure: bool
    clock: int
    annotations: list[Row]


class Shown(NamedTuple):
    """As much of an annotation as formats keep that know neither who nor when."""

    item: int
    label: int
    shape: Shape
    attributes: dict[str, Value]


class Entry(NamedTuple):
    """An item; `file` is its image's name beside an export."""

    item: Item
    file: str | None
    sheets: list[SheetRows]


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside stands as it stood at one moment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def listed(ids: list[int]) -> RawSQL:
    """There may be very many."""
    return RawSQL("SELECT unnest(%s::bigint[])", [array(ids)])


class Contents:
    """A project as one of its members may see it, or those of its items that are `chosen`; the images may come
    along."""

    def __init__(
        self,
        project: Project,
        user: User,
        *,
        chosen: Callable[[], list[int]] | None = None,
        with_images: bool = False,
        by_stem: bool = False,
    ) -> None:
        self.project = project
        self.chosen = chosen
        self.by_stem = by_stem
        self.user = user
        self.with_images = with_images
        self.at: datetime = timezone.now()

    @cached_property
    def labels(self) -> dict[int, Label]:
        return {label.pk: label for label in self.project.labels.all()}

    def used_labels(self, shapes: set[str]) -> list[Label]:
        """The labels that may take one of the shapes now, and those that annotations still have."""
        used = set(self.annotations().filter(shape__type__in=shapes).values_list("label", flat=True).distinct())
        return [
            label
            for label in self.labels.values()
            if label.pk in used or (label.removed_at is None and shapes.intersection(label.shapes))
        ]

    def people(self) -> QuerySet[User]:
        """Everyone whom an item, a sheet or an annotation names."""
        sheets, annotations = self.sheets().values("person"), self.annotations()
        items = self.rows()
        named = Q(pk__in=items.values("created_by")) | Q(pk__in=items.values("assignee")) | Q(pk__in=sheets)
        touched = Q(pk__in=annotations.values("created_by")) | Q(pk__in=annotations.values("updated_by"))
        return User.objects.filter(named | touched).order_by("pk")

    @cached_property
    def ids(self) -> list[int] | None:
        """Of the chosen items, as they are at the first look; None: of all."""
        return self.chosen() if self.chosen else None

    def rows(self, kind: ItemKind | None = None) -> QuerySet[Item]:
        items = Item.objects.filter(project=self.project, trashed_at=None).order_by("pk")
        items = items if self.ids is None else items.filter(pk__in=listed(self.ids))
        return items.filter(kind=kind) if kind else items

    @cached_property
    def parted(self) -> tuple[QuerySet[Sheet], QuerySet[Sheet]]:
        """The sheets that the person may see, and the others."""
        return sheets_of(self.user, self.project)

    def sheets(self, kind: ItemKind | None = None) -> QuerySet[Sheet]:
        sheets, _ = self.parted
        sheets = sheets if self.ids is None else sheets.filter(item__in=listed(self.ids))
        return sheets.filter(item__kind=kind) if kind else sheets

    def annotations(self, kind: ItemKind | None = None) -> QuerySet[Annotation]:
        return Annotation.objects.filter(sheet__in=self.sheets(kind), deleted=False)

    def images(self) -> Iterator[tuple[Item, str]]:
        """Images with the names their files get, the same in every pass."""
        names = Names(by_stem=self.by_stem)
        for item in self.rows(ItemKind.IMAGE).select_related("media").iterator():
            yield item, names.give(self.file_of(item))

    def file_of(self, item: Item) -> str:
        """An image's name; a copy of another kind that comes along in its place adds its own ending."""
        if self.with_images and item.media and item.media.shown_type != item.media.content_type:
            return f"{item.name}.{item.media.shown_type.removeprefix('image/')}"
        return item.name

    def beside_shapes(self) -> Iterator[str]:
        """What is to be said where only shapes on images are held."""
        if n := self.items[ItemKind.TEXT]:
            yield ngettext("%d text is left out.", "%d texts are left out.", n) % n
        if n := self.count(ItemKind.IMAGE, "tag"):
            yield (
                ngettext(
                    "%d tag of an image is left out: JSON Lines and CSV hold it.",
                    "%d tags of images are left out: JSON Lines and CSV hold them.",
                    n,
                )
                % n
            )

    def copies(self) -> Iterator[str]:
        """What is to be said of images that everyone sees otherwise than they were uploaded."""
        if n := self.converted:
            yield (
                ngettext(
                    "%d image was turned or converted: coordinates and zip are of the copy, not of the original.",
                    "%d images were turned or converted: coordinates and zip are of the copies, not of the originals.",
                    n,
                )
                % n
            )

    def entries(self, kind: ItemKind | None = None) -> Iterator[Entry]:
        """Items with their sheets."""
        names = Names(by_stem=self.by_stem)
        sheets = self.filled_sheets(kind)
        sheet = next(sheets, None)
        for item in self.rows(kind).select_related("media").iterator(chunk_size=TEXTS_AT_ONCE):
            own = []
            while sheet and sheet.item <= item.pk:
                own.append(sheet)
                sheet = next(sheets, None)
            yield Entry(item, names.give(self.file_of(item)) if item.kind == ItemKind.IMAGE else None, own)

    def filled_sheets(self, kind: ItemKind | None = None) -> Iterator[SheetRows]:
        """Sheets in the order of their items."""
        rows = self.select(SHEETS, kind)
        for head, group in groupby(rows, key=lambda columns: columns[:7]):
            yield SheetRows._make((*head, [row(text) for *_, text in group if text is not None]))

    def shapes(self, kind: ItemKind) -> Iterator[Shown]:
        """In the order of their items, oldest first; a fraction of the work that whole rows are."""
        for item, label, shape, attributes in self.select(SHAPES, kind):
            yield Shown(item, label, SHAPE.decode(shape), ATTRIBUTES.decode(attributes) if attributes != "{}" else {})

    def drawn(self) -> Iterator[tuple[Item, str, list[Shown]]]:
        """Images with the names of their files, and what is on them."""
        shapes = self.shapes(ItemKind.IMAGE)
        shown = next(shapes, None)
        for item, file in self.images():
            own = []
            while shown and shown.item <= item.pk:
                own.append(shown)
                shown = next(shapes, None)
            yield item, file, own

    @cached_property
    def counts(self) -> Counter[tuple[str, str, bool]]:
        """How many annotations there are: by the kind of their item, by shape, and with attributes or without."""
        with connection.cursor() as cursor:
            cursor.execute(*self.asked(COUNTS))
            return Counter({tuple(key): n for *key, n in cursor})

    def count(self, kind: ItemKind, *shapes: str, filled: bool = False) -> int:
        """The annotations with one of the shapes, or of any; only those that have attributes."""
        fitting = ((found, shape, full) for found, shape, full in self.counts if found == kind and full >= filled)
        return sum(self.counts[key] for key in fitting if not shapes or key[1] in shapes)

    @cached_property
    def items(self) -> Counter[str]:
        """How many there are of each kind."""
        kinds = self.rows().order_by().values_list("kind")
        return Counter(dict(kinds.annotate(Count("pk"))))

    @cached_property
    def converted(self) -> int:
        return self.rows().filter(media__in=Media.objects.exclude(rendition="")).count()

    def put_together(self, kind: ItemKind) -> Iterator[str]:
        """What formats leave out that know neither who nor when."""
        if self.project.blind:
            yield (
                gettext("What different people drew on an image is put together.")
                if kind == ItemKind.IMAGE
                else gettext("What different people marked in a text is put together.")
            )
        if self.count(kind):
            yield (
                gettext("Who drew what and when, and which items are done, is left out.")
                if kind == ItemKind.IMAGE
                else gettext("Who marked what and when, and which items are done, is left out.")
            )

    def spans(self) -> Iterator[list[tuple[int, int, str]]]:
        """The spans of each sheet, as (start, end, quote)."""
        for _, group in groupby(self.select(SPANS), key=lambda columns: columns[0]):
            yield [(start, end, quote) for _, start, end, quote in group]

    def select(self, sql: str, kind: ItemKind | None = None) -> Iterator[tuple]:
        """Rows by a cursor of the database's, so that few are in memory at a time."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(*self.asked(sql, kind))
            yield from cursor

    def asked(self, sql: str, kind: ItemKind | None = None) -> tuple[str, dict[str, list[int]]]:
        """With the sheets in it, and the values it needs. Of chosen items one looks for what is on their sheets."""
        visible, hidden = table(self.sheets(kind).values("pk")), table(self.parted[1])
        seen = SEEN.format(hidden=hidden) if self.ids is None else f"a.sheet_id IN {visible}"
        return sql.format(visible=visible, seen=seen), {"labels": list(self.labels)}
