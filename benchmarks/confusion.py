"""The confusion map: from a click to the first points, principal components, COCO's figures, the lasso, and how soon
another browser shows a label that was put right."""

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Figure, arguments, report
from tests.chromium import launch
from tests.servers import dedicated
from tests.services import manage

WINDOW = {"width": 1440, "height": 900}
DIMENSIONS = 384
OPENED = {10_000: 3.0, 100_000: 4.0, 1_000_000: 10.0}  # seconds
GOALS = {"components": 1.15, "coco": 0.95, "lasso": 100, "elsewhere": 300}

# Images that all show the same, each with a tag, a twentieth of them a wrong one; a run tells the right one of each.
# Their vectors are known. The evaluation is made here, as a worker makes it, and its parts are timed.
SEED = """
import time
import numpy as np
from django.db import connection
from django.test import Client
from detectors import embeddings, vectors
from detectors.confusion import columns, looks, points, reckoning
from detectors.confusion.asking import labels_of
from detectors.evaluation.projecting import projected
from detectors.learning.packing import HOG_COLOUR
from detectors.models import *
from projects.models import *
user = User.objects.filter(username="bench").first() or User.objects.create(username="bench", name="Bench")
other = User.objects.filter(username="other").first() or User.objects.create(username="other", name="Other")
media, _ = Media.objects.get_or_create(sha256="0" * 64, content_type="image/png", size=1, width=8, height=8)
project = Project.objects.create(name="Bench COUNT")
for one in (user, other):
    project.memberships.create(user=one, role=Role.OWNER)
labels = [project.labels.create(name=f"L{n}", color=f"#{n}{n}99cc", shapes=["tag"], hotkey=str(n), position=n).pk
          for n in range(1, 9)]
run = project.runs.create(name="Bench", source="import", created_by=user)
given = {"project": project.pk, "media": media.pk, "user": user.pk, "labels": labels, "run": run.pk}
with connection.cursor() as cursor:
    for statement in (
        "INSERT INTO projects_item (project_id, kind, name, media_id, width, height, created_by_id, created_at)"
        " SELECT %(project)s, 'image', n || '.png', %(media)s, 8, 8, %(user)s, now() FROM generate_series(1, COUNT) n",
        "INSERT INTO annotator_sheet (item_id, clock, floor, status, reason, unsure, updated_at)"
        " SELECT id, 1, 0, 'done', '', false, now() FROM projects_item WHERE project_id = %(project)s",
        "INSERT INTO annotator_annotation (id, sheet_id, label_id, shape, attributes, v, clock, stamps, deleted,"
        " created_by_id, created_at, updated_by_id, updated_at)"
        " SELECT gen_random_uuid(), s.id, (%(labels)s)[1 + (i.id + (i.id %% 20 = 0)::int) %% 8],"
        " '{\\"type\\": \\"tag\\"}', '{}', 1, 1,"
        " '{\\"label\\": [1, 1], \\"shape\\": [1, 1]}', false, %(user)s, now(), %(user)s, now()"
        " FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id WHERE i.project_id = %(project)s",
        "INSERT INTO detectors_prediction (id, run_id, item_id, label_id, shape, score)"
        " SELECT gen_random_uuid(), %(run)s, id, (%(labels)s)[1 + id %% 8],"
        " '{\\"type\\": \\"tag\\"}', 0.5 + (id %% 50) / 100.0 FROM projects_item WHERE project_id = %(project)s",
    ):
        cursor.execute(statement, given)
    cursor.execute("SELECT array_agg(id ORDER BY id) FROM projects_item WHERE project_id = %s", [project.pk])
    (items,) = cursor.fetchone()
    random = np.random.default_rng(0)
    centres = random.normal(0, 3, (8, 384)).astype(np.float32)
    for start in range(0, len(items), 20_000):
        some = items[start : start + 20_000]
        rows = random.normal(0, 1, (len(some), 384)).astype(np.float32) + centres[np.array(some) % 8]
        vectors.keep(HOG_COLOUR, {(pk, ""): row for pk, row in zip(some, rows)})
    cursor.execute("ANALYZE")
evaluation = Evaluation.objects.create(project=project, name="Bench", subject="tags", kind="image", run=run,
                                       created_by=user, until="2020-01-01T00:00Z")
taken = []
start = time.perf_counter()
found = embeddings.of_images(HOG_COLOUR, items)
taken.append(time.perf_counter() - start)
start = time.perf_counter()
projected(found)
taken.append(time.perf_counter() - start)
del found
start = time.perf_counter()
reckoning.evaluate(evaluation.pk)
taken.append(time.perf_counter() - start)
evaluation.refresh_from_db()
assert evaluation.state == "done", evaluation.detail
clients = [Client(), Client()]
for client, one in zip(clients, (user, other)):
    client.force_login(one)
print(project.pk, evaluation.pk, *(client.cookies["sessionid"].value for client in clients), *taken)
"""


