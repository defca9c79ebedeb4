"""How quick a page stays while clips are rendered: click to finished rerun, measured inside the browser."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure
from sora_compare.settings import PROJECT
from tests.browser.chromium import FLAGS, find_chromium
from tests.server.running import RunningApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

RERUNS = 40
READY_S = 60.0
CLIP_SECONDS = "20"
"""Long clips, so that both are still rendering at the last rerun; `is_rendering` checks it."""


def rerun_p95() -> Figure:
    """The 95th percentile of click-to-done on a page of the app while two clips render, over the same when idle."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        app = RunningApp(home, Path(folder) / "log", SORA_COMPARE_SIMULATOR_SPEED="10").wait()
        try:
            idle, busy = _idle_and_busy(app.url, home)
        finally:
            app.end()
    return Figure("rerun_p95", _p95(busy), "ms", "the same reruns when idle", _p95(busy) / _p95(idle), len(busy))


def _idle_and_busy(url: str, home: Path) -> tuple[list[float], list[float]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.get_by_role("textbox", name="Prompt").wait_for(timeout=READY_S * 1000)
        page.get_by_role("button", name="More").click()
        page.get_by_text("Make new clips").wait_for()
        idle = _measured(page)
        with _rendering(home):
            busy = _measured(page)
        browser.close()
    return idle, busy


def _measured(page: Page) -> list[float]:
    label = page.get_by_text("Make new clips").first
    values = []
    for _ in range(RERUNS):
        started = time.monotonic()
        label.click()
        page.wait_for_function(
            "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
        )
        values.append((time.monotonic() - started) * 1000)
        page.wait_for_timeout(100)
    return values


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


@contextmanager
def _rendering(home: Path) -> Iterator[None]:
    """Two long clips on their way, through the runner of the app under test."""
    command = [
        sys.executable,
        "-m",
        "sora_compare",
        "compare",
        "A basketball shot",
        "--seconds",
        CLIP_SECONDS,
        "--fresh",
    ]
    environment = {**os.environ, "SORA_COMPARE_HOME": str(home)}
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        time.sleep(3)
        yield
        was_rendering = process.poll() is None
        process.terminate()
    if not was_rendering:
        raise RuntimeError("The clips were done before the last rerun: nothing was measured under load.")
