"""Runs of pipelines: items a second against the bare loop that calls the same detector, with one worker process and
with two; what it costs to change the last node, an empty pipeline, and the worker's memory over many items. On a busy
machine seconds say little: then go by the processor's time, which is that of the worker and all its children."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2

from benchmarks.report import Figure, arguments, report
from config.supervisor import programs
from config.supervisor.services import Services
from tests.services import discard, manage, throwaway

SEED = """
import io, random
from hashlib import sha256
import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image
from projects.models import *
from skimage import data
user = User.objects.create(username="bench", name="Bench")
project = Project.objects.create(name="Images")
project.memberships.create(user=user, role=Role.OWNER)
project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
photo = Image.fromarray(data.astronaut())
pictures = []
for n in range(20):
    stored = io.BytesIO()
    photo.rotate(n, resample=Image.Resampling.BILINEAR).save(stored, "JPEG")
    media = Media.objects.create(sha256=sha256(stored.getvalue()).hexdigest(), content_type="image/jpeg",
                                 size=len(stored.getvalue()), width=512, height=512)
    default_storage.save(media.path, ContentFile(stored.getvalue()))
    pictures.append(media.pk)
texts = Project.objects.create(name="Texts")
texts.memberships.create(user=user, role=Role.OWNER)
texts.labels.create(name="Cup", color="#f4b740", shapes=["span"])
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO projects_item (project_id, kind, name, media_id, width, height, created_by_id,"
        " created_at) SELECT %s, 'image', n || '.jpg', (%s::text[])[1 + n %% 20], 512, 512, %s, now()"
        " FROM generate_series(1, %s) n", [project.pk, pictures, user.pk, {images}])
    cursor.execute("INSERT INTO projects_item (project_id, kind, name, text, created_by_id, created_at)"
        " SELECT %s, 'text', n || '.txt', n || ': one cup, two cups', %s, now() FROM generate_series(1, %s) n",
        [texts.pk, user.pk, {texts}])
    cursor.execute("VACUUM ANALYZE")
print(user.pk, project.pk, texts.pk)
"""

START = """
from detectors import running, saving
from projects.models import User
user = User.objects.get(pk={user})
version = saving.save(user, {project}, name="Bench", graph={graph})
items = list(version.pipeline.project.items.values_list("pk", flat=True)[:{only}]) if {only} else None
print(running.start(user, version.pipeline_id, items).pk)
"""

# Seconds that the detector takes for the project's items, decoded as a run does, with as many threads of OpenCV (one).
BARE = """
import time
from detectors.graphs import image
from detectors.inside import picture
from detectors.kinds.registry import made
from projects.models import Item
node = {detector}
detector = made(node["kind"], node["config"])
items = list(Item.objects.filter(project={project}).select_related("media").order_by("pk"))
detector.detect([picture(image(items[0]))])
start, used = time.perf_counter(), time.process_time()
for at in range(0, len(items), 16):
    detector.detect([picture(image(item)) for item in items[at:at + 16]])
