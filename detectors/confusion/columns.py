"""Points as columns: a row for each labelled thing and what a model says of it, and for each that only the model sees.
They lie in storage as an Arrow file, ordered by item."""

from dataclasses import dataclass, fields, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from numpy.typing import NDArray

FOLDER = "evaluations"
Ids = NDArray[np.void]  # (n,) of 16 bytes
Column = NDArray[Any]


@dataclass(frozen=True)
class Columns:
    """n points. `ids` (n,) are those of annotations, or of predictions where nothing is labelled. `truth` and
    `predicted` int32 (n,) are rows of the list of `k` labels, and k for none. `score` (n,) is how sure the model is of
    what it says, NaN where it says nothing; `overlap` (n,) how much of what both cover together both cover. `entropy`
    (n,) is how unsure it is, from 0 to 1. `places` float32 (n, 4) are x, y, width and height in pixels, or start, end
    and zeros in code points. `authors` int32 (n,) are people's ids, 0 for nobody.

    `components` float32 (n, c) are principal components, NaN where there is no vector; `probabilities` float32 (n, k)
    those of all labels, where the model tells them; `neighbours` int32 (n, m) are rows of what looks most alike, and
    `apart` float32 (n, m) how far these are.
    """

    ids: Ids
    items: Column
    truth: Column
    predicted: Column
    score: Column
    overlap: Column
    entropy: Column
    places: Column
    authors: Column
    components: Column
    probabilities: Column | None = None
    neighbours: Column | None = None
    apart: Column | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Column) -> "Columns":
        """Those that name rows of others are left out."""
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        kept = {name: column[rows] for name, column in own.items() if column is not None}
        return replace(self, **kept | {"neighbours": None, "apart": None})

    def rows_of(self, item: int) -> range:
        start, end = np.searchsorted(self.items, [item, item + 1])
        return range(int(start), int(end))


def ids(values: Any) -> Ids:
    """Of UUIDs."""
    return np.frombuffer(b"".join(one.bytes for one in values), "V16")


def as_arrow(values: Column) -> pa.Array:
    """Rows of several numbers are lists of that size, ids 16 bytes each."""
    if values.dtype == np.dtype("V16"):
        return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(values), [None, pa.py_buffer(values.tobytes())])
    if values.ndim == 2:
        flat = pa.array(np.ascontiguousarray(values).ravel())
        return pa.FixedSizeListArray.from_arrays(flat, values.shape[1]) if values.shape[1] else pa.nulls(len(values))
    return pa.array(values)


def from_arrow(column: pa.ChunkedArray) -> Column:
    one = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if pa.types.is_null(one.type):
        return np.empty((len(one), 0), np.float32)
    if pa.types.is_fixed_size_binary(one.type):
        return np.frombuffer(one.buffers()[1], "V16")[one.offset : one.offset + len(one)]
    if pa.types.is_fixed_size_list(one.type):
        flat: Column = one.flatten().to_numpy(zero_copy_only=False)
        return flat.reshape(len(one), one.type.list_size)
    plain: Column = one.to_numpy(zero_copy_only=False)
    return plain


def path(digest: str) -> str:
    return f"{FOLDER}/{digest}"


def keep(columns: Columns) -> str:
    """Their digest, under which they are found again."""
    own = {one.name: getattr(columns, one.name) for one in fields(columns)}
    data = stream({name: column for name, column in own.items() if column is not None})
    digest = sha256(data).hexdigest()
    if not default_storage.exists(path(digest)):
        default_storage.save(path(digest), ContentFile(data))
    return digest


def stream(columns: dict[str, Column]) -> bytes:
    """As Arrow's stream of one batch."""
    batch = pa.RecordBatch.from_arrays([as_arrow(column) for column in columns.values()], names=list(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


@lru_cache(maxsize=4)
def read(digest: str) -> Columns:
    """Raises FileNotFoundError. What a digest names never changes."""
    with default_storage.open(path(digest)) as file:
        table = pa.ipc.open_stream(file.read()).read_all()
    return Columns(**{name: from_arrow(table.column(name)) for name in table.column_names})


def discard(digest: str) -> None:
    default_storage.delete(path(digest))
