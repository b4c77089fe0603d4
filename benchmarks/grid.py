"""The grid of 100,000 items: its first page, filters and search through the API, scrolling in Chromium."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Figure, arguments, report
from tests.chromium import launch
from tests.servers import dedicated
from tests.services import manage

WINDOW = {"width": 1440, "height": 900}
GOALS = {"first page": 300, "search": 200, "frame": 33}

# Three photos and a text in turn; four of five were opened, and what is not to do holds three annotations. The logs
# tell who has made and finished them; a twentieth is talked about, and half of that was read.
SEED = """
import io
from importlib import import_module
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from PIL import Image
from projects.models import *
people = [User.objects.create(username=f"bench{n}", name=f"Bench {n}") for n in range(4)]
project = Project.objects.create(name="Bench")
for user in people:
    project.memberships.create(user=user, role=Role.OWNER)
colors = ["#f4b740", "#5ec8ff", "#c48bff", "#e0567a", "#4fb477"]
labels = [project.labels.create(name=f"Label {n}", color=color, shapes=["rectangle", "span", "tag"], position=n)
          for n, color in enumerate(colors)]
pictures = []
for n in range(50):
    stored = io.BytesIO()
    Image.radial_gradient("L").resize((240, 180)).rotate(7 * n).convert("RGB").save(stored, "WEBP")
    media = Media.objects.create(sha256=f"{n:064}", content_type="image/png", size=1, width=4000, height=3000,
                                 has_thumbnail=True)
    default_storage.save(media.thumbnail_path, ContentFile(stored.getvalue()))
    pictures.append(media.pk)
given = {"project": project.pk, "media": pictures, "count": COUNT, "labels": [label.pk for label in labels],
         "people": [user.pk for user in people], "user": people[0].pk}