print(time.perf_counter() - start, time.process_time() - used)
"""


class Taken(NamedTuple):
    seconds: float
    processor: float  # seconds, too


@dataclass
class Place:
    services: Services
    user: int
    images: int
    texts: int

    def shell(self, code: str) -> str:
        return manage(self.services.env(), "shell", "--verbosity=0", "-c", code).splitlines()[-1]

    def query(self, sql: str) -> tuple[Any, ...]:
        with closing(psycopg2.connect(self.services.postgres.url())) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() or ()

    @contextmanager
    def worker(self, processes: int) -> Iterator[int]:
        """One with so many processes and nothing else to do; its process id."""
        part = programs.worker(self.services.instance.logs, self.services.env())
        of_celery = part.command[part.command.index(sys.executable) :]  # as nice as the bare loop
        part.command = [word for word in of_celery if "--concurrency" not in word] + [f"--concurrency={processes}"]
        part.start()
        try:
            # it has begun, and its libraries are read
            self.run(part.pid, self.texts, graph("text", expression("begin")), only=1)
            yield part.pid
        finally:
            part.stop()

    def run(
        self,
        worker: int,
        project: int,
        pipeline: dict[str, Any],
        *,
        only: int | None = None,
        watch: Callable[[float], None] = lambda share: None,
    ) -> Taken:
        """From the first shard's beginning to the last one's end."""
        before = processor(worker)
        pk = self.shell(START.format(user=self.user, project=project, graph=pipeline, only=only))
        shards = f"FROM detectors_shard WHERE run_id = {int(pk)}"
        while True:
            done, count = self.query(f"SELECT count(done_at), count(*) {shards}")
            watch(done / count)
            if done == count:
                break
            time.sleep(0.5)
        failed, seconds = self.query(
            f"SELECT (SELECT count(*) FROM detectors_failure WHERE run_id = {int(pk)}),"
            f" extract(epoch FROM max(done_at) - min(done_at - seconds * interval '1 second'))::float8 {shards}"
        )
        if failed:
            raise RuntimeError(f"{failed} items failed.")
        return Taken(float(seconds), processor(worker) - before)


def graph(of: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    """A chain."""
    named = [{"id": "items", "kind": "items", "config": {"of": of}}]
    named += [{"id": f"n{number}", **node} for number, node in enumerate(nodes)]
    edges = [{"source": one["id"], "target": other["id"]} for one, other in pairwise(named)]
    return {"nodes": named, "edges": edges}


def faces(neighbours: int) -> dict[str, Any]:
    return {"kind": "faces", "config": {"label": "Face", "neighbours": neighbours}}


def expression(pattern: str) -> dict[str, Any]:
    return {"kind": "expression", "config": {"pattern": pattern, "label": "Cup"}}


def sure(least: float) -> dict[str, Any]:
    return {"kind": "filter", "config": {"scores": [least, 1]}}


def children(pid: int) -> Iterator[int]:
    """Those of all its threads: the detectors' processes are begun by one of their own."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # one that has just ended
            yield from map(int, (thread / "children").read_text().split())


def memory(pid: int) -> float:
    """MB of a process and its children, what they share counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0
    own = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)
    return own + sum(map(memory, children(pid)))


def processor(pid: int) -> float:
    """Seconds that it has taken for a process, its children, and those of them that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(processor, children(pid)))


def main() -> None:
    options = arguments(__doc__)
    images, texts = (160, 2_000) if options.quick else (1_000, 100_000)
    services = throwaway(durable=True)
    try:
        services.start()
        manage(services.env(), "migrate", "--verbosity=0")
        seed = SEED.replace("{images}", str(images)).replace("{texts}", str(texts))
        told = manage(services.env(), "shell", "--verbosity=0", "-c", seed)
        place = Place(services, *map(int, told.splitlines()[-1].split()))
        bare = Taken(*map(float, place.shell(BARE.format(detector=faces(5), project=place.images)).split()))
        with place.worker(1) as pid:
            first = place.run(pid, place.images, graph("image", faces(5), sure(0.1)))
            last = place.run(pid, place.images, graph("image", faces(5), sure(0.2)))
            used: list[tuple[float, float]] = []
            empty = place.run(
                pid,
                place.texts,
                graph("text", expression("never")),
                watch=lambda share: used.append((share, memory(pid))),
            )
        with place.worker(2) as pid:
            both = place.run(pid, place.images, graph("image", faces(6), sure(0.1)))
    finally:
        discard(services)
    early = next(memory for share, memory in used if share >= 0.1)
    alone = images / bare.seconds
    ours, two = images / first.seconds, images / both.seconds
    spent = 1_000 * bare.processor / images
    nothing = f"an expression that finds nothing, {texts:,} texts"
    figures = [
        Figure("faces, one process", ours, "1/s", alone, 0.9 * alone, higher=True),
        Figure("faces, one process: the processor", 1_000 * first.processor / images, "ms an item", spent, spent / 0.9),
        Figure("faces, two processes", two, "1/s", ours, 1.8 * ours, higher=True),
        Figure(
            "faces, two processes: the processor", 1_000 * both.processor / images, "ms an item", spent, spent / 0.9
        ),
        Figure(
            f"the last node changed, {images:,} images", 100 * last.seconds / first.seconds, "% of the first", goal=5
        ),
        Figure(nothing, 1_000 * empty.seconds / texts, "ms an item", goal=1),
        Figure(f"{nothing}: the processor", 1_000 * empty.processor / texts, "ms an item", goal=1),
        Figure("memory: from a tenth of these items on, more", used[-1][1] - early, "MB", early, goal=10),
    ]
    report(figures, options.json)


if __name__ == "__main__":
    main()
