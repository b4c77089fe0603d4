import msgspec

from annotator.shapes.ground import Ground


class Tag(msgspec.Struct, tag="tag", frozen=True, forbid_unknown_fields=True):
    """A label on the item as a whole."""

    def check(self, item: Ground) -> None:
        """Fits every item."""
