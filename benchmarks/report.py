"""How every benchmark reports: a table, and with --json a list. What falls short is said to be short."""

import argparse
import json
import operator
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """`goal` is the most that `value` may be, or with `higher` the least."""

    figure: str
    value: float
    unit: str
    reference: float | None = None
    goal: float | None = None
    higher: bool = False

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        return (operator.ge if self.higher else operator.le)(self.value, self.goal)


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it runs")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    return parser.parse_args()


def report(figures: Iterable[Figure], path: Path | None) -> None:
    figures = list(figures)
    rows = [("figure", "ours", "reference", "ratio", "goal", "")]
    rows += [row(figure) for figure in figures]
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    for line in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if path:
        kept = [asdict(figure) | {"met": figure.met} for figure in figures]
        path.write_text(json.dumps([{k: v for k, v in figure.items() if k != "higher"} for figure in kept], indent=1))


def row(figure: Figure) -> tuple[str, ...]:
    reference = "" if figure.reference is None else f"{figure.reference:,.4g}"
    ratio = f"{figure.value / figure.reference:.2f}" if figure.reference else ""
    goal = "" if figure.goal is None else f"{'≥' if figure.higher else '≤'} {figure.goal:,.4g}"
    verdict = {None: "", True: "met", False: "SHORT"}[figure.met]
    return f"{figure.figure} [{figure.unit}]", f"{figure.value:,.4g}", reference, ratio, goal, verdict
