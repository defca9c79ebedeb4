"""How well two clips stay together in the player, beside two plain `st.video` started together in the same run.

Frame numbers are read from the pixels of both sides in one animation frame, in headless Chromium, from test cards.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import statistics
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.player.playground import READER, Card, address, make_cards, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.synchronize import Event

    from playwright.sync_api import Browser, Page

RATES = {"23976": "24000/1001", "24": "24", "25": "25", "2997": "30000/1001", "30": "30", "60": "60"}
PAIRS = (("24", "24"), ("30", "30"), ("24", "30"))
PLAIN = "two st.video started together"
DRIVER = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
SETTLING_MS = 1000
"""Drift in frames counts after the first second."""
SHORT_S = 6.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured; what runs beside it may be measured less often."""

    playback_s: float = 60.0
    pauses: int = 1000
    steps: int = 1000
    seeks: int = 200
    plain_pauses: int = 200
    plain_steps: int = 100


@dataclass(frozen=True, slots=True)
class Drift:
    """What a run of playback showed: ms and frames apart at each refresh, and the share of frames that were shown."""

    apart_ms: list[float]
    apart_frames: list[int]
    shown: float

    @property
    def p95_ms(self) -> float:
        """The 95th percentile."""
        ranked = sorted(self.apart_ms)
        return ranked[math.ceil(0.95 * len(ranked)) - 1]


class Bench:
    """A browser over the app with the clips; opens the player or the plain page and measures there."""

    def __init__(self, browser: Browser, base: str) -> None:
        self._browser, self._base = browser, base

    @contextmanager
    def page(self, left: str, right: str, *, is_plain: bool) -> Iterator[Page]:
        """A page that shows this pair, ready to be driven."""
        page = self._browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(0)
        asked = {"plain": "1"} if is_plain else {}
        page.goto(address(self._base, left, right, **asked))
        ready = "[data-testid=stVideo] >> nth=1" if is_plain else ".pane.painted >> nth=1"
        page.wait_for_selector(ready, timeout=30_000)
        page.add_script_tag(content=READER)
        page.add_script_tag(content=DRIVER)
        page.wait_for_function("cards.pictures().every((one) => cards.read(one) >= 0)", timeout=30_000)
        yield page
        page.close()

    def run(self, left: str, right: str, fps: float, call: str, *, is_plain: bool, **given: float) -> Any:  # noqa: ANN401 - JSON from the page
        """The result of one of the measures in player_sync.js."""
        with self.page(left, right, is_plain=is_plain) as page:
            kind = f"measure.plain({fps})" if is_plain else "measure.player()"
            return page.evaluate(f"(given) => measure.{call}({kind}, ...Object.values(given))", given)


def figures(plan: Plan = Plan()) -> list[Figure]:
    """All figures of the player; takes about a quarter of an hour."""
    with tempfile.TemporaryDirectory() as folder:
        make_cards(Path(folder), _cards(plan))
        with serve(Path(folder)) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
            bench = Bench(browser, base)
            measured = []
            for measure in (_seeks, _pauses, _steps, _drift):
                found = measure(bench, plan)
                print(
                    *(f"{figure.name}: {figure.value:g} {figure.unit}" for figure in found), sep="\n", file=sys.stderr
                )
                measured += found
            browser.close()
    return measured


def _cards(plan: Plan) -> list[Card]:
    long_s = plan.playback_s + 2
    long = [Card(f"long{name}{seed}", RATES[name], long_s, seed=seed) for name in ("24", "30") for seed in (1, 2)]
    return long + [Card(f"at{name}{seed}", fps, SHORT_S, seed=seed) for name, fps in RATES.items() for seed in (1, 2)]


def _drift(bench: Bench, plan: Plan) -> list[Figure]:
    ours: dict[str, Drift] = {}
    plain: dict[str, Drift] = {}
    with loaded_cpu():
        for left, right in PAIRS:
            for runs, is_plain in ((ours, False), (plain, True)):
                samples = bench.run(
                    f"long{left}1", f"long{right}2", 0, "drift", is_plain=is_plain, ms=plan.playback_s * 1000
                )
                runs[f"{left}_{right}"] = as_drift(samples, int(left), int(right))
    each = [
        _figure(f"drift_p95_ms_{pair}", run.p95_ms, "ms", plain[pair].p95_ms, len(run.apart_ms))
        for pair, run in ours.items()
    ]
    return [
        _figure("drift_p95_ms", _worst(ours, _p95), "ms", _worst(plain, _p95), len(PAIRS)),
        _figure("drift_max_frames", _worst(ours, _most), "frames", _worst(plain, _most), len(PAIRS)),
        *each,
        _figure("frames_shown", _least_shown(ours), "share", _least_shown(plain), len(PAIRS)),
    ]


