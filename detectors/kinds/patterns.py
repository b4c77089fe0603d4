"""Dates, numbers, e-mails, addresses of the web, phone numbers and amounts of money, as they are commonly written."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from detectors.found import Found, Kind, of
from detectors.kinds.contract import MOST, unfit
from detectors.kinds.matching import compiled, matches
from detectors.kinds.reading import borders

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
NUMBER = (
    r"\p{Nd}{1,3}(?:[,.'’\x{a0}\x{202f}]\p{Nd}{3})+(?:[.,]\p{Nd}+)?|\p{Nd}{1,2}(?:,\p{Nd}{2}){1,6},\p{Nd}{3}"
    r"|\p{Nd}+(?:[.,]\p{Nd}+)?"
)
SIGN = r"\p{Sc}"
CODE = r"(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|BRL|ZAR|KRW|TRY|ILS)"

PATTERNS = {
    "email": r"[\pL\p{Nd}_][^\s@<>()\[\],;:/=\\\"“”]*@(?:[\pL\p{Nd}\-]+\.)+\pL{2,24}",
    "address": r"(?:https?://|www\.)[^\s<>\"“”«»]*[^\s<>\"“”«».,;:!?')\]}]",
    "date": (
        r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
        rf"|{DAY}\. ?(?:0?[1-9]|1[0-2])\. ?(?:\d{{4}}|\d{{2}})"
        rf"|{DAY}/{DAY}/(?:\d{{4}}|\d{{2}})"
        rf"|{DAY}(?:st|nd|rd|th|\.)? {MONTH},? \d{{4}}"
        rf"|{MONTH} {DAY}(?:st|nd|rd|th)?,? \d{{4}}"
    ),
    "money": rf"(?:{SIGN}|{CODE})[ \x{{a0}}]?(?:{NUMBER})|(?:{NUMBER})[ \x{{a0}}\x{{202f}}]?(?:{SIGN}|{CODE})",
    "phone": r"(?:\+|00)[1-9]\p{Nd}{0,2}(?:[ \-./]?\(?\p{Nd}{1,5}\)?){2,6}"
    r"|\(\p{Nd}{2,5}\)[ \-]?\p{Nd}{3,5}[ \-]?\p{Nd}{3,5}"
    r"|\p{Nd}{3}-\p{Nd}{3}-\p{Nd}{4}",
    "number": rf"[+\-−]?(?:{NUMBER})",
}
FIELDS = {  # the labels; the first come first
    "emails": "email",
    "addresses": "address",
    "dates": "date",
    "money": "money",
    "phones": "phone",
    "numbers": "number",
}


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dates: Annotated[bool, Meta(title="Dates", description="2024-05-31, 31.5.2024, 5/31/24, May 31, 2024")] = True
    numbers: Annotated[bool, Meta(title="Numbers", description="In digits of any script: 7, -1.5, 12,000")] = True
    emails: Annotated[bool, Meta(title="E-mail addresses")] = True
    addresses: Annotated[bool, Meta(title="Addresses of the web", description="With https:// or www.")] = True
    phones: Annotated[bool, Meta(title="Phone numbers", description="+44 20 7946 0958, (020) 7946 0958")] = True
    money: Annotated[bool, Meta(title="Amounts of money", description="€ 5, 1,200.50 USD")] = True


class Patterns:
    name = "patterns"
    title = "Dates, numbers, addresses"
    takes: ClassVar[Kind] = "text"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.expressions = {
            field: compiled(PATTERNS[label], ignore_case=True)
            for field, label in FIELDS.items()
            if getattr(config, field)
        }
        self.finds = tuple(FIELDS[field] for field in self.expressions)
        if not self.finds:
            raise unfit(dates="Choose at least one thing to find.")

    def detect(self, batch: Sequence[str]) -> list[Found]:
        """What stands for itself, not in the middle of a word, from left to right. Every score is 1."""
        return [self.look_at(text) for text in batch]

    def look_at(self, text: str) -> Found:
        at = borders(text)
        found = []
        for kind, (field, expression) in enumerate(self.expressions.items()):
            alone = ((start, kind, end) for start, end in matches(expression, text, field) if at[start] and at[end])
            found += list(islice(alone, MOST))
        rows = np.asarray(apart(found)[:MOST], np.int64).reshape(-1, 3)
        return of("span", rows[:, [0, 2]], np.asarray(self.finds)[rows[:, 1]], 1.0)


def apart(found: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Of those that overlap the one that begins first, and of these the first kind: what an e-mail or a date is made of
    is no number beside it."""
    kept: list[tuple[int, int, int]] = []
    for one in sorted(found):
        if not kept or one[0] >= kept[-1][2]:
            kept.append(one)
    return kept
