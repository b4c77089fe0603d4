"""The image editor in headless Chromium: a 4K photo with 1,000 and 10,000 rectangles, beside a plain canvas that draws
every shape in every frame, in the same run and turn by turn."""

import json
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen
from uuid import uuid4

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Figure, arguments, report
from tests.chromium import launch
from tests.servers import dedicated
from tests.services import manage

PHOTO = (3840, 2160)
WINDOW = {"width": 1600, "height": 900}
SIZES = (1_000, 10_000)
BESIDE = 100  # rectangles on each of the items that are gone through
REFERENCE = Path(__file__).parent / "references" / "canvas.html"

# Label Studio 1.23.2 from PyPI in the same browser and window, on a smaller photo (1920 x 1080), 2 cores without a GPU:
# PEER_FIGURES. At 10,000 it was not tried; 5,000 took it longer than anyone waits.
LABEL_STUDIO = {
    1_000: {"of": 1_000, "all drawn": 6_200, "zoom, frame p95": 150, "drag one, frame p95": 33, "heap": 304},
    10_000: {"of": 5_000, "all drawn": 66_000, "zoom, frame p95": 950, "drag one, frame p95": 125, "heap": 482},
}
GOALS = {
    "all drawn": 2_000,
    "pan, frame p95": 33,
    "zoom, frame p95": 33,
    "drag one, frame p95": 33,
    "pointer to paint p95": 50,
    "next item p95, fetched ahead": 150,
    "next item p95, cold": 400,
}

SEED = """
import io
import numpy
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from knox.models import AuthToken
from PIL import Image
from skimage import data
from annotator.models import Sheet
from projects.models import *
from projects.services import items
user = User.objects.create(username="bench", name="Bench")
project = Project.objects.create(name="Bench")
project.memberships.create(user=user, role=Role.OWNER)
label = project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
base = numpy.asarray(Image.fromarray(data.astronaut()).resize(({width}, {height}))).astype(numpy.int16)
base = (base + numpy.random.default_rng(0).normal(0, 6, base.shape)).clip(0, 255).astype(numpy.uint8)
sheets = []
for number in range({count}):
    stored = io.BytesIO()
    Image.fromarray(numpy.roll(base, 97 * number, axis=1)).save(stored, "JPEG", quality=90)
    file = SimpleUploadedFile(f"photo-{{number}}.jpg", stored.getvalue(), "image/jpeg")
    item = items.add_files(user, project.pk, [file]).created[0]
    sheets.append([item.pk, Sheet.objects.get_or_create(item=item, person=None)[0].pk])
client = Client()
client.force_login(user)
print(AuthToken.objects.create(user)[1], client.cookies["sessionid"].value, label.pk, project.pk, sheets, sep="|")
"""

# Frames by requestAnimationFrame, and for each move of the pointer the time until the frame that shows it is painted.
RECORD = """() => {
  window.frames_ = []; window.paints = []; window.recording = true
  let last
  const tick = (now) => {
    if (last) frames_.push(now - last)
    last = now
    if (recording) requestAnimationFrame(tick)
  }
  requestAnimationFrame(tick)
  const painted = ({ timeStamp }) => requestAnimationFrame(() => {
    const after = new MessageChannel()
    after.port1.onmessage = () => paints.push(performance.now() - timeStamp)
    after.port2.postMessage(0)
  })
  addEventListener("pointermove", painted, true)
  window.stopRecording = () => {
    recording = false
    removeEventListener("pointermove", painted, true)
    return { frames: frames_, paints }
  }
}"""

# Milliseconds until so many are drawn and two frames have passed: from navigation, or (with `go`) to another item, by
# the key when it is 0. Another item has another stage.
DRAWN = """([count, go]) => new Promise((done, failed) => {
  const old = go === null ? null : document.querySelector("[data-drawn]")
  const start = go === null ? 0 : performance.now()
  if (go === 0) document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", code: "KeyJ", bubbles: true }))
  if (go) {
    history.pushState(null, "", location.pathname.replace(/\\d+(\\/?)$/, `${go}$1`))
    dispatchEvent(new PopStateEvent("popstate"))
  }
  const look = (now) => {
    const stage = document.querySelector("[data-drawn]")
    if (stage && stage !== old && stage.dataset.drawn === String(count))
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)))
    else if (now - start > 120_000) failed(new Error(`Not drawn: ${stage?.outerHTML ?? document.body.innerText}`))
    else requestAnimationFrame(look)
  }
  look(start)
})"""