def as_drift(samples: list[list[float]], left_fps: int, right_fps: int) -> Drift:
    """Read time stamps in ms and two frame numbers each; a number below 0 could not be read."""
    readable = [(at, int(a), int(b)) for at, a, b in samples if min(a, b) >= 0]
    apart = [(at, frames_apart(a, b, left_fps, right_fps)) for at, a, b in readable]
    seen = [a for _, a, _ in readable]
    return Drift(
        apart_ms=[frames * 1000 / right_fps for _, frames in apart],
        apart_frames=[frames for at, frames in apart if at >= SETTLING_MS],
        shown=len(set(seen)) / (max(seen) - min(seen) + 1),
    )


def frames_apart(left: int, right: int, left_fps: int, right_fps: int) -> int:
    """By how many of its frames the right side is off from those that are due while the left one shows its frame."""
    first = left * right_fps // left_fps
    last = -(-(left + 1) * right_fps // left_fps) - 1
    return max(first - right, right - last, 0)


def _pauses(bench: Bench, plan: Plan) -> list[Figure]:
    pair = ("at301", "at302", 30.0, "pauses")
    frames = SHORT_S * 30
    ours = bench.run(*pair, is_plain=False, count=plan.pauses, frames=frames)
    plain = bench.run(*pair, is_plain=True, count=plan.plain_pauses, frames=frames)
    beside = plain * plan.pauses / plan.plain_pauses
    return [_figure("pauses_out_of_step", ours, "count", beside, plan.pauses)]


def _steps(bench: Bench, plan: Plan) -> list[Figure]:
    ours, plain = {}, {}
    for name, text in RATES.items():
        num, _, den = text.partition("/")
        fps = int(num) / int(den or 1)
        pair = (f"at{name}1", f"at{name}2", fps, "steps")
        frames = round(SHORT_S * fps)
        ours[name] = bench.run(*pair, is_plain=False, count=plan.steps, frames=frames)
        problems = bench.run(*pair, is_plain=True, count=plan.plain_steps, frames=frames)
        plain[name] = problems * plan.steps / plan.plain_steps
    each = [_figure(f"steps_wrong_{name}", ours[name], "count", plain[name], plan.steps) for name in RATES]
    whole = _figure("steps_wrong", sum(ours.values()), "count", sum(plain.values()), plan.steps * len(RATES))
    return [whole, *each]


def _seeks(bench: Bench, plan: Plan) -> list[Figure]:
    pair = ("at301", "at302", 30.0, "seeks")
    ours = bench.run(*pair, is_plain=False, count=plan.seeks, frames=SHORT_S * 30)
    plain = bench.run(*pair, is_plain=True, count=plan.seeks, frames=SHORT_S * 30)
    return [_figure("seek_median_ms", statistics.median(ours), "ms", statistics.median(plain), plan.seeks)]


def _figure(name: str, value: float, unit: str, plain: float, n: int) -> Figure:
    ratio = value / plain if plain else None
    return Figure(name, value, unit, f"{PLAIN} ({plain:.3f} {unit})", ratio, n)


def _worst(runs: dict[str, Drift], of: Callable[[Drift], float]) -> float:
    return max(of(run) for run in runs.values())


def _p95(run: Drift) -> float:
    return run.p95_ms


def _most(run: Drift) -> float:
    return max(run.apart_frames)


def _least_shown(runs: dict[str, Drift]) -> float:
    return min(run.shown for run in runs.values())


@contextmanager
def loaded_cpu() -> Iterator[None]:
    """Every core kept busy by a process of its own."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    busy = [context.Process(target=_spin, args=(stop,), daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in busy:
            process.join()


def _spin(stop: Event) -> None:
    while not stop.is_set():
        sum(range(100_000))
