"""Has a detector look at items or at windows of them, and puts what it finds into the item's coordinates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, Kind, boxes, spans
from detectors.kinds import registry
from detectors.kinds.contract import Detector
from detectors.pipelines.overlaps import corners, places
from detectors.pipelines.steps import Content, Labels, Made
from projects.errors import Invalid

UNKNOWN = "detector"  # the field by which the registry says that it knows no such kind
AT_ONCE = 64  # windows that a detector is given at a time
SHAPES = {"image": {"rectangle", "polygon", "tag"}, "text": {"span", "tag"}}
Window = tuple[int, ...]  # left, top, right, bottom in whole pixels, or start and end in code points
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The detector that an operator has look: its kind and configuration."""

    kind: Annotated[str, msgspec.Meta(max_length=64)]
    config: dict[str, Any] = {}

    def made(self, made: Made) -> Detector:
        """Raises Invalid for what is wrong with it, as a field of the operator that has it."""
        try:
            return made(self.kind, self.config)
        except Invalid as error:
            if unknown := error.fields.get(UNKNOWN):
                raise Invalid(unknown, code="unknown_kind", fields={"detector.kind": unknown}) from None
            fields = {f"detector.config.{name}": detail for name, detail in error.fields.items()}
            fields = fields or {"detector.config": str(error.detail)}
            raise Invalid(str(error.detail), code="wrong_config", fields=fields) from None


Looking = TypeVar("Looking", bound=Any)


def complete(config: Looking, detector: Detector) -> Looking:
    """An operator's configuration with what was left out of its detector's filled in."""
    inner = Inner(config.detector.kind, filled(detector, config.detector.config))
    whole: Looking = msgspec.structs.replace(config, detector=inner)
    return whole


def filled(detector: Detector, config: dict[str, Any]) -> dict[str, Any]:
    try:
        told: dict[str, Any] = msgspec.to_builtins(msgspec.convert(config, detector.Config))
    except msgspec.ValidationError:  # a maker may understand more than the form: then what was said tells enough
        told = config
    stamp, version = getattr(detector, "stamp", ""), registry.version_of(detector.name)
    return told | {name: one for name, one in (("(stamp)", stamp), ("(version)", version)) if one}


def misfits(detector: Detector, kind: Kind, field: str) -> dict[str, str]:
    if detector.takes == kind:
        return {}
    return {field: f"{detector.title} looks at {detector.takes}s, and the items are {kind}s. Choose another detector."}


def finds(detector: Detector) -> Labels:
    return frozenset(detector.finds) or None


def nothing(kind: Kind) -> Found:
    return boxes([], [], []) if kind == "image" else spans([], [], [])


def size(content: Content) -> tuple[int, ...]:
    """Width and height of an image in pixels, or the length of a text in code points."""
    return (len(content),) if isinstance(content, str) else (content.shape[1], content.shape[0])


def whole(content: Content) -> Window:
    ends = size(content)
    return (0,) * len(ends) + ends


def look(detector: Detector, windows: Sequence[tuple[Content, Window]]) -> list[Found]:
    """What is found in each window of an item, in the item's coordinates; what reaches out of the item is cut off.

    Raises ValueError when the detector's answer is not one.
    """
    found: list[Found] = []
    for start in range(0, len(windows), AT_ONCE):
        some = windows[start : start + AT_ONCE]
        answers = detector.detect([seen(content, window) for content, window in some])
        if len(answers) != len(some):
            raise ValueError(f"{detector.title} answered for {len(answers)} of {len(some)}.")
        for (content, window), answer in zip(some, answers, strict=True):
            check(detector, answer)
            found.append(placed(answer, content, window))
    return found


def seen(content: Content, window: Window) -> Any:
    if isinstance(content, str):
        return content[window[0] : window[1]]
    left, top, right, bottom = window
    return content[top:bottom, left:right]


def check(detector: Detector, found: Found) -> None:
    """Third parties' detectors may answer anything."""
    n, columns = len(found.scores), 4 if detector.takes == "image" else 2
    if found.places.shape != (n, columns) or not len(found.labels) == len(found.shapes) == n:
        raise ValueError(f"{detector.title} gave places, labels and scores that don't belong together.")
    if (found.rings is not None and len(found.rings) != n) or (
        found.probabilities is not None and found.probabilities.shape != (n, len(found.classes))
    ):
        raise ValueError(f"{detector.title} gave rings or probabilities that are not of its places.")
    if not (np.isfinite(found.places).all() and ((found.scores >= 0) & (found.scores <= 1)).all()):
        raise ValueError(f"{detector.title} gave places that are no numbers, or scores that are not from 0 to 1.")
    if not set(found.shapes.tolist()) <= SHAPES[detector.takes]:  # of strings numpy is slow
        raise ValueError(f"{detector.title} gave shapes that are not of {detector.takes}s.")
    rings = found.rings or (None,) * n
    if any(shape == "polygon" and not is_ring(ring) for shape, ring in zip(found.shapes, rings, strict=True)):
        raise ValueError(f"{detector.title} gave polygons without three corners that are numbers.")


def is_ring(ring: Any) -> bool:
    return (
        isinstance(ring, np.ndarray)
        and ring.ndim == 2
        and ring.shape[1] == 2
        and len(ring) >= 3
        and np.issubdtype(ring.dtype, np.number)
        and bool(np.isfinite(ring).all())
    )


def placed(found: Found, content: Content, window: Window) -> Found:
    """Moved from the window's corner to where the window is; without what has no area inside the item."""
    if not len(found):
        return found
    ends = np.array(size(content))
    corner = np.array(window[: len(ends)])
    shift = np.concatenate([corner, corner] if len(ends) == 1 else [corner, np.zeros(2)])
    moved = (found.places + shift).astype(np.int64 if len(ends) == 1 else np.float64)
    kept = corners(moved)
    limit = np.append(ends, 1) if len(ends) == 1 else ends
    kept = np.clip(kept, 0, np.concatenate([limit, limit]))
    inside = ((kept[:, 2:] > kept[:, :2]).all(axis=1)) | (found.shapes == "tag")
    out = (kept != corners(moved)).any(axis=1)
    moved = np.where(out[:, None], places(kept, moved), moved)  # those inside stay as they are, to the last bit
    rings = found.rings and tuple(ring if ring is None else trimmed(ring + corner, ends) for ring in found.rings)
    return replace(found, places=moved, scores=found.scores.astype(np.float64), rings=rings).take(inside)


def trimmed(ring: NDArray[np.float64], ends: NDArray[Any]) -> NDArray[np.float64]:
    return np.clip(ring, 0, ends)
