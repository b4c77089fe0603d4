"""What a name is, of a person as of a project or a label: something that can be seen, and turns nothing around it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext

TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # marks that turn the direction of whatever follows them
FILLERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f]")  # letters and marks not drawn
SHOWN_ALIKE = 5
UNSEEN = ("Cc", "Cf", "Zs", "Zl", "Zp")
FIRST = re.compile("[\U0001f1e6-\U0001f1ff]{2}|.")  # a flag is two characters


def cleaned(text: str) -> str:
    """Without spaces around it and marks that turn it; empty when nothing of it can be seen."""
    name = TURNING.sub("", text).strip()
    return name if any(map(is_seen, name)) else ""


def alike(names: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """For each of the names that one of the others differs from only in capital letters or spaces, that one."""
    known: dict[str, list[str]] = defaultdict(list)
    for other in others:
        known[loosely(other)].append(other)
    near = {name: [other for other in known.get(loosely(name), ()) if other != name] for name in names}
    return {name: found[0] for name, found in near.items() if found}


def loosely(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def told_alike(found: dict[str, str]) -> str:
    """In a sentence, for whoever may have meant one; none where nothing is alike."""
    pairs = list(dict.fromkeys(f"“{one}” / “{other}”" for one, other in map(sorted, found.items())))
    if not pairs:
        return ""
    more = [f"+ {len(pairs) - SHOWN_ALIKE:,}"] if len(pairs) > SHOWN_ALIKE else []
    told = gettext("These labels differ only in capital letters or spaces: %s.")
    return told % ", ".join([*pairs[:SHOWN_ALIKE], *more])


def is_seen(character: str) -> bool:
    """NUL counts: it is refused in words of its own."""
    return character == "\0" or not (unicodedata.category(character) in UNSEEN or FILLERS.match(character))


def initials(name: str) -> str:
    """As static/ui/names.ts makes them."""
    words = ["".join(filter(is_seen, word)) for word in unicodedata.normalize("NFC", name).split()]
    words = [word for word in words if word]
    chosen = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(FIRST.findall(word)[0] for word in chosen).upper()


def why_no_username(text: str) -> str:
    """What is wrong with it as a user name, if anything: it stands for a person where e-mail addresses do, too."""
    if "@" in text:
        return "A user name holds no @, so that nobody takes it for an e-mail address."
    if not all(map(is_seen, text)) or not any(map(str.isalnum, text)):
        return "A user name needs a letter or a digit, and nothing that cannot be seen."
    return ""
