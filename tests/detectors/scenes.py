"""Pictures and texts to find something in."""

import base64
import io

import cv2
import numpy as np
from PIL import Image
from skimage import data

from detectors.kinds import registry
from detectors.kinds.contract import Detector, Picture

FACE = (177, 66, 95, 95)  # of the astronaut, whose photo scikit-image brings along


def made(name: str, **config: object) -> Detector:
    return registry.made(name, config)


def astronaut() -> Picture:
    return data.astronaut()


def plain(width: int, height: int, colour: tuple[int, int, int] = (255, 255, 255)) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def texture(width: int, height: int, seed: int = 0) -> Picture:
    """Blots that are like nothing else."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 8 + 2, width // 8 + 2, 3), np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def png(picture: Picture) -> str:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def qr_code(text: str, side: int) -> Picture:
    return cv2.cvtColor(
        cv2.resize(cv2.QRCodeEncoder.create().encode(text), (side, side), interpolation=cv2.INTER_NEAREST),
        cv2.COLOR_GRAY2RGB,
    )


def bar_code(digits: str, width: int, height: int) -> Picture:
    """EAN-13 (GS1 General Specifications, section 5.2)."""
    odd = [f"{code:07b}" for code in (13, 25, 19, 61, 35, 49, 47, 59, 55, 11)]
    right = [code.translate(str.maketrans("01", "10")) for code in odd]
    even = [code[::-1] for code in right]
    sides = f"{(0, 11, 13, 14, 19, 25, 28, 21, 22, 26)[int(digits[0])]:06b}"  # 1: an even number of bars
    left = [(even if side == "1" else odd)[int(digit)] for side, digit in zip(sides, digits[1:7], strict=True)]
    bars = "101" + "".join(left) + "01010" + "".join(right[int(digit)] for digit in digits[7:]) + "101"
    row = np.array([0 if bar == "1" else 255 for bar in bars], np.uint8)
    return np.repeat(np.repeat(np.repeat(row, width)[None], height, axis=0)[..., None], 3, axis=2)


def overlap(place: object, other: object) -> float:
    """Intersection over union of two rectangles."""
    (x, y, w, h), (a, b, c, d) = np.asarray(place, float), np.asarray(other, float)
    both = max(0, min(x + w, a + c) - max(x, a)) * max(0, min(y + h, b + d) - max(y, b))
    return both / (w * h + c * d - both)
