import msgspec
import shapely

from annotator.shapes.bounds import inside
from annotator.shapes.ground import Ground
from projects.errors import Invalid

MAX_VERTICES = 10_000


class Polygon(msgspec.Struct, tag="polygon", frozen=True, forbid_unknown_fields=True):
    """One closed ring without its repeated end; pixels of the upright image."""

    points: list[tuple[float, float]]

    def check(self, item: Ground) -> None:
        if not 3 <= len(self.points) <= MAX_VERTICES:
            raise Invalid(f"A polygon has 3 to {MAX_VERTICES:,} corners.", fields={"shape": "corners"})
        xs, ys = zip(*self.points, strict=True)
        inside(item, min(xs), min(ys), max(xs), max(ys))
        if not shapely.Polygon(self.points).is_valid:
            raise Invalid("The polygon crosses itself. Move its corners apart.", fields={"shape": "crossing"})