ITEMS = '''
INSERT INTO projects_item (project_id, kind, name, media_id, text, width, height, created_by_id, created_at,
    assignee_id)
SELECT %(project)s, CASE WHEN n %% 4 = 0 THEN 'text' ELSE 'image' END,
    (ARRAY['kitchen','street','harbour','meadow','station','office','market'])[1 + n %% 7]
        || '-' || lpad(n::text, 6, '0') || CASE WHEN n %% 4 = 0 THEN '.txt' ELSE '.jpg' END,
    CASE WHEN n %% 4 > 0 THEN (%(media)s)[1 + n %% 50] END,
    CASE WHEN n %% 4 = 0 THEN (SELECT string_agg(
        (ARRAY['kettle','invoice','harbour','letter','quick','brown','fox','ships','arrive','late','every','monday'])
            [1 + (n * 7 + w * w * 13) %% 12] || CASE WHEN w %% 10 = 0 THEN ' word' || (n * w) %% 5000 ELSE '' END, ' ')
        FROM generate_series(1, 80) w) END,
    CASE WHEN n %% 4 > 0 THEN 4000 END, CASE WHEN n %% 4 > 0 THEN 3000 END, %(user)s,
    now() - (%(count)s - n) * interval '1 minute', CASE WHEN n %% 9 = 0 THEN (%(people)s)[1 + n %% 4] END
FROM generate_series(1, %(count)s) n
'''
SHEETS = '''
INSERT INTO annotator_sheet (item_id, clock, floor, status, reason, unsure, updated_at)
SELECT id, 4, 0, (ARRAY['todo','done','done','in_progress','done','skipped','in_progress','done'])[1 + id %% 8], '',
    id %% 60 = 0, now()
FROM projects_item WHERE project_id = %(project)s AND id %% 5 < 4
'''
ANNOTATIONS = '''
INSERT INTO annotator_annotation (id, sheet_id, label_id, shape, attributes, v, clock, stamps, deleted, created_by_id,
    created_at, updated_by_id, updated_at)
SELECT gen_random_uuid(), s.id, (%(labels)s)[1 + (s.id + n * n) %% 5],
    CASE WHEN n = 4 THEN jsonb_build_object('type', 'tag')
    WHEN i.kind = 'text' THEN
        jsonb_build_object('type', 'span', 'start', n * 20, 'end', n * 20 + 9, 'quote', substr(i.text, n * 20 + 1, 9))
    ELSE jsonb_build_object('type', 'rectangle', 'x', (s.id * 37 + n * 911) %% 3000, 'y', (s.id * 53 + n * 577) %% 2000,
        'width', 500, 'height', 600) END,
    '{}', 1, n, '{}', false, who, made, who, made
FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id, generate_series(1, 4) n,
    LATERAL (SELECT (%(people)s)[CASE WHEN s.id %% 50 = 0 THEN 3 WHEN s.id %% 3 = 0 THEN 2 ELSE 1 END] AS who,
        now() - s.id %% 20 * interval '1 day' + n * (s.id %% 40) * interval '1 second' AS made) u
WHERE i.project_id = %(project)s AND s.status <> 'todo' AND (n < 4 OR s.id %% 100 = 0)
'''
OPERATIONS = '''
INSERT INTO annotator_operation (project_id, sheet_id, annotation_id, clock, kind, key, body, actor_id, action, source,
    properties, record, label_version, v, at)
SELECT %(project)s, sheet_id, id, clock, 'create', id, '', created_by_id, id, 'person', '["label", "shape"]',
    jsonb_build_object('label', label_id, 'shape', shape), 1, 1, created_at FROM annotator_annotation
'''
CHANGES = '''
INSERT INTO projects_change (project_id, actor_id, action, kind, target, record, at)
SELECT %(project)s, (%(people)s)[CASE WHEN id %% 50 = 0 THEN 3 WHEN id %% 3 = 0 THEN 2 ELSE 1 END], gen_random_uuid(),
    'status', id, jsonb_build_object('status', status), now() - id %% 20 * interval '1 day'
FROM annotator_sheet WHERE status IN ('done', 'skipped')
'''
COMMENTS = '''
INSERT INTO annotator_comment (sheet_id, author_id, text, created_at)
SELECT id, (%(people)s)[1 + id %% 4], 'Is this one right?', now() FROM annotator_sheet, generate_series(1, 2)
WHERE id %% 20 = 0
'''
READ = '''
INSERT INTO annotator_commentread (user_id, sheet_id, comment)
SELECT %(user)s, sheet_id, max(id) FROM annotator_comment WHERE sheet_id %% 40 = 0 GROUP BY sheet_id
'''
with connection.cursor() as cursor:
    for statement in (ITEMS, SHEETS, ANNOTATIONS, OPERATIONS, CHANGES, COMMENTS, READ):
        cursor.execute(statement, given)
    logs = import_module("annotator.migrations.0023_who_finished_sheets_and_when")
    cursor.execute(logs.FINISHED)
    cursor.execute(logs.WORKED)
    cursor.execute("VACUUM ANALYZE")  # as the database does by itself within a minute
client = Client()
client.force_login(people[0])
print(client.cookies["sessionid"].value, project.pk, *given["labels"], *given["people"])
"""


# Four suggestions an item, of which annotations say some already: an import that a worker has then kept.
SUGGESTIONS = """
import time
from django.db import connection
from detectors import undecided
from detectors.models import *
from projects.models import *
project = Project.objects.get()
user = project.memberships.earliest("pk").user
run = Run.objects.create(project=project, name="Bench", source="import", created_by=user)
given = {"project": project.pk, "run": run.pk, "labels": list(project.labels.values_list("pk", flat=True))}
with connection.cursor() as cursor:
    cursor.execute('''
INSERT INTO detectors_prediction (id, run_id, item_id, label_id, shape, score)
SELECT gen_random_uuid(), %(run)s, i.id, (%(labels)s)[1 + (i.id + n) %% 5], CASE WHEN i.kind = 'text'
    THEN jsonb_build_object('type', 'span', 'start', n * 20, 'end', n * 20 + 9, 'quote', substr(i.text, n * 20 + 1, 9))
    ELSE jsonb_build_object('type', 'rectangle', 'x', (i.id * 37 + n * 911) %% 3000, 'y', (i.id * 53 + n * 577) %% 2000,
        'width', 500, 'height', 600) END, 0.5
FROM projects_item i, generate_series(1, 4) n WHERE i.project_id = %(project)s
''', given)
    cursor.execute("VACUUM ANALYZE")
