"""Learning from labels, on scikit-learn’s digits as images and on first sentences of docstrings as texts: how soon
after the third label something is suggested, and how many that it has not seen it tells right, beside scikit-learn’s
own LogisticRegression on the same labelled items: on the same vectors, and on bare pixels or words."""

import ast
import io
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import psycopg2
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.report import Figure, arguments, report
from detectors import schooling
from detectors.learning import describing, texts
from detectors.learning.tags import Told
from detectors.packing import as_bytes
from tests.servers import dedicated
from tests.services import manage

SIDE = 64  # pixels, to which a digit of 8 by 8 is enlarged
PACKAGES = ("django", "celery", "sklearn", "skimage", "networkx", "numpy")  # whose docstrings are told apart
EACH = 250  # of a package
HELD_OUT = 0.4
GOAL = 10  # seconds to the first suggestions
NEAR = 0.01  # by which ours may fall short of the other on average

SEED = """
from hashlib import sha256
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from knox.models import AuthToken
from annotator.models import Sheet
from benchmarks.learning import digits, docstrings, png
from projects.models import *
user = User.objects.create(username="bench", name="Bench")
size = dict(width={side}, height={side})
media = []
for picture in digits()[0][:{count}]:
    stored = png(picture)
    media.append(Media(sha256=sha256(stored).hexdigest(), content_type="image/png", size=len(stored), **size))
    default_storage.save(media[-1].path, ContentFile(stored))
Media.objects.bulk_create(media)
about = {{"images": (digits()[1], [dict(kind="image", media=one, **size) for one in media]),
          "texts": (docstrings()[1], [dict(kind="text", text=one) for one in docstrings()[0][:{count}]])}}
for name, (classes, items) in about.items():
    for _ in range({rounds}):
        project = Project.objects.create(name=name)
        project.memberships.create(user=user, role=Role.OWNER)
        labels = [project.labels.create(name=f"Label {{n}}", color="#f4b740", shapes=["tag"]) for n in range(2)]
        made = Item.objects.bulk_create(Item(project=project, name=f"{{n}}", created_by=user, **one)
                                        for n, one in enumerate(items))
        other = next(n for n, number in enumerate(classes) if number != classes[0])
        more = next(n for n, number in enumerate(classes) if n and number == classes[0])
        shown = [(made[0], labels[0]), (made[more], labels[0]), (made[other], labels[1])]
        told = [(Sheet.objects.create(item=item).pk, label.pk) for item, label in shown]
        print(name, project.pk, *(number for pair in told for number in pair))
client = Client()
client.force_login(user)
print(AuthToken.objects.create(user)[1], client.cookies["sessionid"].value)
"""


# What is learned from -------------------------------------------------------------------------------------------------


@cache
def digits() -> tuple[list[NDArray[np.uint8]], NDArray[np.intp]]:
    """Pictures (SIDE, SIDE, 3), and which digits they are."""
    found = load_digits()
    greys = np.uint8(np.clip(found.images * (255 / 16), 0, 255))
    large = [Image.fromarray(grey).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC) for grey in greys]
    return [np.asarray(one) for one in large], found.target


def png(picture: NDArray[np.uint8]) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "PNG")
    return stored.getvalue()


@cache
def docstrings() -> tuple[list[str], NDArray[np.intp]]:
    """First paragraphs, and of which package they are; in an order that mixes them."""
    found = [sorted(paragraphs(package)) for package in PACKAGES]
    random = np.random.default_rng(0)
    contents = [some[at] for some in found for at in random.permutation(len(some))[:EACH]]
    numbers = np.repeat(np.arange(len(PACKAGES)), [min(len(some), EACH) for some in found])
    order = random.permutation(len(contents))
    return [contents[at] for at in order], numbers[order]


def paragraphs(package: str) -> set[str]:
    found: set[str] = set()
    spec = find_spec(package)
    assert spec and spec.origin
    files = sorted(Path(spec.origin).parent.rglob("*.py"))
    for at in np.random.default_rng(0).permutation(len(files)):
        if len(found) > 2 * EACH:
            break
        if "tests" in files[at].parts:
            continue
        for node in ast.walk(ast.parse(files[at].read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                first = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
                found |= {first} if 40 <= len(first) <= 400 else set()
    return found


# From the third label to the first suggestions ------------------------------------------------------------------------


class Place(NamedTuple):
    url: str
    database: str
    token: str
    cookie: str


class Shown(NamedTuple):
    """A project with a sheet and a label for each thing that is shown to it."""

    project: int
    told: list[tuple[int, int]]


def seeded(env: dict[str, str], count: int, rounds: int) -> tuple[dict[str, list[Shown]], list[str]]:
    code = SEED.format(count=count, rounds=rounds, side=SIDE)
    *lines, secrets = manage(env, "shell", "--verbosity=0", "-c", code).splitlines()[-2 * rounds - 1 :]
    found: dict[str, list[Shown]] = {}
    for name, *rest in map(str.split, lines):
        project, *numbers = map(int, rest)
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        found.setdefault(name, []).append(Shown(project, pairs))
    return found, secrets.split()


def ask(place: Place, path: str, body: bytes, headers: dict[str, str]) -> None:
    address = urlsplit(place.url)
    with closing(HTTPConnection(address.hostname or "", address.port)) as connection:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read().decode()
    if response.status != 200 or 'role="alert"' in answer:
        raise RuntimeError(answer)


def label(place: Place, sheet: int, label: int) -> None:
    create = {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label}
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create | {"shape": {"type": "tag"}}]}
    headers = {"Authorization": f"Token {place.token}", "Content-Type": "application/json"}
    ask(place, f"/api/sheets/{sheet}/operations/", json.dumps(batch).encode(), headers)