class Place(NamedTuple):
    """A project of so many points: seconds to read their vectors, to project them, and to evaluate all."""

    url: str
    project: int
    evaluation: int
    cookies: tuple[str, str]
    read: float
    projected: float
    evaluated: float

    @property
    def page(self) -> str:
        return f"{self.url}/projects/{self.project}/confusion/?evaluation={self.evaluation}"


@contextmanager
def seeded(counts: list[int]) -> Iterator[dict[int, Place]]:
    with dedicated(count=1) as (services, servers):
        places = {}
        for count in counts:
            told = manage(services.env(), "shell", "--verbosity=0", "-c", SEED.replace("COUNT", str(count)))
            project, evaluation, hers, his, *taken = told.splitlines()[-1].split()
            places[count] = Place(servers.url, int(project), int(evaluation), (hers, his), *map(float, taken))
        yield places


# Arithmetic -----------------------------------------------------------------------------------------------------------


def components(count: int, rounds: int) -> Figure:
    """Ours, turn by turn with scikit-learn's bare `covariance_eigh`."""
    from sklearn.decomposition import PCA

    from detectors.evaluation.projecting import COMPONENTS, projected

    vectors = np.random.default_rng(0).normal(0, 1, (count, DIMENSIONS)).astype(np.float32)
    bare = PCA(COMPONENTS, svd_solver="covariance_eigh")
    ours, theirs = in_turn(rounds, lambda: projected(vectors), lambda: bare.fit_transform(vectors))
    return Figure(f"components of {count:,} x {DIMENSIONS}", ours, "s", reference=theirs, goal=theirs * 1.15)


