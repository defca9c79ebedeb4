"""Fifty reviewers at once on one process of the app, over real sockets, beside one reviewer alone.

Each comes by the invitation as a browser does: the join form, its cookie, then Streamlit's own WebSocket protocol.
A submit is timed from the saved scores to the moment at which the next pair's score pad has arrived. Nothing is played,
so that reviewers submit far more often than people do: after each pair one waits for THINKING_S.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect
from websockets.typing import Origin as WebOrigin
from websockets.typing import Subprotocol

from benchmarks.figures import Figure
from sora_compare.domain.clips import Clip
from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.sessions import PairRef, Protocol
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take, TakeState
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.server.running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.asyncio.client import ClientConnection

    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.services import Services

REVIEWERS = 50
SECONDS = 300.0
ALONE_S = 20.0
THINKING_S = 10.0
"""Far below what watching two clips takes."""
PAIRS = 200
PAD = "sora_compare_score_pad"
LATE_S = 60.0
TOKEN = "the-owner-of-the-benchmark"  # noqa: S105  # of a server that lives as long as this run
PROJECT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Tally:
    """What the reviewers did: submits sent, seconds until the next pair was there."""

    sent: int = 0
    waits_s: list[float] = field(default_factory=list)
    late: int = 0


def figures(seconds: float = SECONDS, reviewers: int = REVIEWERS) -> list[Figure]:
    """The figures of `python -m benchmarks reviewers`."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)
        session = _session(opened)
        _, token = opened.sessions.admission.invite(session.id)
        with _app(home, Path(folder) / "log") as (url, pid):
            alone = asyncio.run(_review(url, token, 1, min(ALONE_S, seconds), "Alone"))
            before = _rss(pid)
            many = asyncio.run(_review(url, token, reviewers, seconds, "Guest"))
            grown = _rss(pid) - before
        stored = len(opened.sessions.progress.reviews(session))
        opened.close()
    sent = alone.sent + many.sent
    ours, theirs = _p95(many.waits_s), _p95(alone.waits_s)
    return [
        Figure("sent", sent, "count"),
        Figure("stored", stored, "count"),
        Figure("lost", sent - stored, "count"),
        Figure("submit_p95", ours, "s", "one reviewer alone", ours / theirs, len(many.waits_s)),
        Figure("later_than_a_minute", many.late, "count"),
        Figure("rss_per_reviewer", grown / reviewers / 1e6, "MB", n=reviewers),
    ]


def _p95(waits_s: list[float]) -> float:
    if not waits_s:
        raise RuntimeError("No reviewer got a next pair: the app is not keeping up at all.")
    return statistics.quantiles(waits_s, n=20, method="inclusive")[-1] if len(waits_s) > 1 else waits_s[0]


# The room


def _session(opened: Services) -> ReviewSession:
    clip = opened.files.incoming("benchmark")
    clip.write(b"nothing is played here")
    sha256 = clip.save(".mp4")
    pairs = tuple(_pair(opened, sha256, number) for number in range(PAIRS))
    protocol = Protocol(must_watch=False, hidden_repeats=0, same_clip_pairs=0)
    return opened.sessions.admin.create("Benchmark", pairs, protocol=protocol)


def _pair(opened: Services, sha256: str, number: int) -> PairRef:
    now, settings = time.time(), ClipSettings(4, "1280x720")
    arms = (Arm(ArmLabel.A, "lab", "one"), Arm(ArmLabel.B, "lab", "other"))
    made = Comparison(new_identifier("cmp"), f"Pair {number}", settings, arms, now)
    clip = Clip(sha256, 22, "mp4", "h264", 1280, 720, "30/1", 120, 4.0, has_audio=False)
    takes = []
    for arm in arms:
        request = ClipRequest(arm.model, made.prompt, settings)
        print_ = fingerprint("lab", request, 0)
        moments = Moments(planned=now, ended=now)
        takes.append(
            Take(new_identifier("take"), made.id, arm.label, "lab", Origin.IMPORTED, request, print_, moments,
                 state=TakeState.COMPLETED, clip=clip)
        )  # fmt: skip
    opened.store.comparisons.add(made, takes)
    return PairRef(made.id)


