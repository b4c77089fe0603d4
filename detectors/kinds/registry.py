"""Which detectors there are: ours, and those that installed packages bring along by the entry point group
`annotator.detectors`, whose names and values are as those of DETECTORS.

To add one of ours, copy its nearest neighbour and name it here.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any, cast

import msgspec

from detectors.found import Kind
from detectors.kinds import decoding
from detectors.kinds.contract import Detector
from projects.errors import Invalid

GROUP = "annotator.detectors"
DETECTORS = {
    "faces": "detectors.kinds.faces:Faces",
    "eyes": "detectors.kinds.eyes:Eyes",
    "full_bodies": "detectors.kinds.full_bodies:FullBodies",
    "people": "detectors.kinds.people:People",
    "codes": "detectors.kinds.codes:Codes",
    "colours": "detectors.kinds.colours:Colours",
    "contours": "detectors.kinds.contours:Contours",
    "template": "detectors.kinds.template:Template",
    "onnx_classifier": "detectors.kinds.onnx_classifier:OnnxClassifier",
    "onnx_yolo": "detectors.kinds.onnx_yolo:OnnxYolo",
    "expression": "detectors.kinds.expression:Expression",
    "dictionary": "detectors.kinds.dictionary:Dictionary",
    "patterns": "detectors.kinds.patterns:Patterns",
    "backend": "detectors.backends.detector:BackEndDetector",
    "text_backend": "detectors.backends.detector:OfTexts",
    "learned_images": "detectors.kinds.learned_images:LearnedImages",
    "learned_texts": "detectors.kinds.learned_texts:LearnedTexts",
}
LIBRARIES = ("opencv-python-headless", "google-re2", "pyahocorasick", "onnxruntime")
OUTSIDE = ("backend", "text_backend")  # of children, as they need the database


class Listed(msgspec.Struct, frozen=True):
    """A detector as one chooses it; `schema` is the JSON Schema of its configuration. What is `broken` is not to be
    had: it says why."""

    name: str
    title: str
    takes: Kind | None = None
    schema: dict[str, Any] = {}
    broken: str = ""


class Unusable(Exception):
    """Of another package's detector, whatever is wrong with it."""


def listing(broken: Mapping[str, str], at: Callable[[str], object]) -> Iterator[Listed]:
    """Those of children, one by one: `at` is told whose turn it is. Imports them, with the libraries that they need,
    but for those that are known to be broken."""
    for name in DETECTORS:
        if name not in OUTSIDE:
            at(name)
            yield listed(load(name))
    for point in others():
        at(point.name)
        if (why := broken.get(point.name)) is not None:
            yield Listed(point.name, point.name, broken=why)
        else:
            yield looked_at(point)


def made(name: str, config: dict[str, Any]) -> Detector:
    """Raises Invalid where there is no such detector, or its configuration is wrong."""
    kind = load(name)
    return kind(decoding.decoded(config, kind.Config))


@lru_cache
def weighted(name: str) -> dict[str, str]:
    """The fields of a detector's configuration that name weights, and of what kind each wants them. Raises Invalid."""
    properties = decoding.schema(load(name).Config)["properties"]
    return {field: part.get("of", "") for field, part in properties.items() if part.get("format") == "weights"}


def load(name: str) -> type[Detector]:
    if name in DETECTORS:
        module, _, attribute = DETECTORS[name].partition(":")
        return cast(type[Detector], getattr(import_module(module), attribute))
    detail = f"There is no detector “{name}” here. Choose another, or ask whoever runs the server to install it."
    for point in others():
        if point.name == name:
            try:
                return brought(point)
            except Unusable as error:
                detail = str(error)
    raise Invalid(detail, fields={"detector": detail})


@lru_cache(maxsize=256)
def version_of(name: str) -> str:
    """Of the package that brings a detector, or of the libraries that ours work with: what another one found is not
    taken for what this one finds."""
    if name in DETECTORS:
        return " ".join(version(library) for library in LIBRARIES)
    return next((point.dist.version for point in others() if point.name == name and point.dist), "")


def others() -> list[EntryPoint]:
    return sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))


def listed(kind: type[Detector]) -> Listed:
    return Listed(kind.name, kind.title, kind.takes, decoding.schema(kind.Config))


def looked_at(point: EntryPoint) -> Listed:
    try:
        return listed(brought(point))
    except Unusable as error:
        return Listed(point.name, point.name, broken=str(error))


def brought(point: EntryPoint) -> type[Detector]:
    """Another package's detector, that looks like one."""
    by = f"The detector “{point.name}” of {point.dist.name if point.dist else point.value}"
    if point.name in DETECTORS or sum(other.name == point.name for other in others()) > 1:
        raise Unusable(f"{by} has the name of another one. Uninstall one of them.")
    try:
        kind: type[Detector] = point.load()
        looks = listed(kind)
        fits = looks.name == point.name and looks.takes in ("image", "text") and callable(kind.detect)
    except (Exception, SystemExit) as error:  # whatever another's code raises, the others are there
        raise Unusable(f"{by} cannot be loaded ({type(error).__name__}: {error}). Mend or uninstall it.") from error
    if not fits:
        raise Unusable(f"{by} is none: it must say that its name is “{point.name}”, and take “image” or “text”.")
    return kind
