import msgspec

from projects.models import Item


class Tag(msgspec.Struct, tag="tag", frozen=True, forbid_unknown_fields=True):
    """A label on the item as a whole."""

    def check(self, item: Item) -> None:
        """Fits every item."""
