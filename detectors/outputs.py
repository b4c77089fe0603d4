"""What nodes found, kept under the hash of what made it so: to change the last step never repeats the first."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any

import msgspec
import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from detectors.found import Found
from detectors.models import Output
from projects.models import Item

Array = tuple[str, tuple[int, ...], bytes]


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """Found, as it is kept: arrays by their type, shape and bytes."""

    places: Array
    labels: list[str]
    scores: Array
    shapes: list[str]
    rings: list[Array | None] | None
    probabilities: Array | None
    classes: tuple[str, ...]
    keys: Array | None
    parents: Array | None


ENCODE = msgspec.msgpack.Encoder().encode
DECODE = msgspec.msgpack.Decoder(Packed).decode


def packed(found: Found) -> bytes:
    rings = None if found.rings is None else [as_bytes(ring) for ring in found.rings]
    return ENCODE(
        Packed(
            as_bytes(found.places),
            found.labels.tolist(),
            as_bytes(found.scores),
            found.shapes.tolist(),
            rings,
            as_bytes(found.probabilities),
            found.classes,
            as_bytes(found.keys),
            as_bytes(found.parents),
        )
    )


def unpacked(data: bytes) -> Found:
    one = DECODE(data)
    return Found(
        places=array(one.places),
        labels=np.array(one.labels, np.str_),
        scores=array(one.scores),
        shapes=np.array(one.shapes, np.str_),
        rings=None if one.rings is None else tuple(ring and array(ring) for ring in one.rings),
        probabilities=one.probabilities and array(one.probabilities),
        classes=one.classes,
        keys=one.keys and array(one.keys),
        parents=one.parents and array(one.parents),
    )


def as_bytes(values: NDArray[Any] | None) -> Any:
    return None if values is None else (values.dtype.str, values.shape, np.ascontiguousarray(values).tobytes())


def array(kept: Array) -> NDArray[Any]:
    kind, shape, data = kept
    return np.frombuffer(data, np.dtype(kind)).reshape(shape)


def still_there(items: Iterable[int]) -> set[int]:
    """Those that have not been purged; until the transaction ends none is."""
    found = Item.objects.select_for_update(no_key=True).filter(pk__in=set(items), purged_at=None).order_by("pk")
    return set(found.values_list("pk", flat=True))


class Outputs(MutableMapping[str, Found]):
    """What is known of some items: read at once, and what is new written at once. By a node's hash and an item's id, as
    detectors.pipelines.executing names it."""

    def __init__(self, items: Iterable[int], nodes: Iterable[str]) -> None:
        rows = Output.objects.filter(item__in=list(items), node__in=list(nodes)).values_list("node", "item", "found")
        self.known: dict[str, Found] = {f"{node}/{item}": unpacked(bytes(found)) for node, item, found in rows}
        self.new: set[str] = set()

    @transaction.atomic
    def write(self) -> None:
        rows = []
        for key in sorted(self.new):
            node, _, item = key.partition("/")
            rows.append(Output(item_id=int(item), node=node, found=packed(self.known[key])))
        there = still_there(row.item_id for row in rows)
        rows = [row for row in rows if row.item_id in there]
        Output.objects.bulk_create(rows, ignore_conflicts=True)

    def __getitem__(self, key: str) -> Found:
        return self.known[key]

    def __setitem__(self, key: str, found: Found) -> None:
        self.known[key] = found
        self.new.add(key)

    def __delitem__(self, key: str) -> None:
        del self.known[key]
        self.new.discard(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)