@contextmanager
def _app(home: Path, log: Path) -> Iterator[tuple[str, int]]:
    with httpx2.Client(trust_env=False, timeout=5) as web, log.open("wb") as words:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
            cwd=PROJECT, stdout=words, stderr=words,
            env={**os.environ, "SORA_COMPARE_HOME": str(home), "SORA_COMPARE_OWNER_TOKEN": TOKEN},
        )  # fmt: skip
        try:
            _until_there(web, f"http://127.0.0.1:{port}/api/alive")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(30)


def _until_there(web: httpx2.Client, url: str) -> None:
    while True:
        try:
            if web.get(url).is_success:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)


def _rss(pid: int) -> int:
    """Bytes of memory the process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# The reviewers


async def _review(url: str, token: str, count: int, seconds: float, name: str) -> Tally:
    """That many at once, their starts spread over the time one thinks."""
    tally, end = Tally(), time.monotonic() + seconds
    starts = [THINKING_S * number / count for number in range(count)]
    await asyncio.gather(
        *(_one(url, token, f"{name} {number}", tally, start_s=start, end=end) for number, start in enumerate(starts))
    )
    return tally


async def _one(url: str, token: str, name: str, tally: Tally, *, start_s: float, end: float) -> None:
    await asyncio.sleep(start_s)
    async with httpx2.AsyncClient(trust_env=False, timeout=LATE_S) as web:
        answer = await web.post(f"{url}/join/{token}", data={"name": name})
        cookie = answer.headers["set-cookie"].partition(";")[0]
    stream = url.replace("http", "ws", 1) + "/_stcore/stream"
    async with connect(
        stream,
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": cookie},
        max_size=None,
        proxy=None,
        origin=WebOrigin(url),
    ) as socket:
        await socket.send(_run().SerializeToString())
        pad = await _next_pad(socket, "")
        while time.monotonic() < end:
            began = time.monotonic()
            await socket.send(_save(pad).SerializeToString())
            tally.sent += 1
            try:
                pad = await asyncio.wait_for(_next_pad(socket, pad.item), LATE_S)
            except TimeoutError:
                tally.late += 1
                return
            tally.waits_s.append(time.monotonic() - began)
            await _think(socket, THINKING_S)


async def _think(socket: ClientConnection, seconds: float) -> None:
    """Take what comes meanwhile, as a browser does."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                await socket.recv()
    except TimeoutError:
        return


@dataclass(frozen=True, slots=True)
class Pad:
    """A score pad that arrived: its ids on the page, the item and the criteria it asks for."""

    id: str
    fragment: str
    item: str
    criteria: tuple[str, ...]


def _run() -> BackMsg:
    message = BackMsg()
    message.rerun_script.query_string = ""
    return message


def _save(pad: Pad) -> BackMsg:
    values: dict[str, Any] = {name: [3, 7] for name in pad.criteria}
    message = BackMsg()
    message.rerun_script.fragment_id = pad.fragment
    pad_state = message.rerun_script.widget_states.widgets.add()
    pad_state.id, pad_state.json_value = pad.id, json.dumps({"values": {**values, "preference": 2}})
    state = message.rerun_script.widget_states.widgets.add()
    state.id = _make_trigger_id(pad.id, "events")
    state.json_trigger_value = json.dumps([{"event": "saved", "value": {**values, "preference": 2}}])
    return message


async def _next_pad(socket: ClientConnection, before: str) -> Pad:
    while True:
        frame = await socket.recv()
        message = ForwardMsg.FromString(frame if isinstance(frame, bytes) else frame.encode())
        pad = _pad_in(message)
        if pad and pad.item != before:
            return pad


def _pad_in(message: ForwardMsg) -> Pad | None:
    if message.WhichOneof("type") != "delta" or message.delta.WhichOneof("type") != "new_element":
        return None
    element = message.delta.new_element
    if element.WhichOneof("type") != "bidi_component" or not element.bidi_component.component_name.endswith(PAD):
        return None
    found = element.bidi_component
    data = json.loads(found.json or found.mixed.json)
    names = tuple(one["id"] for one in data["criteria"])
    return Pad(found.id, message.delta.fragment_id, data["item"], names)