class Place(NamedTuple):
    url: str
    token: str
    cookie: str
    label: int
    project: int
    items: list[list[int]]  # item and sheet

    def editor(self, item: int) -> str:
        return f"{self.url}/projects/{self.project}/items/{item}/"

    def plain(self, item: int, sheet: int) -> str:
        return f"{self.url}/canvas.html?media=/api/items/{item}/media/&sheet={sheet}"


Times = dict[str, list[float]]


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# The data -------------------------------------------------------------------------------------------------------------


def fill(place: Place, sheet: int, count: int) -> None:
    chance = random.Random(count)  # the same places in every run
    for start in range(0, count, 2_000):
        created = [rectangle(place.label, chance) for _ in range(start, min(count, start + 2_000))]
        body = {"id": str(uuid4()), "action": str(uuid4()), "operations": created}
        headers = {"Authorization": f"Token {place.token}", "Content-Type": "application/json"}
        address = f"{place.url}/api/sheets/{sheet}/operations/"
        with urlopen(Request(address, json.dumps(body).encode(), headers)) as answer:
            answer.read()


def rectangle(label: int, chance: random.Random) -> dict[str, Any]:
    width, height = chance.uniform(20, 120), chance.uniform(20, 120)
    x, y = chance.uniform(0, PHOTO[0] - width), chance.uniform(0, PHOTO[1] - height)
    shape = {"type": "rectangle", "x": x, "y": y, "width": width, "height": height}
    return {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label, "shape": shape}


@contextmanager
def seeded(count: int) -> Iterator[Place]:
    """A served project of so many 4K photos."""
    with dedicated() as (services, servers):
        program = SEED.format(width=PHOTO[0], height=PHOTO[1], count=count)
        told = manage(services.env(), "shell", "--verbosity=0", "-c", program).splitlines()[-1]
        token, cookie, label, project, items = told.split("|")
        yield Place(servers.url, token, cookie, int(label), int(project), json.loads(items))


# The hand -------------------------------------------------------------------------------------------------------------


def new_page(browser: Browser, place: Place) -> Page:
    context = browser.new_context(viewport=WINDOW)
    context.add_cookies([{"name": "sessionid", "value": place.cookie, "url": place.url}])
    page = context.new_page()
    page.route(
        re.compile(r"/canvas\.html"), lambda route: route.fulfill(body=REFERENCE.read_text(), content_type="text/html")
    )
    return page


def view(page: Page) -> tuple[float, float, float]:
    """Scale, left and top of the photo in the window."""
    stage = page.locator("[data-view]")
    box = stage.bounding_box() or {"x": 0, "y": 0}
    scale, x, y = map(float, (stage.get_attribute("data-view") or "").split())
    return scale, box["x"] + x, box["y"] + y


def drag(page: Page, start: tuple[float, float], steps: int, button: Any) -> None:
    page.mouse.move(*start)
    page.mouse.down(button=button)
    for step in range(steps):
        page.mouse.move(start[0] + 4 * min(step, steps - step), start[1] + 1.5 * step)
    page.mouse.up(button=button)


def zoom(page: Page, at: tuple[float, float], steps: int) -> None:
    page.mouse.move(*at)
    for step in range(steps):
        page.mouse.wheel(0, -100 if step < steps / 2 else 100)


def smallest(place: Place, page: Page, sheet: int) -> tuple[float, float]:
    """Where the smallest rectangle near the middle of the photo is in the window: nothing lies on top of it."""
    with urlopen(
        Request(f"{place.url}/api/sheets/{sheet}/annotations/", headers={"Authorization": f"Token {place.token}"})
    ) as answer:
        shapes = [record["shape"] for record in json.load(answer)["records"]]
    middle = [s for s in shapes if PHOTO[0] / 4 < s["x"] < PHOTO[0] / 2 and PHOTO[1] / 4 < s["y"] < PHOTO[1] / 2]
    box = min(middle, key=lambda shape: shape["width"] * shape["height"])
    scale, left, top = view(page)
    return left + (box["x"] + box["width"] / 2) * scale, top + (box["y"] + box["height"] / 2) * scale


def recorded(page: Page, times: Times, name: str, gesture: Callable[[], None]) -> None:
    page.wait_for_timeout(600)
    page.evaluate(RECORD)
    gesture()
    found = page.evaluate("stopRecording()")
    times[f"{name}, frame"] += found["frames"]
    if name == "drag one":
        times["pointer to paint"] += found["paints"]


