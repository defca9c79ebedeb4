"""The processes that read clips: limits hold, hostile files hurt nobody, nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from sora_compare.clips.decoding import process
from sora_compare.clips.decoding.process import Job, Reader, ReaderDied
from sora_compare.clips.decoding.worker import ClipWorker
from sora_compare.errors import ClipError, NoRoom, NotAVideo, Truncated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHA256 = "ab" * 32
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def worker() -> Iterator[ClipWorker]:
    with ClipWorker() as opened:
        yield opened


def readers_of(pid: int) -> list[psutil.Process]:
    """The reading processes that a process has started."""
    return [one for one in psutil.Process(pid).children() if "sora_compare.clips.decoding.reader" in one.cmdline()]


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_so()


async def test_every_job_is_done_apart(worker: ClipWorker, clip: Path, tmp_path: Path) -> None:
    found = await worker.probe(clip, SHA256)
    assert (found.sha256, found.frames, found.fps) == (SHA256, 24, "24")
    assert await worker.first_frame_is_there(clip)
    assert await worker.poster(clip, tmp_path / "poster.jpg") == (160, 96)
    assert (await worker.measure(clip)).loudness_lufs == pytest.approx(-20, abs=0.2)
    assert (await worker.sprite(clip, tmp_path / "sprite.jpg", duration_s=1.0)).tiles == 4
    await worker.preview(clip, tmp_path / "preview.mp4", fps=Fraction(24))
    assert worker.probe_now(tmp_path / "preview.mp4", SHA256).frames == 24
    assert sorted(os.listdir(tmp_path)) == ["poster.jpg", "preview.mp4", "sprite.jpg"]  # noqa: PTH208  # ASYNC240 refuses iterdir


def test_refusals_come_back_as_they_were_meant(worker: ClipWorker, clip: Path, tmp_path: Path) -> None:
    page, half = tmp_path / "page.mp4", tmp_path / "half.mp4"
    page.write_text("<html>502</html>")
    half.write_bytes(clip.read_bytes()[:3000])
    with pytest.raises(
        NotAVideo, match=r"^The file is not a video that can be read \(it seems to be an HTML page\)\.$"
    ):
        worker.probe_now(page, SHA256)
    with pytest.raises(Truncated, match=r"^The clip arrived incomplete"):
        worker.probe_now(half, SHA256)
    with pytest.raises(NotAVideo, match="no such file"):
        worker.probe_now(tmp_path / "missing.mp4", SHA256)
    with pytest.raises(NotAVideo, match="directory"):
        worker.probe_now(tmp_path, SHA256)


async def test_a_full_disk_comes_back_as_one(worker: ClipWorker, clip: Path, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(1_040_000))
    with pytest.raises(NoRoom, match="is full"):
        await worker.preview(clip, small_disk / "preview.mp4", fps=Fraction(24))


def test_many_threads_and_loops_share_the_readers(worker: ClipWorker, clip: Path) -> None:
    found: list[str] = []

    def ask(number: int) -> None:
        sha256 = f"{number:064x}"
        found.append(asyncio.run(worker.probe(clip, sha256)).sha256)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"{number:064x}" for number in range(20)]
    assert len(readers_of(os.getpid())) <= 2, "one for quick jobs, one for slow ones"


def test_a_killed_reader_is_replaced_and_the_clip_is_read(worker: ClipWorker, clip: Path) -> None:
    worker.probe_now(clip, SHA256)
    for reader in readers_of(os.getpid()):
        reader.send_signal(signal.SIGKILL)
        reader.wait()
    assert worker.probe_now(clip, SHA256).frames == 24


def test_a_job_that_never_ends_is_stopped(tmp_path: Path) -> None:
    """A pipe that nobody writes to blocks whoever opens it."""
    os.mkfifo(tmp_path / "endless.mp4")
    reader = Reader()
    job = Job("probe", tmp_path / "endless.mp4", 1, {"sha256": SHA256})
    with pytest.raises(NotAVideo, match="took longer than 1 s and was stopped"):
        reader.request(job)
    assert not reader.is_alive
    reader.stop()


def test_a_reader_that_breaks_twice_refuses_the_file_and_goes_on(
    worker: ClipWorker, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The jobs' line is bent so that the reader stops as it would on a file that crashes it."""
    whole = Job.line
    monkeypatch.setattr(Job, "line", lambda job: "{broken\n" if job.path.name == "crash.mp4" else whole(job))
    with pytest.raises(NotAVideo, match="breaks the program that reads it"):
        worker.probe_now(clip.with_name("crash.mp4"), SHA256)
    assert worker.probe_now(clip, SHA256).frames == 24


def test_what_a_reader_says_is_checked(worker: ClipWorker, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "request", lambda _reader, _job: {"done": {"width": "<script>"}})
    with pytest.raises(NotAVideo, match="breaks the program"):
        worker.probe_now(clip, SHA256)


