import msgspec

from annotator.shapes.bounds import inside
from annotator.shapes.ground import Ground
from projects.errors import Invalid


class Rectangle(msgspec.Struct, tag="rectangle", frozen=True, forbid_unknown_fields=True):
    """Pixels of the upright image, origin top left."""

    x: float
    y: float
    width: float
    height: float

    def check(self, item: Ground) -> None:
        if not (self.width > 0 and self.height > 0):
            raise Invalid("A rectangle needs a width and a height above zero.", fields={"shape": "empty"})
        inside(item, self.x, self.y, self.x + self.width, self.y + self.height)
