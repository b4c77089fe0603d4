"""Which of the dropped images are masks of others: pictures that programs read, nothing that people would label.

A folder that is called like masks is one of masks when the photos they belong to were dropped, too: "mask" beside
"no mask" may hold photos of people. Where values are not kept exactly (JPEG) no mask is expected, but for those that
are called as their photos are, in a folder called masks.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

OF_MASKS = re.compile(r"segmentationclass\w*|segmentationobject|panoptic_.+|gtfine|gtcoarse|stuffthingmaps")
FOLDER = re.compile(
    r"((?P<photos>(stage\d_)?train\w*?|val\w*?|test\w*?|images?|imgs?|data|default)(?P<between>[_-]?))?"
    r"(ground_?truths?|segmentations?|annotations?|instances?|scribbles?|semantic|panoptic|semseg|instseg|annot|labels?|(?P<masks>masks?)|seg|gt)"
    r"(_?(png|img|images|binary|rgb|colou?r|colou?red))?"
)
PHOTOS = (
    "images",
    "image",
    "imgs",
    "img",
    "photos",
    "jpegimages",
    "original",
    "originals",
    "input",
    "inputs",
    "rgb",
    "image_2",
)
SPLITS = ("test", "train", "val")
ENDING = re.compile(r"(.+)[._-](masks?|segmentation|gt|seg|labelids|scribble|parts(?=[._-]\d))([._-]\w*)?")
PART = re.compile(r"instance_\d+\w*")  # in a folder that is called like its photo
EXACT = {".png", ".bmp", ".gif", ".tif", ".tiff"}  # keep each value of a mask as it is
CUT = re.compile(r"[ ._-]")


class Place(NamedTuple):
    """Where the photos of a folder may be that is called like masks; `named`: just so, `sure`: nothing else."""

    folder: str
    named: bool
    sure: bool = False


def masks(paths: Iterable[str], annotated: Collection[str]) -> set[str]:
    """Of images. What a file that is called like it annotates, and like it alone, is a photo: `annotated` are stems."""
    images = {path: split(path.lower()) for path in paths}
    folders: dict[str, set[str]] = {}
    for folder, stem, _ in images.values():
        folders.setdefault(folder, set()).add(stem)
    places = {folder: [one for one in places_of(folder) if one.folder in folders] for folder in folders}
    full = {folder for folder in folders if any(map(OF_MASKS.fullmatch, folder.split("/")))}
    stems = Counter(stem for _, stem, _ in images.values())

    def is_mask(folder: str, stem: str, ending: str) -> bool:
        if stem in annotated and stems[stem] == 1:
            return False
        if folder in full:
            return True
        if ending in EXACT:
            if (end := ENDING.fullmatch(stem)) and end[1] in stems:
                return True
            above, _, name = folder.rpartition("/")
            if PART.fullmatch(stem) and name in folders.get(above, ()):
                return True
            if any(place.sure for place in places[folder]):
                return True
        found = [place for place in places[folder] if ending in EXACT or place.named]
        return any(not folders[place.folder].isdisjoint(starts(stem)) for place in found)

    return {path for path, image in images.items() if is_mask(*image)}


def split(path: str) -> tuple[str, str, str]:
    """The folder, the name and its ending."""
    folder, _, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    return folder, stem or name, dot + ending


def places_of(folder: str) -> Iterator[Place]:
    names = folder.split("/")
    for n, name in enumerate(names):
        found = FOLDER.fullmatch(name)
        if not found:
            continue
        above, below = names[:n], names[n + 1 :]
        photos, named = found["photos"], bool(found["masks"])
        for other in [photos, *(f"{photos}{found['between']}{one}" for one in PHOTOS)] if photos else PHOTOS:
            yield Place("/".join([*above, other, *below]), named, sure=named and not photos)
            yield Place("/".join([*above, other]), named)
            yield Place("/".join([*above[:-1], other]), named)
        if not photos:
            yield Place("/".join([*above, *below]), named)
            for other in SPLITS:
                yield Place("/".join([*above, other, *below]), named=False)


def starts(stem: str) -> Iterator[str]:
    """The stem, and what it begins with: masks of photo.jpg may be called photo_mask_1.png."""
    yield stem
    for cut in CUT.finditer(stem):
        yield stem[: cut.start()]
