"""Vectors of items and of places in them, as pgvector keeps them: read and written by the thousand, and searched."""

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from detectors.models import Embedding
from detectors.outputs import still_there

Vectors = NDArray[np.float32]
Key = tuple[int, str]  # an item, and a place in it: "" for the whole

MOST = 16_000  # dimensions that pgvector keeps
INDEXED = 4_000  # that its index takes, of half precision
EXACT = 10_000  # rows up to which each is looked at
AT_ONCE = 20_000
HEADER, TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"

READ = """COPY (
    SELECT e.item_id, e.vector FROM detectors_embedding e JOIN unnest(ARRAY[{items}]::bigint[]) i ON i = e.item_id
    WHERE e.embedder = {embedder} AND e.place = '' ORDER BY e.item_id
) TO STDOUT (FORMAT binary)"""
WRITE = """INSERT INTO detectors_embedding (item_id, place, embedder, vector)
SELECT item_id, place, {embedder}, vector FROM given ON CONFLICT DO NOTHING"""


def matrix(embedder: str, items: Sequence[int]) -> tuple[NDArray[np.int64], Vectors]:
    """Of those that are known: their items in order, and a row (n, d) of each."""
    wanted = np.unique(np.asarray(items, np.int64))
    numbers = [np.empty(0, np.int64)]
    parts: list[Vectors] = []
    for start in range(0, len(wanted), AT_ONCE):
        rows = read(embedder, wanted[start : start + AT_ONCE].tolist())
        if len(rows):
            numbers.append(rows["item"].astype(np.int64))
            parts.append(rows["vector"].astype(np.float32))
    return np.concatenate(numbers), np.concatenate(parts) if parts else np.empty((0, 0), np.float32)


def of_items(embedder: str, items: Sequence[int]) -> dict[int, Vectors]:
    """Of those that are known, by item (d,)."""
    numbers, rows = matrix(embedder, items)
    return dict(zip(numbers.tolist(), rows, strict=True))


def read(embedder: str, items: Sequence[int]) -> NDArray[Any]:
    """Rows of `item` and `vector`, by items: as PostgreSQL sends them, without a look at each."""
    data = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(quoted(READ, embedder, items=",".join(map(str, items))), data)
    content = data.getbuffer()[len(HEADER) : -len(TRAILER)]
    if not len(content):
        return np.empty(0, rows_of(0))
    kind = rows_of(int(np.frombuffer(content[18:20], ">i2")[0]))
    if len(content) % kind.itemsize == 0:
        rows = np.frombuffer(content, kind)
        if (rows["dimensions"] == rows["dimensions"][0]).all():
            return rows
    Embedding.objects.filter(embedder=embedder).delete()  # it has changed its size: all is looked at anew
    return np.empty(0, rows_of(0))


def rows_of(dimensions: int) -> np.dtype[Any]:
    """A tuple of COPY's binary format: how many fields, and each after its length; in a vector its dimensions."""
    before = [("fields", ">i2"), ("length", ">i4"), ("item", ">i8"), ("size", ">i4"), ("dimensions", ">i2")]
    return np.dtype([*before, ("unused", ">i2"), ("vector", ">f4", (dimensions,))])


def of_places(embedder: str, items: Sequence[int]) -> dict[Key, Vectors]:
    """Those of places in some items that are known."""
    sql = "SELECT item_id, place, vector::text FROM detectors_embedding WHERE embedder = %s AND item_id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND place <> ''", [embedder, list(items)])
        return {(item, place): numbers(text) for item, place, text in cursor}


def numbers(text: str) -> Vectors:
    return np.fromstring(text[1:-1], np.float32, sep=",")


@transaction.atomic
def keep(embedder: str, found: Mapping[Key, Vectors]) -> None:
    """What is known already stays; what has been purged, or has more dimensions than can be kept, is not."""
    there = still_there({item for item, _ in found})
    rows = [(key, vector) for key, vector in found.items() if key[0] in there and 0 < len(vector) <= MOST]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE given (item_id bigint, place text, vector vector) ON COMMIT DROP")
        data = io.BytesIO(b"".join([HEADER, *map(as_tuple, rows), TRAILER]))
        cursor.copy_expert("COPY given FROM STDIN (FORMAT binary)", data)
        cursor.execute(quoted(WRITE, embedder))
        cursor.execute("DROP TABLE given")


def as_tuple(row: tuple[Key, Vectors]) -> bytes:
    (item, place), vector = row
    text, values = place.encode(), np.nan_to_num(vector).astype(">f4").tobytes()
    before = struct.pack(f">hiqi{len(text)}s", 3, 8, item, len(text), text)
    return before + struct.pack(">ihh", 4 + len(values), len(vector), 0) + values


def quoted(sql: str, embedder: str, **parts: str) -> str:
    """COPY takes no parameters."""
    with connection.cursor() as cursor:
        name = cursor.mogrify("%s", [embedder]).decode()
    return sql.format(embedder=name, **parts)


# What is most alike ---------------------------------------------------------------------------------------------------


class Near(NamedTuple):
    """A place in an item, and how far it is from what was asked about: 0 of the same direction, 2 of the opposite."""

    item: int
    place: str
    distance: float


NEAREST = """
SELECT e.item_id, e.place, e.vector::{cast} <=> {vector}::{cast} AS distance FROM detectors_embedding e
JOIN projects_item i ON i.id = e.item_id AND i.project_id = {project} AND i.trashed_at IS NULL
WHERE e.embedder = {embedder} ORDER BY e.vector::{cast} <=> {vector}::{cast} LIMIT {most}
"""


def nearest(embedder: str, project: int, vector: Vectors, most: int) -> list[Near]:
    """In a project, the most alike first (cosine distance)."""
    cast = cast_to(len(vector))
    text = "'[" + ",".join(f"{value:.7g}" for value in np.nan_to_num(vector).tolist()) + "]'"
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL hnsw.iterative_scan = strict_order")
        sql = quoted(NEAREST, embedder, cast=cast, vector=text, project=str(project), most=str(most))
        cursor.execute(sql)
        return [Near(item, place, float(distance)) for item, place, distance in cursor if not np.isnan(distance)]


def cast_to(dimensions: int) -> str:
    return f"halfvec({dimensions})" if dimensions <= INDEXED else f"vector({dimensions})"


def index(embedder: str) -> bool:
    """Where there are many of an embedder, an index of their own; whether one was made. Not within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(vector_dims(vector)) FROM detectors_embedding WHERE embedder = %s", [embedder]
        )
        count, dimensions = cursor.fetchone()
        if count < EXACT or dimensions > INDEXED:
            return False
        name = f"embeddings_of_{sum(embedder.encode()) % 10_000}_{len(embedder)}_{dimensions}"
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0]:
            return False
        cursor.execute(
            quoted(
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON detectors_embedding USING hnsw"
                " ((vector::{cast}) halfvec_cosine_ops) WHERE embedder = {embedder}",
                embedder,
                name=name,
                cast=cast_to(dimensions),
            )
        )
    return True


def count(embedder: str, project: int) -> int:
    """How many items of a project it has seen whole."""
    found = Embedding.objects.filter(embedder=embedder, place="", item__project=project, item__trashed_at=None)
    return found.count()


def names(begin: str) -> list[str]:
    """The embedders that have seen something, whose names begin so."""
    found = Embedding.objects.filter(embedder__startswith=begin).order_by().values_list("embedder", flat=True)
    return sorted(set(found.distinct()))