def test_a_reader_has_limits_and_holds_no_key(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-do-not-pass-on")
    reader = Reader()
    assert reader.request(Job("probe", clip, 10, {"sha256": SHA256}))["done"]["frames"] == 24
    limits = Path(f"/proc/{reader.pid}/limits").read_text("ascii")
    record = {line[:25].strip(): line[25:].split()[0] for line in limits.splitlines()[1:]}
    assert int(record["Max address space"]) == 4 * 1024**3
    assert 10 < int(record["Max cpu time"]) < 20
    assert record["Max core file size"] == "0"
    assert b"sk-do-not-pass-on" not in Path(f"/proc/{reader.pid}/environ").read_bytes()
    reader.stop()


def test_a_clip_of_absurd_size_is_refused_within_the_memory_limit(
    worker: ClipWorker, make_clip: Callable[..., Path]
) -> None:
    """A VP8 key frame that says 16383 x 16383, eight times over."""
    path = make_clip("bomb.webm", codec="libvpx", frames=8, options={"g": "1"})
    dimensions = (160).to_bytes(2, "little") + (96).to_bytes(2, "little")
    data = path.read_bytes()
    assert data.count(b"\x9d\x01\x2a" + dimensions) == 8
    path.write_bytes(data.replace(b"\x9d\x01\x2a" + dimensions, b"\x9d\x01\x2a\xff\x3f\xff\x3f"))
    with pytest.raises(ClipError):
        worker.probe_now(path, SHA256)


def test_closing_leaves_no_process_and_refuses_further_clips(clip: Path) -> None:
    before = set(readers_of(os.getpid()))
    worker = ClipWorker(quick=2)
    worker.warm()
    worker.probe_now(clip, SHA256)
    assert len(set(readers_of(os.getpid())) - before) == 2
    worker.close()
    assert set(readers_of(os.getpid())) == before
    with pytest.raises(ClipError, match="closing"):
        worker.probe_now(clip, SHA256)


def test_warming_twice_at_once_starts_each_reader_once() -> None:
    """The runner and the server both do it."""
    before = set(readers_of(os.getpid()))
    worker = ClipWorker(quick=2)
    threads = [threading.Thread(target=worker.warm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(readers_of(os.getpid())) - before) == 2
    worker.close()


def test_closing_does_not_wait_for_a_job_at_work(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.mp4")
    worker = ClipWorker()
    outcome: list[Exception] = []

    def ask() -> None:
        try:
            worker.probe_now(tmp_path / "endless.mp4", SHA256)
        except ClipError as error:
            outcome.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert eventually(lambda: len(worker._quick._readers) == 1)
    worker.close()
    asking.join(timeout=20)
    assert len(outcome) == 1


def test_a_reader_that_cannot_start_says_what_to_do(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "READER", (sys.executable, "-c", "raise SystemExit(1)"))
    with ClipWorker() as worker, pytest.raises(ClipError, match=r"does not start.*clips\.decoding\.reader") as caught:
        worker.probe_now(clip, SHA256)
    assert not isinstance(caught.value, NotAVideo), "the clip is not to blame"


UNGUARDED = """
import os, sys, time
from pathlib import Path
from sora_compare.clips.decoding.worker import ClipWorker
with Path(sys.argv[2]).open("a") as runs:
    runs.write("run ")
worker = ClipWorker()
print(worker.probe_now(Path(sys.argv[1]), "ab" * 32).frames, flush=True)
if "stay" in sys.argv:
    time.sleep(60)
worker.close()
"""


def test_a_program_without_a_main_guard_is_run_once(clip: Path, tmp_path: Path) -> None:
    """As `streamlit run app.py` does with its main module."""
    script, runs = tmp_path / "app.py", tmp_path / "runs"
    script.write_text(UNGUARDED)
    done = subprocess.run(
        [sys.executable, script, clip, runs],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr, runs.read_text()) == ("24\n", "", "run ")


def test_a_module_in_the_working_folder_cannot_take_the_place_of_a_library(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "av.py").write_text("raise SystemExit('not the library')")
    (tmp_path / "elsewhere").mkdir()
    script = tmp_path / "elsewhere" / "app.py"
    script.write_text(UNGUARDED)
    done = subprocess.run(
        [sys.executable, script, clip, tmp_path / "runs"],
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "24\n"


def test_readers_end_when_their_parent_is_killed(clip: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", UNGUARDED, str(clip), str(tmp_path / "runs"), "stay"]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "24\n"
        readers = readers_of(parent.pid)
        assert readers
        parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not any(one.is_running() and one.status() != "zombie" for one in readers))


def test_a_reader_that_died_says_so() -> None:
    reader = Reader()
    reader.request(Job("first_frame", Path("/nowhere"), 5, {}))
    reader.kill()
    with pytest.raises(ReaderDied):
        reader.request(Job("first_frame", Path("/nowhere"), 5, {}))
    reader.stop()
