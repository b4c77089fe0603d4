"""What an annotation may look like: one file a shape. To add one, copy its nearest neighbour and name it here."""

from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from annotator.shapes.span import Span
from annotator.shapes.tag import Tag

Shape = Rectangle | Polygon | Span | Tag

SHAPES: dict[str, type[Shape]] = {"rectangle": Rectangle, "polygon": Polygon, "span": Span, "tag": Tag}
