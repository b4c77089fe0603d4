"""What every detector must keep to, ours and others'. In a test of yours:

assert list(complaints(MyDetector, {"threshold": 0.5})) == []
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from detectors.found import Found
from detectors.kinds.contract import Detector, Picture
from detectors.kinds.decoding import decoded, schema
from projects.errors import Invalid

TEXTS = (
    "",
    " ",
    "On 2024-05-31 Ada paid € 1,200.50 to bob@example.org.",
    "👩‍👩‍👧 family 🇺🇳 and 😀😀 7",
    "שלום עולם 12 مرحبا ١٢٣ \u202eabc\u202c",
    "e\u0301a\u0308 cafe\u0301 क्षि ﬁ ß İ",
    "a\x00b\nc\r\nd\u2028e\ud800f",
    "x" * 5000,
)


def pictures() -> tuple[Picture, ...]:
    random = np.random.default_rng(0)
    scene = np.full((160, 200, 3), 230, np.uint8)
    scene[40:90, 60:120] = (200, 30, 40)
    scene[100:140, 20:50] = random.integers(0, 256, (40, 30, 3))
    grey = np.repeat(random.integers(0, 256, (130, 90, 1), np.uint8), 3, axis=2)
    sizes = ((0, 0), (0, 5), (5, 0), (1, 1), (1, 300), (300, 1), (7, 5), (130, 70))
    plain = [np.full((*size, 3), shade, np.uint8) for size in sizes for shade in (0, 255)]
    return scene, grey, scene[20:120:2, 150:10:-1], *plain


def complaints(kind: type[Detector], config: dict[str, Any]) -> Iterator[str]:
    """A sentence for each thing that is wrong with a detector of this configuration."""
    yield from of_the_form(kind, config)
    detector = kind(decoded(config, kind.Config))
    batch: Sequence[Any] = TEXTS if kind.takes == "text" else pictures()
    before = [np.array(one) for one in batch]
    found = detector.detect(batch)
    if detector.detect([]) != []:
        yield "Nothing is found in an empty batch: []."
    if len(found) != len(batch):
        yield f"It gives {len(found)} answers for {len(batch)} things."
    if not all(map(same, found, detector.detect(batch))):
        yield "It gives another answer the second time."
    if not all(same(one, detector.detect([thing])[0]) for one, thing in zip(found, batch, strict=False)):
        yield "It gives another answer for one alone than for many together."
    if not all(map(np.array_equal, before, map(np.array, batch))):
        yield "It writes to what it is given."
    for number, (answer, thing) in enumerate(zip(found, batch, strict=False)):
        for wrong in of_the_found(answer, thing, detector.finds):
            yield f"In number {number} of the batch: {wrong}"


def of_the_form(kind: type[Detector], config: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the configuration's JSON Schema."""
    properties = schema(kind.Config)["properties"]
    defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
    made = decoded(defaults | config, kind.Config)
    if made != decoded(config, kind.Config):
        yield "The defaults in the schema are others than those of the struct."
    if decoded(msgspec.to_builtins(made), kind.Config) != made:
        yield "The configuration does not come back as it was."
    yield from (f"The field {name} has no title." for name, part in properties.items() if not part.get("title"))
    for name in properties:
        try:
            decoded(config | {name: {"no": "such"}}, kind.Config)
        except Invalid as error:
            if name not in error.fields:
                yield f"What is wrong with the field {name} is not said."
        else:
            yield f"The field {name} takes anything."


def of_the_found(found: Found, thing: Picture | str, finds: Sequence[str]) -> Iterator[str]:
    n = len(found.scores)
    image = not isinstance(thing, str)
    size = np.array((len(thing),) if isinstance(thing, str) else thing.shape[1::-1])
    if found.places.shape != (n, 2 * len(size)):
        yield f"the places are {found.places.shape}, not {(n, 2 * len(size))}."
        return
    starts, ends = found.places[:, : len(size)], found.places[:, len(size) :]
    ends = starts + ends if image else ends
    tags = found.shapes == "tag"
    wrongs: dict[str, Callable[[], bool]] = {
        "its arrays are of different lengths": lambda: {len(found.labels), len(found.shapes)} != {n},
        "a place is not finite": lambda: not np.isfinite(found.places).all(),
        "a place lies outside": lambda: bool((starts < 0).any() or (ends > size + 1e-6).any()),
        "a place is empty": lambda: bool((ends <= starts)[~tags].any()),
        "a score is no number from 0 to 1": lambda: not ((found.scores >= 0) & (found.scores <= 1)).all(),
        "it is not sorted, the surest first": lambda: bool((np.diff(found.scores) > 0).any()),
        "a label is none of those that it says it finds": lambda: not set(found.labels.tolist()) <= set(finds),
        "a shape is of another kind": lambda: not set(found.shapes.tolist()) <= SHAPES[image],
        "a polygon has no ring, or another shape has one": lambda: not rings_fit(found),
        "the probabilities do not fit the classes": lambda: not probabilities_fit(found),
    }
    yield from (f"{wrong}." for wrong, is_so in wrongs.items() if is_so())


ARRAYS = ("places", "labels", "scores", "shapes", "probabilities")
SHAPES = {True: {"rectangle", "polygon", "tag"}, False: {"span", "tag"}}


def rings_fit(found: Found) -> bool:
    rings = found.rings or (None,) * len(found)
    return len(rings) == len(found) and all(
        (ring is not None) == (shape == "polygon") and (ring is None or held(ring, place))
        for ring, shape, place in zip(rings, found.shapes, found.places, strict=True)
    )


def held(ring: np.ndarray, place: np.ndarray) -> bool:
    """Whether the ring is one and its place is what holds it."""
    corners = np.concatenate([ring.min(axis=0), np.ptp(ring, axis=0)])
    return ring.ndim == 2 and len(ring) >= 3 and bool(np.allclose(corners, place))


def probabilities_fit(found: Found) -> bool:
    if found.probabilities is None:
        return found.classes == ()
    given = found.probabilities
    return given.shape == (len(found), len(found.classes)) and bool(((given >= 0) & (given <= 1)).all())


def same(one: Found, other: Found) -> bool:
    """Also of rings and of probabilities, where there are any."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in ARRAYS]
    return all(np.array_equal(*pair) for pair in [*pairs, *zip(one.rings or (), other.rings or (), strict=False)])
