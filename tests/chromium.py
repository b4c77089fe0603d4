"""The browser of tests and benchmarks: the one that .ci/chromium has found or installed."""

import os
import shutil

from playwright.sync_api import Browser, Playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
OPTIONS += ["--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]


BROWSERS = ("chromium-headless-shell", "chromium")


def launch(playwright: Playwright, *options: str, best: str = BROWSERS[0]) -> Browser:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, (best, *BROWSERS))), None)
    return playwright.chromium.launch(executable_path=path, args=[*OPTIONS, *options])
