"""1,797 handwritten digits, as scikit-learn has them (E. Alpaydin and C. Kaynak, 1998), with 60 labels that are wrong:
for the confusion map."""

import io

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from numpy.typing import NDArray
from PIL import Image

from annotator.demo.building import Said, added, begun, say
from annotator.shapes import Tag
from projects.models import Project, Role, User

NAME = "Digits"
GUIDELINES = """\
Say which digit it is. Sixty of these are labelled wrong on purpose: the confusion map shows where a model that has \
learned from the labels disagrees with them. Draw a loop around some, and give them the right label."""

COLORS = ["#8fa3ff", "#5ec8ff", "#3fd0c0", "#9be36b", "#d9d04a", "#f4b740", "#ff9d5c", "#ff6b8b", "#c48bff", "#b8bec9"]
LABELS = [
    {"name": str(digit), "color": color, "hotkey": str(digit or "z"), "shapes": ["tag"], "attributes": []}
    for digit, color in enumerate(COLORS)
]
SLIPS = {0: 6, 4: 9, 7: 1}  # what somebody took for another, again and again
EACH = 12
OTHERS = 24  # slips of the hand: 60 in all
SIDE = 64  # pixels to which the 8 x 8 are brought


def build(owner: User, company: dict[User, Role]) -> Project:
    begins = begun(owner, company, demo="digits", name=NAME, guidelines=GUIDELINES, labels=LABELS)
    pictures, digits = shown()
    items = added(owner, begins.project, [file(number, one) for number, one in enumerate(pictures, 1)])
    told = labelled(digits)
    say(
        begins,
        {item: [Said(n, str(one), Tag())] for n, (item, one) in enumerate(zip(items, told, strict=True))},
        done=True,
    )
    return begins.project


def shown() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Pictures (n, 8, 8) from 0 to 16, and which digits they are."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.images, found.target


def labelled(digits: NDArray[np.int64]) -> list[int]:
    """As somebody has labelled them who was careless now and then."""
    random = np.random.default_rng(7)
    said = digits.copy()
    for digit, other in SLIPS.items():
        said[random.choice(np.flatnonzero(digits == digit), EACH, replace=False)] = other
    wrong = random.choice(np.flatnonzero(said == digits), OTHERS, replace=False)
    said[wrong] = (said[wrong] + random.integers(1, 10, OTHERS)) % 10
    return [int(one) for one in said]


def file(number: int, picture: NDArray[np.float64]) -> SimpleUploadedFile:
    small = Image.fromarray(np.rint(picture * 255 / 16).astype(np.uint8))
    data = io.BytesIO()
    small.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(data, "PNG")
    return SimpleUploadedFile(f"digit {number:04}.png", data.getvalue(), "image/png")
