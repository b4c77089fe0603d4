"""COCO with 100,000 boxes in and out: seconds, the most memory that web and worker took, and how long others waited."""

import json
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.report import Figure, arguments, report
from tests.servers import dedicated
from tests.services import manage

LABEL_STUDIO = {"in": 26, "out": 30}  # seconds, version 1.23.2: 20,000 tasks with 100,000 rectangles
GOALS = {"in": 6, "out": 3, "memory": 300, "hold": 200}
BOUNDARY = "----boxes"

# The images are there already, as Label Studio's tasks only name theirs.
SEED = """
from django.db import connection
from knox.models import AuthToken
from projects.models import *
user = User.objects.create(username="bench", name="Bench")
media = Media.objects.create(sha256="0" * 64, content_type="image/png", size=1, width=800, height=600)
projects = []
for images in {sizes}:
    project = Project.objects.create(name=f"Bench {{len(projects)}}")
    project.memberships.create(user=user, role=Role.OWNER)
    projects.append(project.pk)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO projects_item (project_id, kind, name, media_id, width, height, created_by_id,"
            " created_at) SELECT %s, 'image', n || '.jpg', %s, 800, 600, %s, now() FROM generate_series(1, %s) n",
            [project.pk, media.pk, user.pk, images])
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
print(AuthToken.objects.create(user)[1], *projects)
"""


class Place(NamedTuple):
    url: str
    token: str
    web: int
    worker: int


def coco(images: int, boxes: int) -> bytes:
    each = boxes // images
    return json.dumps(
        {
            "images": [{"id": n, "file_name": f"{n}.jpg", "width": 800, "height": 600} for n in range(1, images + 1)],
            "categories": [{"id": c, "name": f"class {c}"} for c in range(80)],
            "annotations": [
                {
                    "id": number,
                    "image_id": 1 + number // each,
                    "category_id": number % 80,
                    "bbox": [number % 700 + 0.5, 10.25, 20.5, 30.125],
                    "area": 617.5625,
                    "iscrowd": 0,
                    "segmentation": [],
                }
                for number in range(boxes)
            ],
        }
    ).encode()


# Through the API ------------------------------------------------------------------------------------------------------


def connected(place: Place) -> HTTPConnection:
    address = urlsplit(place.url)
    return HTTPConnection(address.hostname or "", address.port, timeout=600)


def ask(place: Place, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
    connection = connected(place)
    connection.request(method, path, body, {"Authorization": f"Token {place.token}", "Content-Type": kind})
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 400:
        raise RuntimeError(answer.decode())
    return answer


def form(body: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="boxes.json"\r\n'
    return f"{head}Content-Type: application/json\r\n\r\n".encode() + body + f"\r\n--{BOUNDARY}--\r\n".encode()


def wait(place: Place, pk: int, state: str) -> dict[str, Any]:
    while True:
        row: dict[str, Any] = json.loads(ask(place, "GET", f"/api/imports/{pk}/"))
        if row["state"] == state:
            return row
        if row["state"] in ("failed", "cancelled"):
            raise RuntimeError(row["detail"])
        time.sleep(0.2)  # the page asks less often: asking takes time of the same two cores


def imported(place: Place, project: int, sent: bytes, boxes: int) -> tuple[float, float]:
    """Seconds from the upload to the preview, and from the start to the report."""
    begun = time.perf_counter()
    path = f"/api/projects/{project}/imports/"
    pk = json.loads(ask(place, "POST", path, sent, f"multipart/form-data; boundary={BOUNDARY}"))["id"]
    wait(place, pk, "ready")
    seen = time.perf_counter()
    ask(place, "POST", f"/api/imports/{pk}/start/", b"{}")
    made = wait(place, pk, "done")["report"]["made"]
    if made.get("annotations") != boxes:
        raise RuntimeError(str(made))
    return seen - begun, time.perf_counter() - seen


def exported(place: Place, project: int) -> tuple[bytes, float]:
    begun = time.perf_counter()
    body = ask(place, "GET", f"/api/projects/{project}/export/?format=coco")
    return body, time.perf_counter() - begun


# Memory, and what others notice ---------------------------------------------------------------------------------------


def most_memory(pid: int) -> float:
    """MB that the largest of a process and its children had at most."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return max([own, *(most_memory(int(child)) for child in children)])


@contextmanager
def others(place: Place) -> Iterator[list[float]]:
    """Milliseconds that a small request takes, asked again and again meanwhile. Whoever measures must not be at work
    itself: to make or to read a hundred thousand boxes as JSON holds this process for longer than the server."""
    waited: list[float] = []
    stop = threading.Event()

    def work() -> None:
        connection = connected(place)
        while not stop.wait(0.05):  # to answer takes 10 ms of the same two cores: a new connection to the database
            begun = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            waited.append((time.perf_counter() - begun) * 1_000)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield waited
    finally:
        stop.set()
        thread.join()


def main() -> None:
    options = arguments(__doc__)
    boxes, rounds = (2_000, 1) if options.quick else (100_000, 3)
    shapes = [
        boxes // 5,
        boxes // 100,
    ]  # images: with five boxes each, as Label Studio was measured, and with a hundred
    seconds: dict[str, list[float]] = defaultdict(list)
    waited: dict[str, list[float]] = defaultdict(list)
    with dedicated(worker=True) as (services, servers):
        told = manage(services.env(), "shell", "--verbosity=0", "-c", SEED.format(sizes=shapes * rounds))
        token, *projects = told.splitlines()[-1].split()
        assert servers.worker
        place = Place(servers.url, token, servers.webs[0].part.pid, servers.worker.pid)
        for project, images in zip(map(int, projects), shapes * rounds, strict=True):
            sent = form(coco(images, boxes))
            with others(place) as latencies:
                seen, done = imported(place, project, sent, boxes)
            waited["in"] += latencies
            seconds[f"preview, {images:,} images"].append(seen)
            seconds[f"in, {images:,} images"].append(done)
            with others(place) as latencies:
                body, taken = exported(place, project)
            waited["out"] += latencies
            seconds[f"out, {images:,} images"].append(taken)
            if len(json.loads(body)["annotations"]) != boxes:
                raise RuntimeError("Not all boxes came out.")
        memory = {"web": most_memory(place.web), "worker": most_memory(place.worker)}
    figures = [
        Figure(
            f"COCO with {boxes:,} boxes {name}",
            statistics.median(values),
            "s",
            reference=None if options.quick else LABEL_STUDIO.get(name.split(",")[0]),
            goal=GOALS.get(name.split(",")[0]),
        )
        for name, values in seconds.items()
    ]
    figures += [Figure(f"most memory: {name}", value, "MB", goal=GOALS["memory"]) for name, value in memory.items()]
    for name, values in waited.items():
        figures.append(Figure(f"a small request meanwhile ({name}): p50", statistics.median(values), "ms"))
        figures.append(Figure(f"a small request meanwhile ({name}): longest", max(values), "ms", goal=GOALS["hold"]))
    report(figures, options.json)


if __name__ == "__main__":
    main()