def coco(count: int, rounds: int) -> list[Figure]:
    """Boxes of ten classes, ten an image, and predictions near them; their own data are built beforehand."""
    from faster_coco_eval import COCO, COCOeval_faster

    from detectors.evaluation import coco as ours
    from detectors.evaluation.measures import boxes
    from detectors.evaluation.things import Things

    random = np.random.default_rng(0)
    items, classes = np.sort(random.integers(0, count // 10, count)), random.integers(0, 10, count)
    places = np.hstack([random.random((count, 2)) * 400, 10 + random.random((count, 2)) * 150])
    truth = Things(items, classes, places)
    found = Things(items, classes, places + random.normal(0, 4, places.shape).clip(-8, 8), random.random(count))
    areas = truth.places[:, 2] * truth.places[:, 3], found.places[:, 2] * found.places[:, 3]

    def rows(things: Things) -> Iterator[dict[str, object]]:
        columns = zip(things.items.tolist(), things.classes.tolist(), things.places.tolist(), strict=True)
        for number, (item, label, box) in enumerate(columns, 1):
            yield {"id": number, "image_id": item, "category_id": label, "bbox": box, "area": box[2] * box[3]}

    known = COCO()
    known.dataset = {
        "images": [{"id": n} for n in range(count // 10)],
        "categories": [{"id": n} for n in range(10)],
        "annotations": [row | {"iscrowd": 0} for row in rows(truth)],
    }
    known.createIndex()
    scores = np.asarray(found.scores).tolist()
    results = known.loadRes([row | {"score": score} for row, score in zip(rows(found), scores, strict=True)])

    def theirs() -> None:
        judge = COCOeval_faster(known, results, "bbox", print_function=lambda *_: None)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()

    mine, reference = in_turn(rounds, lambda: ours.coco(truth, found, boxes.measure, 10, areas), theirs)
    name = f"COCO of {count:,} boxes"
    return [
        Figure(name, mine, "s", reference=reference),
        Figure(f"{name}: speed to theirs", reference / mine, "", goal=GOALS["coco"], higher=True),
    ]


def in_turn(rounds: int, one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for function, times in zip((one, other), taken, strict=True):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


# In the browser -------------------------------------------------------------------------------------------------------

# Milliseconds from navigation until the figures are told and points are drawn.
DRAWN = """() => new Promise((done) => {
  const look = () => {
    const told = document.querySelector("dl dd")?.textContent ?? "–"
    if (told !== "–" && document.querySelector("main canvas"))
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    else requestAnimationFrame(look)
  }
  look()
})"""

# The moment at which the matrix changes next.
CHANGED = """() => {
  window.changed = new Promise((done) => {
    new MutationObserver(() => done(performance.timeOrigin + performance.now()))
      .observe(document.querySelector("aside table"), { subtree: true, childList: true, characterData: true })
  })
}"""

# From letting go of the button until what is selected is told.
SELECTED = """() => {
  window.selected = new Promise((done) => {
    let began
    addEventListener("pointerup", () => (began = performance.now()), { capture: true, once: true })
    new MutationObserver((_, looks) => {
      if (!began || !document.querySelector("[role=toolbar]")) return
      looks.disconnect()
      done(performance.now() - began)
    }).observe(document.querySelector("main"), { subtree: true, childList: true })
  })
}"""


def opened(browser: Browser, place: Place, who: int = 0) -> Page:
    context = browser.new_context(viewport=WINDOW)
    context.add_cookies([{"name": "sessionid", "value": place.cookies[who], "url": place.url}])
    page = context.new_page()
    page.goto(place.page, wait_until="commit")
    return page


def first_points(browser: Browser, place: Place, rounds: int) -> float:
    """In seconds; the first time is the server's, too."""
    times = []
    for _ in range(rounds + 1):
        page = opened(browser, place)
        times.append(page.evaluate(DRAWN) / 1000)
        page.context.close()
    return statistics.median(times[1:])


def lasso(browser: Browser, place: Place, rounds: int) -> float:
    """Around nearly all, in milliseconds."""
    page, times = opened(browser, place), []
    page.evaluate(DRAWN)
    box = page.locator("main canvas").bounding_box() or {"x": 0, "y": 0, "width": 0, "height": 0}
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(rounds):
        page.evaluate(SELECTED)
        for step in range(60):
            angle = 2 * np.pi * step / 60
            at = middle[0] + 0.45 * box["width"] * np.cos(angle), middle[1] + 0.45 * box["height"] * np.sin(angle)
            page.mouse.move(*at)
            if not step:
                page.mouse.down()
        page.mouse.up()
        times.append(page.evaluate("window.selected"))
        page.keyboard.press("Escape")
        page.wait_for_selector("[role=toolbar]", state="detached")
    page.context.close()
    return statistics.median(times)


def elsewhere(browser: Browser, place: Place, rounds: int) -> float:
    """From the key by which one fixes a label until another's matrix has changed, in milliseconds."""
    hers, his = opened(browser, place), opened(browser, place, 1)
    times = []
    for page in (hers, his):
        page.evaluate(DRAWN)
    for _ in range(rounds):
        hers.locator("[data-card]").first.focus()
        his.evaluate(CHANGED)
        pressed = hers.evaluate("performance.timeOrigin + performance.now()")
        hers.keyboard.press("f")
        times.append(his.evaluate("window.changed") - pressed)
        hers.wait_for_timeout(800)
    for page in (hers, his):
        page.context.close()
    return statistics.median(times)


def main() -> None:
    options = arguments(__doc__)
    counts = [2_000] if options.quick else list(OPENED)
    rounds = 2 if options.quick else 3
    figures = [components(count, rounds) for count in counts]
    figures += coco(20_000 if options.quick else 1_000_000, 1 if options.quick else 2)
    with seeded(counts) as places, sync_playwright() as playwright:
        browser = launch(playwright, best="chromium")
        for count, place in places.items():
            goal = OPENED.get(count)
            shown = first_points(browser, place, rounds)
            name = f"{count:,} points"
            figures.append(Figure(f"{name}: click to first points", shown, "s", goal=goal))
            anew = shown + place.read + place.projected
            figures.append(Figure(f"{name}: with vectors read and projected anew", anew, "s", goal=goal))
            figures.append(Figure(f"{name}: evaluated by a worker", place.evaluated, "s"))
        middle = places[counts[len(counts) // 2]]
        figures.append(Figure("lasso of the middle one", lasso(browser, middle, rounds), "ms", goal=GOALS["lasso"]))
        time_elsewhere = elsewhere(browser, places[counts[0]], 2 * rounds)
        figures.append(Figure("a label put right, in another browser", time_elsewhere, "ms", goal=GOALS["elsewhere"]))
        browser.close()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    figures.append(Figure("the most memory of a process: evaluating, or a browser's", most, "MB"))
    report(figures, options.json)


if __name__ == "__main__":
    main()