def learn(place: Place, project: int) -> None:
    """Press the button."""
    secret = "x" * 32
    cookies = f"sessionid={place.cookie}; csrftoken={secret}"
    ask(place, f"/projects/{project}/learn/", b"", {"Cookie": cookies, "X-CSRFToken": secret, "HX-Request": "true"})


def waited(place: Place, shown: Shown) -> tuple[float, float]:
    """Seconds from the third label to the first suggestions, and to the last."""
    for sheet, number in shown.told:
        label(place, sheet, number)
    begun = time.perf_counter()
    learn(place, shown.project)
    first = 0.0
    with closing(psycopg2.connect(place.database)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while True:
            cursor.execute(
                "SELECT r.state, EXISTS (SELECT FROM detectors_prediction p WHERE p.run_id = r.id)"
                f" FROM detectors_run r WHERE r.project_id = {int(shown.project)}"
            )
            state, some = cursor.fetchone() or ("", False)
            first = first or (time.perf_counter() - begun if some else 0.0)
            if state == "done":
                return first, time.perf_counter() - begun
            time.sleep(0.05)


def how_soon(count: int, rounds: int) -> list[Figure]:
    figures = []
    with dedicated(worker=True) as (services, servers):
        projects, secrets = seeded(services.env(), count, rounds)
        place = Place(servers.url, services.postgres.url(), *secrets)
        for name, several in projects.items():
            firsts, lasts = zip(*(waited(place, shown) for shown in several), strict=True)
            begins = f"{name}: third label to "
            figures.append(Figure(f"{begins}first suggestions", statistics.median(firsts), "s", goal=GOAL))
            figures.append(Figure(f"{begins}the last of them", statistics.median(lasts), "s"))
            if name == "images":
                figures.append(
                    Figure(f"{begins}first suggestions, the worker's first lesson", firsts[0], "s", goal=GOAL)
                )
    return figures


# How many it tells right ----------------------------------------------------------------------------------------------

Tells = Callable[[NDArray[np.intp], NDArray[np.intp]], NDArray[np.intp]]  # from these rows the classes of those


def of_images() -> tuple[NDArray[np.intp], dict[str, Tells]]:
    pictures, classes = digits()
    vectors = np.stack([describing.of_whole(picture) for picture in pictures])
    pixels = load_digits().data / 16

    def ours(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.intp]:
        linear, *_ = schooling.of_images(as_bytes(vectors[rows]), said(classes[rows], classes.max() + 1))
        return linear.probabilities(vectors[others]).argmax(axis=1)

    plain = {"the same vectors": plainly(vectors, classes), "pixels": plainly(pixels, classes)}
    return classes, {"ours": ours} | plain


def of_texts() -> tuple[NDArray[np.intp], dict[str, Tells]]:
    contents, classes = docstrings()
    counts = texts.counted(contents)
    reduced = texts.weighed(counts, texts.rarity(counts))
    directions = texts.directions(reduced)
    assert directions is not None

    def ours(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.intp]:
        every = [contents[at] for at in [*rows, *np.setdiff1d(np.arange(len(contents)), rows)]]
        linear, _, extra = schooling.of_texts(every, said(classes[rows], len(PACKAGES)))
        return linear.probabilities(texts.weighed(counts[others], extra["idf"])).argmax(axis=1)

    vectors, words = np.asarray(reduced @ directions.T), TfidfVectorizer().fit_transform(contents)
    return classes, {
        "ours": ours,
        "the same vectors": plainly(vectors, classes),
        "plain TF-IDF": plainly(words, classes),
    }


def said(classes: NDArray[np.intp], count: int) -> Told:
    given = np.eye(count, dtype=bool)[classes]
    return Told(given, np.zeros_like(given), np.zeros(len(given), bool))


def plainly(vectors: Any, classes: NDArray[np.intp]) -> Tells:
    """As scikit-learn has it by itself."""

    def tells(rows: NDArray[np.intp], others: NDArray[np.intp]) -> NDArray[np.intp]:
        model = LogisticRegression(max_iter=1_000).fit(vectors[rows], classes[rows])
        return np.asarray(model.predict(vectors[others]))

    return tells


def orders(classes: NDArray[np.intp], draws: int) -> Iterator[NDArray[np.intp]]:
    """In which items are labelled; the first two differ, as of one class nothing can be learned."""
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(classes))
        other = np.flatnonzero(classes[order] != classes[order[0]])[0]
        order[[1, other]] = order[[other, 1]]
        yield order


def how_right(
    name: str, about: tuple[NDArray[np.intp], dict[str, Tells]], sizes: list[int], draws: int
) -> list[Figure]:
    classes, several = about
    figures = []
    held = round(HELD_OUT * len(classes))
    for size in sizes:
        shares: dict[str, list[float]] = {one: [] for one in several}
        for order in orders(classes, draws):
            rows, others = order[:size], order[-held:]
            for one, tells in several.items():
                shares[one].append(float((tells(rows, others) == classes[others]).mean()))
        ours, *plain = (100 * statistics.mean(found) for found in shares.values())
        for one, reference in zip(list(several)[1:], plain, strict=True):
            goal = reference - 100 * NEAR
            figures.append(
                Figure(f"{name}, {size} labels, beside {one}", ours, "% right", reference, goal, higher=True)
            )
    return figures


def main() -> None:
    options = arguments(__doc__)
    count, rounds, sizes, draws = (100, 1, [3, 10, 30], 1) if options.quick else (1_797, 3, [3, 10, 30, 100, 300], 5)
    figures = how_soon(count, rounds)
    figures += how_right("images", of_images(), sizes, draws) + how_right("texts", of_texts(), sizes, draws)
    report(figures, options.json)


if __name__ == "__main__":
    main()
