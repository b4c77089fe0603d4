"""Names of files that every system takes, whatever people call their projects and items."""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 150
FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # Windows' devices


def file_name(name: str, *, otherwise: str = "unnamed") -> str:
    """The name without separators, control characters and reversed writing; readable, never hidden, never empty."""
    plain = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in name)
    plain = FORBIDDEN.sub("_", " ".join(plain.split())).strip(" .")
    suffix = PurePosixPath(plain).suffix[:20]
    if len(plain) > LONGEST:
        plain = plain[: LONGEST - len(suffix)].rstrip(" .") + suffix
    if RESERVED.match(plain):
        plain = f"_{plain}"
    return plain or otherwise


class Names:
    """Names for many files of one folder, no two alike, in capitals or not."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}  # the last number that was put behind each name given

    def give(self, name: str) -> str:
        wanted = PurePosixPath(file_name(name))
        given, key, stem = str(wanted), str(wanted).casefold(), wanted.stem.rstrip()
        while given.casefold() in self.last:
            self.last[key] += 1
            given = f"{stem} ({self.last[key]}){wanted.suffix}"
        self.last[given.casefold()] = 1
        return given
