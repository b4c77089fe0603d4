from celery import shared_task

from detectors import (
    alike,
    comparing,
    keeping,
    lessons,
    outputs,
    queueing,
    running,
    storing,
    teaching,
    undecided,
    working,
)
from detectors.confusion import asking, reckoning


@shared_task
def work_on_run(run: int) -> None:
    if working.work(run):
        running.send(run)
    else:
        queueing.after_run(run)
        asking.after_run(run)


@shared_task
def tend_runs() -> None:
    running.tend()
    lessons.tend()
    asking.tend()


@shared_task
def collect_weights() -> None:
    storing.collect()


@shared_task
def clear_run(run: int) -> None:
    keeping.clear(run)


@shared_task
def tidy() -> None:
    keeping.clear_all()
    outputs.forget_old()


@shared_task
def compare_runs(comparison: int) -> None:
    comparing.reckon(comparison)


@shared_task
def learn(project: int) -> None:
    teaching.learn(project)


@shared_task
def keep_undecided(project: int, user: int) -> None:
    undecided.keep(project, user)


@shared_task
def evaluate(evaluation: int) -> None:
    reckoning.evaluate(evaluation)


@shared_task
def embed(project: int) -> None:
    alike.embed(project)


@shared_task
def put_in_order(project: int) -> None:
    queueing.put_in_order(project)
