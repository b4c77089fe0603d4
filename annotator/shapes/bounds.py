"""What the shapes of an image share: they lie inside it."""

import math

from annotator.shapes.ground import Ground
from projects.errors import Invalid

SLACK = 0.01  # pixels: what a browser's arithmetic may overshoot


def inside(item: Ground, left: float, top: float, right: float, bottom: float) -> None:
    """Refuse a bounding box, in pixels, that is not finite or leaves the image."""
    if item.width is None or item.height is None:
        raise Invalid("This shape belongs on an image, and the item is a text.", fields={"shape": "not an image"})
    if not all(map(math.isfinite, (left, top, right, bottom))):
        raise Invalid("Coordinates must be finite numbers.", fields={"shape": "not finite"})
    if left < -SLACK or top < -SLACK or right > item.width + SLACK or bottom > item.height + SLACK:
        raise Invalid(
            f"The shape leaves the image of {item.width} x {item.height} pixels. Keep it inside.",
            fields={"shape": "outside"},
        )
