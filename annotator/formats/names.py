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
    """Names for many files of one folder, no two alike, in capitals or not; `by_stem`: nor without their endings."""

    def __init__(self, *, by_stem: bool = False) -> None:
        self.by_stem = by_stem
        self.last: dict[str, int] = {}  # the last number that was put behind each name given

    def give(self, name: str) -> str:
        wanted = PurePosixPath(file_name(name))
        given, stem = str(wanted), wanted.stem.rstrip()
        key = self.key(given)
        while self.key(given) in self.last:
            self.last[key] += 1
            given = f"{stem} ({self.last[key]}){wanted.suffix}"
        self.last[self.key(given)] = 1
        return given

    def key(self, name: str) -> str:
        return (PurePosixPath(name).stem if self.by_stem else name).casefold()
