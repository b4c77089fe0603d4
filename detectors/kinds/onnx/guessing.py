"""What a model is, as far as its shapes, its names and what it is about tell."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.kinds.decoding import BAD
from detectors.kinds.onnx.choosing import MOST_CLASSES
from detectors.kinds.onnx.models import NUMBERS, Model
from projects.errors import Invalid

Settings = dict[str, Any]
NAMES = ("names", "classes", "class_names", "labels")  # under which exporters tell the classes
LONGEST = 100  # characters of a class's name
EMBEDS = re.compile("embed|feature|pool|hidden|vector", re.IGNORECASE)
WIDTHS = {128, 192, 256, 320, 384, 512, 576, 640, 768, 960, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 3072}
STRIDES = ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32))  # of YOLO's grids
PATCHES = (8, 14, 16, 32)  # of vision transformers
EXTRA = 6  # vectors that stand before those of the patches
UNKNOWN = (
    "The model answers with {outputs}, from which we cannot tell what it does. It may be a classifier (a number for "
    "each class), a YOLO (rows of boxes), or an embedder (one vector)."
)


def guess(model: Model) -> tuple[str, Settings]:
    """The name of a detector or "onnx_embedder", and what it is to be told beside the model. Raises Invalid."""
    last = Invalid("")
    for height, width in sizes(model):
        try:
            outputs = tried(model, height, width)
        except Invalid as error:
            last = error
            continue
        settings = looks(model, height, width)
        for name in sorted(outputs, key=lambda one: rank(one, outputs[one])):
            if told := family(model, name, outputs[name], (height, width)):
                kind, more = told
                return kind, settings | {"output": name} | more
        shapes = ", ".join(f"“{name}” ({' × '.join(map(str, one.shape))})" for name, one in outputs.items())
        raise Invalid(UNKNOWN.format(outputs=shapes), code="unknown_family")
    raise last


def sizes(model: Model) -> Iterator[tuple[int, int]]:
    """Heights and widths to try: what the model says, or what is usual."""
    sides = model.shape[2:] if model.channels_first else model.shape[1:3]
    height, width = sides
    if height and width:
        yield height, width
        return
    if said := [int(part) for part in re.findall(r"\d{2,4}", model.about.get("imgsz", ""))[:2]]:
        yield height or said[0], width or said[-1]
        return
    for side in (640, 224) if "stride" in model.about else (224, 640):
        yield height or side, width or side


def tried(model: Model, height: int, width: int) -> dict[str, NDArray[Any]]:
    """What it answers for three images: black, white and noise."""
    colours = (model.shape[1] if model.channels_first else model.shape[3]) or 3
    shape = (colours, height, width) if model.channels_first else (height, width, colours)
    noise = np.random.default_rng(0).uniform(0, 1, shape)
    images = np.stack([np.zeros(shape), np.ones(shape), noise]).astype(np.float32)
    if NUMBERS[model.input.type] is np.uint8:
        images *= 255
    answers = [model.run(images[n : n + 1], model.outputs) for n in range(len(images))]
    return {name: np.concatenate(parts) for name, *parts in zip(model.outputs, *answers, strict=True)}


def looks(model: Model, height: int, width: int) -> Settings:
    told: Settings = {"width": width, "height": height}
    told["layout"] = "colours first" if model.channels_first else "colours last"
    if (model.shape[1] if model.channels_first else model.shape[3]) == 1:
        told["channels"] = "grey"
    if NUMBERS[model.input.type] is np.uint8:
        told["scaling"] = "0 to 255"
    elif not by_ultralytics(model.about) and model.channels_first:
        told["scaling"] = "ImageNet"
    return told


def by_ultralytics(about: Mapping[str, str]) -> bool:
    return "stride" in about or "Ultralytics" in about.get("author", "")


def rank(name: str, output: NDArray[Any]) -> int:
    """Rows of boxes before vectors before the parts of which those are made."""
    return 0 if is_boxes(output) else 1 if is_vector(output) else 2


def is_vector(output: NDArray[Any]) -> bool:
    return output.ndim >= 2 and max(output.shape[1:]) == output[0].size > 1


def is_boxes(output: NDArray[Any]) -> bool:
    return output.ndim == 3 and (output.shape[2] == 6 or min(output.shape[1:]) < 5 + 1_000 < max(output.shape[1:]))


def family(model: Model, name: str, output: NDArray[Any], size: tuple[int, int]) -> tuple[str, Settings] | None:
    names = classes(model.about)
    k = output[0].size
    if is_vector(output) and k <= MOST_CLASSES:
        named = len(names) == k or model.about.get("task") == "classify"
        if not named and (EMBEDS.search(name) or (k in WIDTHS and not is_likely(output))):
            return "onnx_embedder", {"fit": "middle"}
        activation = "none" if is_likely(output) else "softmax"
        return "onnx_classifier", {"fit": "middle", "classes": padded(names, k), "activation": activation}
    if output.ndim != 3:
        return None
    return boxes(names, output.shape[1:], size) or parts(output.shape[1], size)


def is_likely(output: NDArray[Any]) -> bool:
    """Whether they are probabilities already."""
    rows = output.reshape(len(output), -1).astype(np.float64)
    return bool(((rows >= 0) & (rows <= 1)).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-2))


def boxes(names: list[str], shape: tuple[int, ...], size: tuple[int, int]) -> tuple[str, Settings] | None:
    """By how many rows there are: YOLO has one, or three, for each cell of its grids."""
    cells = {sum(size[0] // stride * (size[1] // stride) for stride in strides) for strides in STRIDES}
    many, numbers = max(shape), min(shape)
    if numbers > MOST_CLASSES:
        return None
    if shape[1] == 6 and shape[0] not in cells | {3 * one for one in cells}:
        form, count = "end to end", len(names) or 80
    elif many in cells and numbers > 4:
        form, count = "v8 to v12", numbers - 4
    elif many in {3 * one for one in cells} and numbers > 5:
        form, count = "v5 to v7", numbers - 5
    else:
        return None
    known = names if names and len(names) <= count else padded([], count)  # more are of masks
    return "onnx_yolo", {"fit": "letterbox", "scaling": "0 to 1", "form": form, "classes": known}


def parts(count: int, size: tuple[int, int]) -> tuple[str, Settings] | None:
    """A vector for each patch of the image, and often some before those."""
    more = [count - size[0] // patch * (size[1] // patch) for patch in PATCHES]
    fits = [one for one in more if 0 <= one < EXTRA]
    if not fits:
        return None
    return "onnx_embedder", {"fit": "middle", "pooling": "first" if min(fits) else "mean"}


def padded(names: list[str], count: int) -> list[str]:
    return names if len(names) == count else [f"class {number}" for number in range(count)]


def classes(about: Mapping[str, str]) -> list[str]:
    """As the exporter has written them: a list, or a dict by number, of Python or JSON; or with commas between."""
    text = next((about[name] for name in NAMES if about.get(name)), "")
    told = read(text)
    if isinstance(told, dict):
        told = [told[number] for number in sorted(told, key=lambda one: int(one) if str(one).isdecimal() else 0)]
    if not isinstance(told, list):
        told = text.split(",") if text else []
    return apart([BAD.sub("", str(name)).strip()[:LONGEST] for name in told])


def read(text: str) -> Any:
    for reader in (json.loads, ast.literal_eval):
        try:
            return reader(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    return None


def apart(names: list[str]) -> list[str]:
    """Some of ImageNet's are called alike."""
    known: set[str] = set()
    for number, name in enumerate(names):
        name = name or f"class {number}"
        known_as = name if name not in known else f"{name[: LONGEST - 8]} {number}"
        names[number] = known_as
        known.add(known_as)
    return names
