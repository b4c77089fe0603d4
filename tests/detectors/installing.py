"""Detectors of tests, as other packages bring theirs: so children have them, too."""

from pathlib import Path

import pytest


def install(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, path: str) -> None:
    """As an entry point, such as "tests.detectors.small:Words"."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[annotator.detectors]\n{name} = {path}\n")
    monkeypatch.syspath_prepend(folder)
