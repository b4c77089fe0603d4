import pytest

from detectors import sharding


@pytest.fixture(autouse=True)
def nobody_says_that_they_are_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """They say it on a connection of their own, which does not see a test's rows."""
    monkeypatch.setattr(sharding, "EVERY", 600)