start = time.perf_counter()
undecided.keep(project.pk, user.pk)
print((time.perf_counter() - start) * 1000)
"""


class Place(NamedTuple):
    env: dict[str, str]
    url: str
    cookie: str
    project: int
    labels: list[int]
    people: list[int]


@contextmanager
def seeded(count: int) -> Iterator[Place]:
    with dedicated() as (services, servers):
        told = manage(services.env(), "shell", "--verbosity=0", "-c", SEED.replace("COUNT", str(count)))
        cookie, *numbers = told.splitlines()[-1].split()
        project, *ids = map(int, numbers)
        yield Place(services.env(), servers.url, cookie, project, ids[:5], ids[5:])


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# Through the API ------------------------------------------------------------------------------------------------------


def queries(place: Place) -> list[str]:
    """Common and rare of each filter, words of every kind, some together, and pages far away."""
    words = ["harbour", "word4990", "k", "0500", "kettle late", "nothing", "000123.jpg", "mond"]
    asked = [f"status={status}" for status in ("todo", "in_progress", "done", "skipped")]
    asked += [f"label={label}" for label in place.labels[:2]] + [f"tag={label}" for label in place.labels]
    asked += [f"author={who}" for who in place.people] + [f"q={quote(word)}" for word in words]
    asked += ["from=2026-01-01", "to=2026-01-01", "sort=newest", "sort=name", "sort=status", "sort=name&skip=50000"]
    asked += ["skip=90000", f"label={place.labels[0]}&author={place.people[0]}&status=done&q=street&sort=name"]
    asked += [f"mark={mark}" for mark in ("unsure", "comments", "unread")]
    asked += [f"assignee={who}" for who in ("me", "nobody", place.people[2])]
    day = f"{date.today() - timedelta(days=3)}"
    asked += [
        f"worked={day}",
        f"worked={day}&author={place.people[1]}",
        "made=people",
        "made=imported",
        "status=finished",
    ]
    asked += [f"finisher={who}" for who in place.people[:3]]
    asked += [f"finished={day}", f"finished={day}&finisher={place.people[0]}", "took=60"]
    return [*asked, f"status=done&q=harbour&tag={place.labels[1]}"]


def ask(place: Place, connection: HTTPConnection, query: str) -> float:
    """How long it took, in ms."""
    start = time.perf_counter()
    path = f"/api/projects/{place.project}/grid/?{query}"
    connection.request("GET", path, headers={"Cookie": f"sessionid={place.cookie}"})
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise RuntimeError(answer.decode())
    return (time.perf_counter() - start) * 1_000


def searched(place: Place, rounds: int) -> list[Figure]:
    """The grid asks for cards and for how many there are at once, and shows each when it is there."""
    address = urlsplit(place.url)
    connections = [HTTPConnection(address.hostname or "", address.port) for _ in range(2)]
    cards, counts = defaultdict(list), defaultdict(list)
    with ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            for query in queries(place):
                both = pool.map(partial(ask, place), connections, [query, f"{query}&counts=1&limit=0"])
                for found, taken in zip((cards, counts), both, strict=True):
                    found[query].append(taken)
    figures = []
    for name, times in (("filter and search: cards", cards), ("filter and search: counts", counts)):
        every = [one for measured in times.values() for one in measured]
        slowest = max(times, key=lambda query: statistics.median(times[query]))
        figures.append(Figure(f"{name} p50", percentile(every, 0.5), "ms"))
        figures.append(Figure(f"{name} p95", percentile(every, 0.95), "ms", goal=GOALS["search"]))
        figures.append(Figure(f"{name}: slowest ({slowest})", statistics.median(times[slowest]), "ms"))
    return figures


def suggested(place: Place, rounds: int) -> list[Figure]:
    """The filter for what has suggestions, each asked for by itself."""
    address = urlsplit(place.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    kept = float(manage(place.env, "shell", "--verbosity=0", "-c", SUGGESTIONS).splitlines()[-1])
    figures = [Figure("with suggestions: kept by a worker", kept, "ms")]
    asked = {"cards": "", "cards far away": "&skip=40000", "counts": "&counts=1&limit=0"}
    for name, further in asked.items():
        times = [ask(place, connection, f"mark=suggestions{further}") for _ in range(5 * rounds)]
        figures.append(Figure(f"with suggestions: {name} p50", percentile(times, 0.5), "ms"))
        figures.append(Figure(f"with suggestions: {name} p95", percentile(times, 0.95), "ms", goal=GOALS["search"]))
    return figures


# In the browser -------------------------------------------------------------------------------------------------------

# Milliseconds from navigation until the cards in sight and their pictures are painted.
DRAWN = """() => new Promise((done) => {
  const look = () => {
    const cards = document.querySelectorAll("[role=gridcell] .item")
    const pictures = [...document.querySelectorAll("[role=gridcell] img")]
    if (cards.length >= 15 && pictures.every(({ complete }) => complete))
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    else requestAnimationFrame(look)
  }
  look()
})"""

CARDS = """() => new Promise((done) => {
  const look = () => {
    if (document.querySelectorAll("[role=gridcell] .item").length >= 15) done(performance.now())
    else requestAnimationFrame(look)
  }
  look()
})"""

FRAMES = """() => {
  window.frames_ = []; window.recording = true
  let last
  const tick = (now) => {
    if (last) frames_.push(now - last)
    last = now
    if (recording) requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
}"""


def new_page(browser: Browser, place: Place) -> Page:
    context = browser.new_context(viewport=WINDOW)
    context.add_cookies([{"name": "sessionid", "value": place.cookie, "url": place.url}])
    return context.new_page()


def shown(browser: Browser, place: Place, rounds: int) -> list[Figure]:
    page = new_page(browser, place)
    cards, pictures = [], []
    for _ in range(rounds + 1):
        page.goto(place.url)  # from where one comes to a project
        page.goto(f"{place.url}/projects/{place.project}/", wait_until="commit")
        cards.append(page.evaluate(CARDS))
        pictures.append(page.evaluate(DRAWN))
    page.context.close()  # the first time is the server's, too, and the scripts are not yet kept
    return [
        Figure("first page: cards shown", statistics.median(cards[1:]), "ms", goal=GOALS["first page"]),
        Figure("first page: with pictures", statistics.median(pictures[1:]), "ms"),
        Figure("first page: the very first time, with pictures", pictures[0], "ms"),
    ]


def scrolled(browser: Browser, place: Place, steps: int) -> list[Figure]:
    """By the wheel through many pages; then by leaps over the whole length."""
    page = new_page(browser, place)
    page.goto(f"{place.url}/projects/{place.project}/")
    page.evaluate(DRAWN)
    page.mouse.move(400, 500)
    figures = []
    for name, gesture in (("wheel", wheel), ("leaps", leaps)):
        page.evaluate(FRAMES)
        gesture(page, steps)
        frames = page.evaluate("(recording = false, frames_)")
        figures.append(Figure(f"scrolling, {name}: frame p50", percentile(frames, 0.5), "ms"))
        figures.append(Figure(f"scrolling, {name}: frame p95", percentile(frames, 0.95), "ms", goal=GOALS["frame"]))
        figures.append(Figure(f"scrolling, {name}: longest frame", max(frames), "ms"))
    page.context.close()
    return figures


def wheel(page: Page, steps: int) -> None:
    for _ in range(steps):
        page.mouse.wheel(0, 240)
        page.wait_for_timeout(16)


def leaps(page: Page, steps: int) -> None:
    for step in range(steps // 10):
        page.evaluate(f"scrollTo(0, document.documentElement.scrollHeight * {(step * 37) % 100 / 100})")
        page.wait_for_timeout(300)


def main() -> None:
    options = arguments(__doc__)
    count, rounds, steps = (2_000, 2, 60) if options.quick else (100_000, 10, 400)
    with seeded(count) as place, sync_playwright() as playwright:
        figures = searched(place, rounds)
        browser = launch(playwright, best="chromium")
        figures += shown(browser, place, rounds) + scrolled(browser, place, steps)
        browser.close()
        figures += suggested(place, rounds)
    report(figures, options.json)


if __name__ == "__main__":
    main()
