"""What a regular expression matches."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, ClassVar

import msgspec
import re2
from msgspec import Meta

from detectors.found import Found, Kind, spans
from detectors.kinds.contract import MOST, Label, unfit
from detectors.kinds.matching import compiled, matches

NOTHING = (
    "Pattern: this matches even where there is nothing, such as between two letters. Say what there must be: + in "
    "place of *, for instance."
)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pattern: Annotated[
        str,
        Meta(
            title="Pattern",
            description=r"A regular expression as RE2 has them: no references back, no looking ahead or behind. "
            r"\w, \d and \b know English letters alone; \pL is any letter, \pN any digit.",
            min_length=1,
            max_length=2000,
        ),
    ]
    label: Label = "match"
    ignore_case: Annotated[bool, Meta(title="Ignore case")] = False
    group: Annotated[
        int, Meta(title="Group", description="Which (group) of the pattern to mark; 0: all of the match.", ge=0, le=100)
    ] = 0


class Expression:
    name = "expression"
    title = "Regular expression"
    takes: ClassVar[Kind] = "text"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        try:
            self.expression = compiled(config.pattern, ignore_case=config.ignore_case)
        except (re2.error, UnicodeEncodeError) as error:
            raise unfit(pattern=wrong(error)) from error
        if self.expression.search("") is not None:
            raise unfit(pattern=NOTHING)
        if config.group > self.expression.groups:
            detail = f"Group: the pattern has {self.expression.groups} of them. Choose one, or 0 for all of the match."
            raise unfit(group=detail)

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[str]) -> list[Found]:
        """The matches from left to right, none of which overlap or are empty; every score is 1."""
        return [self.look_at(text) for text in batch]

    def look_at(self, text: str) -> Found:
        found = matches(self.expression, text, "pattern", self.config.group)
        return spans(list(islice(found, MOST)), self.config.label, 1.0)


def wrong(error: Exception) -> str:
    """RE2 says it in bytes."""
    said = error.args[0].decode(errors="replace") if isinstance(error, re2.error) else "half a character"
    return (
        f"Pattern: RE2 does not take this ({said}). Mend it; references back and looking ahead or behind are not to be "
        "had, as they may take forever."
    )
