"""Shapes as files have them, made to fit the image they are of."""

import math

import shapely

from annotator.shapes import Polygon, Rectangle, Shape
from annotator.shapes.ground import Ground
from annotator.shapes.polygon import MAX_VERTICES

SILENT = 1.0  # pixels beyond the edge that are rounding


def fitted(shape: Shape, item: Ground, *, relative: bool) -> tuple[Shape, bool]:
    """In pixels and inside the image, and whether more than a rounding was cut off.

    What lies outside altogether, or is no shape, stays as it is: the door refuses it and says why.
    """
    if item.width is None or item.height is None:
        return shape, False
    if relative:
        shape = scaled(shape, item.width, item.height)
    if isinstance(shape, Rectangle):
        return clipped_rectangle(shape, item.width, item.height)
    if isinstance(shape, Polygon):
        return clipped_polygon(shape, item.width, item.height)
    return shape, False


def scaled(shape: Shape, width: int, height: int) -> Shape:
    if isinstance(shape, Rectangle):
        return Rectangle(shape.x * width, shape.y * height, shape.width * width, shape.height * height)
    if isinstance(shape, Polygon):
        return Polygon([(x * width, y * height) for x, y in shape.points])
    return shape


def clipped_rectangle(shape: Rectangle, width: int, height: int) -> tuple[Shape, bool]:
    right, bottom = shape.x + shape.width, shape.y + shape.height
    if shape.x >= 0 and shape.y >= 0 and right <= width and bottom <= height:
        return shape, False
    over = beyond(shape.x, shape.y, right, bottom, width, height)
    left, top = max(shape.x, 0.0), max(shape.y, 0.0)
    right, bottom = min(right, width), min(bottom, height)
    if not over > 0 or not (right > left and bottom > top):
        return shape, False
    return Rectangle(left, top, right - left, bottom - top), over > SILENT


def clipped_polygon(shape: Polygon, width: int, height: int) -> tuple[Shape, bool]:
    if not 3 <= len(shape.points) <= MAX_VERTICES:
        return shape, False
    xs, ys = zip(*shape.points, strict=True)
    over = beyond(min(xs), min(ys), max(xs), max(ys), width, height)
    if not over > 0:
        return shape, False
    whole = shapely.Polygon(shape.points)
    cut = whole.intersection(shapely.box(0, 0, width, height)) if whole.is_valid else None
    if not isinstance(cut, shapely.Polygon) or cut.is_empty or cut.interiors:
        return shape, False
    return Polygon(list(cut.exterior.coords)[:-1]), over > SILENT


def beyond(left: float, top: float, right: float, bottom: float, width: int, height: int) -> float:
    """How far a box reaches out of the image; nothing for one that is no box."""
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return 0.0
    return max(-left, -top, right - width, bottom - height)
