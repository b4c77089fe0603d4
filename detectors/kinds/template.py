"""More of what a few examples show, by normalised cross-correlation (Lewis 1995; OpenCV's TM_CCOEFF_NORMED)."""

import base64
import io
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Annotated, ClassVar

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from PIL import Image

from detectors.found import Found, Kind
from detectors.kinds.contract import MOST, Label, Picture, unfit
from detectors.kinds.seeing import Longest, found_boxes, grey, shrunk

SIDE = 24  # what is first looked for is shrunk until its shorter side has so many pixels
FLAT = 2.0  # grey levels of deviation: where there is less, correlation sees patterns in noise,
FAINT = 5  # and where there is so much less than in the pattern
LEEWAY = 0.15  # shrunk, things are less alike
LARGEST = 512  # pixels of an example's side
LEAST = 6  # pixels of a pattern's side: what is smaller is like anything
PEAKS = 2_000  # that one example of one size is followed up at

PNG = {"contentEncoding": "base64", "contentMediaType": "image/png"}
NO_IMAGE = "This example is no PNG image in base64. Cut it out once more."
DAMAGE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises of a file

Pixels = NDArray[np.uint8]
Places = NDArray[np.float64]  # (n, 4) as in Found


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    examples: Annotated[
        list[Annotated[str, Meta(max_length=1_000_000, extra_json_schema=PNG)]],
        Meta(
            title="Examples",
            description=f"What to look for: PNG images in base64, cut out narrowly, of 8 to {LARGEST} pixels a side.",
            min_length=1,
            max_length=20,
        ),
    ]
    label: Label = "match"
    likeness: Annotated[
        float,
        Meta(title="Likeness", description="From 0 to 1. More finds less, and fewer wrong ones.", ge=0.3, le=1),
    ] = 0.7
    smallest: Annotated[
        float, Meta(title="Smallest", description="Sizes to look for, from: 0.5 is half the example's.", ge=0.1, le=10)
    ] = 0.8
    largest: Annotated[
        float, Meta(title="Largest", description="Sizes to look for, to: 2 is twice the example's.", ge=0.1, le=10)
    ] = 1.25
    sizes: Annotated[
        int, Meta(title="Sizes", description="How many sizes are tried. More finds more and takes longer.", ge=1, le=20)
    ] = 5
    mirrored: Annotated[bool, Meta(title="Mirrored", description="Find them with left and right swapped, too.")] = False
    overlap: Annotated[
        float,
        Meta(
            title="Overlap",
            description="How much two may overlap (intersection over union); of more only the surer one stays.",
            ge=0,
            le=1,
        ),
    ] = 0.3
    longest: Longest = 2000


class Template:
    name = "template"
    title = "More like these examples"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        wrong = {}
        if config.smallest > config.largest:
            wrong["smallest"] = f"Smallest: give at most {config.largest:g}, as the largest is that."
        self.examples = []
        for number, text in enumerate(config.examples):
            try:
                self.examples.append(read(text))
            except ValueError as error:
                wrong[f"examples.{number}"] = str(error)
        if wrong:
            raise unfit(**wrong)
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """The score is the correlation of grey levels, from 0 to 1. It is looked for in a picture that is shrunk so far
        that the example has 24 pixels, and measured where it was found in the whole one."""
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        small, scale = shrunk(picture, self.config.longest)
        if not small.size:
            return found_boxes([], scale, picture, self.config.label, [])
        seen = [matches(grey(small), pattern, self.config.likeness) for pattern in self.patterns(scale.max())]
        places, scores = (np.concatenate(parts) for parts in zip((np.empty((0, 4)), np.empty(0)), *seen, strict=True))
        kept = apart(places, scores, self.config.overlap)
        return found_boxes(places[kept], scale, picture, self.config.label, np.clip(scores[kept], 0, 1))

    def patterns(self, scale: float) -> Iterator[Pixels]:
        """Each example in each size, as large as it would be in a picture of which each pixel is `scale`."""
        sizes = np.geomspace(self.config.smallest, self.config.largest, self.config.sizes) / scale
        sides = (False, True) if self.config.mirrored else (False,)
        for example, size, mirrored in product(self.examples, sizes, sides):
            yield resized(example[:, ::-1] if mirrored else example, size)


