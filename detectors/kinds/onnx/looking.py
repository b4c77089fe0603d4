"""How an image is made what a model takes, and how places in that lead back to the image."""

from dataclasses import dataclass
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.kinds.contract import Picture

Fit = Literal["letterbox", "stretch", "middle"]
Scaling = Literal["0 to 1", "-1 to 1", "0 to 255", "ImageNet"]
GREY = 114  # of the bars of a letterbox, as YOLO is trained with
MEAN = np.array((0.485, 0.456, 0.406), np.float32)  # of ImageNet's colours, from 0 to 1
DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)
GREYS = np.array([[0.299], [0.587], [0.114]], np.float32)  # how bright the eye sees each


class Looks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every model must be told."""

    width: Annotated[int, Meta(title="Width", description="Pixels that the model takes.", ge=8, le=4096)] = 224
    height: Annotated[int, Meta(title="Height", description="Pixels that the model takes.", ge=8, le=4096)] = 224
    fit: Annotated[
        Fit,
        Meta(
            title="Fit",
            description="How an image of another form becomes that: with grey bars (letterbox), stretched, or by its "
            "middle alone.",
        ),
    ] = "letterbox"
    channels: Annotated[
        Literal["RGB", "BGR", "grey"], Meta(title="Colours", description="In which order the model takes them.")
    ] = "RGB"
    scaling: Annotated[
        Scaling,
        Meta(title="Scaling", description="From what to what colours go; ImageNet: less its mean, by its deviation."),
    ] = "0 to 1"
    layout: Annotated[
        Literal["colours first", "colours last"],
        Meta(title="Layout", description="NCHW is colours first, NHWC colours last."),
    ] = "colours first"
    output: Annotated[str, Meta(title="Output", description="Which one is read; empty: the first.", max_length=200)] = (
        ""
    )


@dataclass(frozen=True)
class Frame:
    """Where an image lies in what a model is given: `scale` and `shift` (2,) lead from its pixels there, x before y."""

    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    def back(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """Corners (n, 4) of left, top, right, bottom as they lie in the image."""
        return (corners - np.tile(self.shift, 2)) / np.tile(self.scale, 2)


def framed(picture: Picture, looks: Looks) -> tuple[NDArray[np.uint8], Frame]:
    """The picture as large as the model takes it. A letterbox is as those of Ultralytics: resized linearly, its odd
    pixel below and to the right."""
    size, own = np.array([looks.width, looks.height]), np.array(picture.shape[1::-1])
    factors = size / own
    if looks.fit == "letterbox":
        inner = np.maximum(np.rint(own * factors.min()).astype(int), 1)
        left, top = np.rint((size - inner) / 2 - 0.1).astype(int)
        whole = np.full((looks.height, looks.width, 3), GREY, np.uint8)
        whole[top : top + inner[1], left : left + inner[0]] = cv2.resize(picture, inner.tolist())
        return whole, Frame(inner / own, np.array([left, top], float))
    if looks.fit == "stretch":
        return resized(picture, size), Frame(factors, np.zeros(2))
    part = np.clip(np.rint(size / factors.max()).astype(int), 1, own)
    left, top = (own - part) // 2
    middle = picture[top : top + part[1], left : left + part[0]]
    return resized(middle, size), Frame(size / part, -np.array([left, top]) * size / part)


def resized(picture: Picture, size: NDArray[np.intp]) -> Picture:
    shrinks = size.prod() < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, size.tolist(), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def scaled(picture: Picture, looks: Looks) -> NDArray[np.float32]:
    """As numbers of the size, order and layout that the model takes."""
    pixels: NDArray[np.float32] = picture.astype(np.float32)
    match looks.scaling:
        case "0 to 1":
            pixels /= 255
        case "-1 to 1":
            pixels = pixels / 127.5 - 1
        case "ImageNet":
            pixels = ((pixels / 255 - MEAN) / DEVIATION).astype(np.float32)
    if looks.channels == "grey":
        pixels = pixels @ GREYS
    elif looks.channels == "BGR":
        pixels = pixels[:, :, ::-1]
    return pixels.transpose(2, 0, 1) if looks.layout == "colours first" else pixels


def given(picture: Picture, looks: Looks) -> tuple[NDArray[np.float32], Frame]:
    whole, frame = framed(picture, looks)
    return scaled(whole, looks), frame