# The measurements -----------------------------------------------------------------------------------------------------


def work(place: Place, page: Page, address: str, sheet: int, count: int, steps: int, times: Times) -> None:
    """Open, pan, zoom and drag one; `times` takes what was seen, in milliseconds (heap in MB)."""
    page.goto(address)
    times["all drawn"].append(page.evaluate(DRAWN, [count, None]))
    middle = (WINDOW["width"] * 0.4, WINDOW["height"] * 0.5)
    recorded(page, times, "pan", lambda: drag(page, middle, steps, "middle"))
    recorded(page, times, "zoom", lambda: zoom(page, middle, steps // 2))
    page.reload()
    page.evaluate(DRAWN, [count, None])
    page.keyboard.press("v")
    box = smallest(place, page, sheet)
    recorded(page, times, "drag one", lambda: drag(page, box, steps, "left"))
    cdp = page.context.new_cdp_session(page)
    cdp.send("HeapProfiler.collectGarbage")
    times["heap"].append(page.evaluate("performance.memory.usedJSHeapSize / 1e6"))


def go_through(browser: Browser, place: Place, items: list[int], times: Times) -> None:
    """From item to item: half of them by the key, fetched ahead; then, in a fresh browser, jumps over two."""
    ahead, far = items[: len(items) // 2], items[len(items) // 2 :]
    page = new_page(browser, place)
    page.goto(place.editor(ahead[0]))
    page.evaluate(DRAWN, [BESIDE, None])
    for _ in ahead[1:]:
        page.wait_for_timeout(1_500)
        times["next item, fetched ahead"].append(page.evaluate(DRAWN, [BESIDE, 0]))
    page.context.close()
    page = new_page(browser, place)
    page.goto(place.editor(far[0]))
    page.evaluate(DRAWN, [BESIDE, None])
    for item in far[2::2]:
        page.wait_for_timeout(1_500)
        times["next item, cold"].append(page.evaluate(DRAWN, [BESIDE, item]))
    page.context.close()


def figures_of(count: int, ours: Times, plain: Times) -> list[Figure]:
    def figure(name: str, unit: str, value: Callable[[Times], float]) -> Figure:
        return Figure(f"{count:,}: {name}", value(ours), unit, value(plain), GOALS.get(name))

    figures = [figure("all drawn", "ms", lambda times: statistics.median(times["all drawn"]))]
    for gesture in ("pan, frame", "zoom, frame", "drag one, frame", "pointer to paint"):
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            figures.append(figure(f"{gesture} {name}", "ms", lambda times, g=gesture, s=share: percentile(times[g], s)))
    figures.append(figure("heap", "MB", lambda times: statistics.median(times["heap"])))
    peers = LABEL_STUDIO[count]
    ours_by_name = {found.figure.split(": ")[1]: found for found in figures}
    for name in list(peers)[1:]:
        found = ours_by_name[name]
        beside = f"{found.figure}; reference: Label Studio at {peers['of']:,}"
        figures.append(Figure(beside, found.value, found.unit, peers[name]))
    return figures


def main() -> None:
    options = arguments(__doc__)
    sizes, rounds, steps = (SIZES[:1], 1, 40) if options.quick else (SIZES, 3, 90)
    strolled = 8 if options.quick else 44
    figures: list[Figure] = []
    with seeded(len(sizes) + strolled) as place, sync_playwright() as playwright:
        browser = launch(playwright, "--enable-precise-memory-info", best="chromium")  # as the peer was measured
        for count, (item, sheet) in zip(sizes, place.items, strict=False):
            fill(place, sheet, count)
            ours: Times = defaultdict(list)
            plain: Times = defaultdict(list)
            for _ in range(rounds):
                for address, times in ((place.editor(item), ours), (place.plain(item, sheet), plain)):
                    page = new_page(browser, place)
                    work(place, page, address, sheet, count, steps, times)
                    page.context.close()
            figures += figures_of(count, ours, plain)
        strolls: Times = defaultdict(list)
        for _, sheet in place.items[len(sizes) :]:
            fill(place, sheet, BESIDE)
        go_through(browser, place, [item for item, _ in place.items[len(sizes) :]], strolls)
        browser.close()
    for name, measured in strolls.items():
        goal = name.replace("next item", "next item p95")
        figures.append(Figure(f"{goal} ({len(measured)} items)", percentile(measured, 0.95), "ms", goal=GOALS[goal]))
    report(figures, options.json)


if __name__ == "__main__":
    main()