def read(text: str) -> Pixels:
    """Raises ValueError with a sentence for the person."""
    image = opened(text)
    if not 8 <= min(image.size) <= max(image.size) <= LARGEST:
        raise ValueError(
            f"This example has {image.width} x {image.height} pixels. Cut out one of 8 to {LARGEST} a side."
        )
    try:
        example = grey(np.asarray(image.convert("RGB")))
    except DAMAGE as error:
        raise ValueError(NO_IMAGE) from error
    if example.std() < FLAT:
        raise ValueError("This example is all of one colour. Cut out one that shows something.")
    return example


def opened(text: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"])
    except DAMAGE as error:
        raise ValueError(NO_IMAGE) from error


def matches(picture: Pixels, pattern: Pixels, likeness: float) -> tuple[Places, NDArray[np.float64]]:
    """Where the picture is like the pattern, and how much: looked for in small, measured in full."""
    if min(pattern.shape) < LEAST or pattern.shape[0] > picture.shape[0] or pattern.shape[1] > picture.shape[1]:
        return np.empty((0, 4)), np.empty(0)
    factor = min(1.0, SIDE / min(pattern.shape))
    rough = resized(pattern, factor)
    if rough.std() < FLAT:
        factor, rough = 1.0, pattern  # too fine to be seen in small
    ground = resized(picture, factor)
    places, scores = peaks(ground, rough, likeness - (LEEWAY if factor < 1 else 0))
    if factor == 1:
        return places, scores
    places = places[apart(places, scores, 0.5)] * np.tile(np.divide(picture.shape, ground.shape)[::-1], 2)
    measured = [one for place in places if (one := measure(picture, pattern, place, 2 / factor))[4] >= likeness]
    found = np.asarray(measured, np.float64).reshape(-1, 5)
    return found[:, :4], found[:, 4]


def peaks(picture: Pixels, pattern: Pixels, least: float) -> tuple[Places, NDArray[np.float64]]:
    """The places that are the best within a quarter of the pattern's size, where the picture is not all too flat."""
    likes = cv2.matchTemplate(picture, pattern, cv2.TM_CCOEFF_NORMED)
    height, width = pattern.shape
    about = cv2.dilate(likes, np.ones((height // 2 | 1, width // 2 | 1), np.uint8))
    rows, columns = np.nonzero((likes >= least) & (likes == about))
    clear = deviations(picture, rows, columns, height, width) >= max(FLAT, pattern.std() / FAINT)
    rows, columns = rows[clear], columns[clear]
    values = likes[rows, columns].astype(np.float64)
    best = np.argsort(-values, kind="stable")[:PEAKS]
    sizes = np.tile((width, height), (len(best), 1))
    return np.column_stack([columns[best], rows[best], sizes]).astype(np.float64), values[best]


def deviations(
    picture: Pixels, rows: NDArray[np.intp], columns: NDArray[np.intp], height: int, width: int
) -> NDArray[np.float64]:
    """The standard deviation of each window of this size."""
    ends, sides = rows + height, columns + width
    sums, squares = (
        (t[ends, sides] - t[rows, sides] - t[ends, columns] + t[rows, columns]).astype(np.float64) / (height * width)
        for t in cv2.integral2(picture)
    )
    return np.sqrt(np.maximum(squares - sums**2, 0))


def measure(picture: Pixels, pattern: Pixels, place: NDArray[np.float64], margin: float) -> tuple[float, ...]:
    """The best place about there, with its score."""
    (height, width), (x, y) = pattern.shape, place[:2]
    top = int(np.clip(y - margin, 0, picture.shape[0] - height))
    left = int(np.clip(x - margin, 0, picture.shape[1] - width))
    near = picture[top : int(y + height + margin), left : int(x + width + margin)]
    likes = cv2.matchTemplate(near, pattern, cv2.TM_CCOEFF_NORMED)
    row, column = np.unravel_index(likes.argmax(), likes.shape)
    return left + int(column), top + int(row), width, height, float(likes[row, column])


def apart(places: Places, scores: NDArray[np.float64], overlap: float) -> NDArray[np.intp]:
    """Those that overlap no surer one by more than that."""
    best = np.argsort(-scores, kind="stable")[:MOST]
    kept = cv2.dnn.NMSBoxes(places[best].astype(np.float64).tolist(), scores[best].tolist(), 0.0, overlap)
    return best[np.asarray(kept, np.intp)]


def resized(pixels: Pixels, factor: float) -> Pixels:
    size = [max(1, round(side * factor)) for side in pixels.shape[::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
