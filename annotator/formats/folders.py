"""Photos sorted into folders by what they show, as for torchvision's ImageFolder: cats/1.jpg, dogs/2.jpg; texts, too.
Each folder's name can become a tag. Folders of splits (train/cats), of everything (images/cats), and those around all
are no classes.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from posixpath import commonprefix

from annotator.formats import FOLDERS, TAGS, Source
from annotator.formats.files import Folder
from annotator.formats.found import Drawn, Found
from annotator.shapes import Tag

TITLE = "Folders"
MOST = 1_000  # classes
FEW = 2  # files of a class; many folders with fewer in each are of something else
MANY = 20
SPLIT = re.compile(
    r"(.*[ _-])?(train(ing)?|test(ing)?|val(id(ation)?)?|dev|eval(uation)?|pred(ict(ion)?s?)?|holdout)"
    r"([_-]?(set|data|images?|imgs?|split|\d+))?"
)
ANYTHING = re.compile(
    r"(images?|imgs?|photos?|pictures?|pics?|frames?|data(sets?)?|default|jpe?gs?|pngs?|tiffs?|bmps?|jpegimages|raw|rgb|"
    r"originals?|inputs?|outputs?|files?|all|samples?|examples?|dcim|camera[ _]roll|uploads?|downloads?|desktop|"
    r"new|old|backup|cop(y|ies)|misc|te?mp|archive|resized|cropped|thumb(nail)?s?|previews?|labels?|annotations?|"
    r"un(label|labell|sort|tagg|annotat)ed|(new|untitled)[ _]folder)([ _-]?\(?\d+\)?)?"
)
DOUBTFUL = re.compile(  # numbers, dates, a camera's folders, parts of a whole
    r"[\d\s._:-]+|(19|20)\d\d\D.*|.*\D(19|20)\d\d[-_.]?\d\d\b.*|\d{3}(canon|_fuji|nikon|nd\w+|msdcf|apple|olymp|_pana|gopro|media)|"
    r"(batch|part|folder|set|session|cam|camera|video|clip|seq|sequence|scene|page|scan|day|week|group|subset|fold|split|"
    r"patient|subject|case|sample|person|user|site|plot|tile|roll|run|project|export|job|task)s?[ _-]?\w{0,3}\d\w*"
)


def sources(paths: Collection[str], *, doubt: bool) -> Iterator[Source]:
    """One, where the folders look like classes. `doubt`: something else speaks of them, too."""
    if not (classes := classes_of(paths)):
        return
    count = Counter(classes.values())
    names = sorted(count, key=str.casefold)
    doubt = doubt or MANY < len(names) > len(classes) / FEW or any(DOUBTFUL.fullmatch(name.lower()) for name in names)
    yield Source(list(classes), format=FOLDERS, classes=names, choices={TAGS: "" if doubt else "yes"})


def classes_of(paths: Collection[str]) -> dict[str, str]:
    """Each file's class; none when the folders that may be classes do not stand side by side."""
    trains = are_vehicles(paths)
    folders = {path: telling(path, trains=trains) for path in paths}
    around = len(commonprefix([some for some in folders.values() if some]))
    classes = {path: some[around:] for path, some in folders.items()}
    if any(len(some) > 1 for some in classes.values()):
        return {}
    found = {path: some[0] for path, some in classes.items() if some}
    return found if 2 <= len(set(found.values())) <= MOST and 2 * len(found) > len(paths) else {}


def telling(path: str, *, trains: bool) -> list[str]:
    """Its folders without those that say nothing of what is in them."""
    names = path.split("/")[:-1]
    names = [name for name, before in zip(names, ["", *names], strict=False) if name != before]  # made in unpacking
    return [name for name in names if not says_nothing(name.strip().lower()) or (trains and name.lower() == "train")]


def says_nothing(name: str) -> bool:
    return bool(SPLIT.fullmatch(name) or ANYTHING.fullmatch(name))


def are_vehicles(paths: Collection[str]) -> bool:
    """Whether “train” is one of several classes: it holds files itself, and no other split is beside it."""
    folders = {tuple(path.split("/")[:-1]) for path in paths}
    beside = {folder[-1].lower() for folder in folders if folder}
    return "train" in beside and len(beside) > 2 and not any(says_nothing(name) for name in beside - {"train"})


def read(folder: Folder, source: Source) -> Iterator[Found]:
    if not source.choices.get(TAGS):
        return
    for path, name in classes_of(source.files).items():
        yield Drawn(path, "", f"/{path}", name, Tag())
