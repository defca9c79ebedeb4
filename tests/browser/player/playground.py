"""What the browser tests and the benchmark of the player stand on: test-card clips, a running app, a pixel reader."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sora_compare.simulator.studio.order import Order
from sora_compare.simulator.studio.render import render_clip

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
READER = (HERE / "reader.js").read_text(encoding="utf-8")
START_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Card:
    """A test-card clip to be made: `seed` changes the file and not what it says."""

    name: str
    fps: str = "30"
    seconds: float = 4.0
    width: int = 640
    height: int = 360
    seed: int = 1


def make_cards(folder: Path, cards: list[Card]) -> None:
    """Render the clips and write what a probe would say of them into clips.json."""
    details = {}
    for card in cards:
        order = Order("", card.seconds, card.width, card.height, card.seed, fps=Fraction(card.fps), scene="testcard")
        path = folder / f"{card.name}.mp4"
        if not path.exists():
            render_clip(path, order)
        details[card.name] = {
            "fps": card.fps,
            "frames": order.frames,
            "duration_s": float(order.frames / order.fps),
            "width": card.width,
            "height": card.height,
            "has_audio": True,
        }
    (folder / "clips.json").write_text(json.dumps(details))


def change_facts(folder: Path, name: str, **details: object) -> None:
    """Say something else of a clip, or make an entry for a file that no card made."""
    endpoint_registry = folder / "clips.json"
    known = json.loads(endpoint_registry.read_text())
    known[name] = known.get(name, {}) | details
    endpoint_registry.write_text(json.dumps(known))


@contextmanager
def serve(clips: Path) -> Iterator[str]:
    """Run the app over these clips; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py"), "--server.port", str(port)]
    command += ["--server.headless", "true", "--logger.level", "warning"]
    environment = os.environ | {"PLAYER_CLIPS": str(clips), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def address(base: str, left: str, right: str, **asked: str) -> str:
    """The page that shows this pair."""
    return f"{base}/?{urlencode({'left': left, 'right': right, **asked})}"


def _wait_for(health: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(health)
