import msgspec

from annotator.shapes.ground import Ground
from projects.errors import Invalid


class Span(msgspec.Struct, tag="span", frozen=True, forbid_unknown_fields=True):
    """Unicode code points start to end (exclusive) of the text, and the words that stand there."""

    start: int
    end: int
    quote: str

    def check(self, item: Ground) -> None:
        if item.text is None:
            raise Invalid("A span belongs on a text, and the item is an image.", fields={"shape": "not a text"})
        if not 0 <= self.start < self.end <= len(item.text):
            raise Invalid(
                f"The span {self.start} to {self.end} leaves the text of {len(item.text)} characters.",
                fields={"shape": "outside"},
            )
        if item.text[self.start : self.end] != self.quote:
            raise Invalid(
                "The quoted words do not stand at this place of the text. Offsets count Unicode code points.",
                fields={"shape": "quote"},
            )
