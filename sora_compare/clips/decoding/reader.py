"""The process that touches bytes from outside: one job a line on standard input, one answer a line back.

Started by `ClipWorker`, as `python -m sora_compare.clips.decoding.reader`. It ends when its standard input does, so it
never outlives the process that started it, however that one died.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import sys
import threading
import traceback
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sora_compare.clips.decoding.levelling import make_levelled
from sora_compare.clips.decoding.measure import measure
from sora_compare.clips.decoding.previews import make_preview
from sora_compare.clips.decoding.probe import first_frame_is_there, probe
from sora_compare.clips.decoding.thumbnails import make_poster, make_sprite
from sora_compare.clips.level_rules import Level
from sora_compare.clips.unmarking import unmark
from sora_compare.errors import ClipError, NotAVideo

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

MEMORY_BYTES = 4 * 1024**3
"""Address space; a reader at rest takes about 0.3 GiB of it, decoding a clip of 4K about 1 GiB."""


def _probe(path: Path, sha256: str) -> dict[str, Any]:
    return asdict(probe(path, sha256=sha256))


def _measure(path: Path) -> dict[str, Any]:
    return asdict(measure(path))


def _poster(path: Path, target: str) -> tuple[int, int]:
    return make_poster(path, Path(target))


def _sprite(path: Path, target: str, duration_s: float) -> dict[str, Any]:
    return asdict(make_sprite(path, Path(target), duration_s=duration_s))


def _preview(path: Path, target: str, fps: str) -> None:
    make_preview(path, Path(target), fps=Fraction(fps))


def _level(path: Path, target: str, level: dict[str, Any]) -> None:
    make_levelled(path, Path(target), Level(**level))


def _unmark(path: Path, target: str) -> None:
    unmark(path, Path(target))


JOBS: dict[str, Callable[..., Any]] = {
    "probe": _probe,
    "first_frame": first_frame_is_there,
    "measure": _measure,
    "poster": _poster,
    "sprite": _sprite,
    "preview": _preview,
    "level": _level,
    "unmark": _unmark,
}


def main() -> None:
    """Do jobs until standard input ends."""
    sys.excepthook = _end_at_once
    _limit_memory()
    answers = _own_output()
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(jobs,), daemon=True).start()
    answer: dict[str, Any] = {"is_ready": True}
    while True:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
        job = json.loads(jobs.get())
        _limit_cpu(job.pop("cpu_s"))
        answer = _answer(job)


def _end_at_once(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Say what happened and go; an orderly end can wait for decoder threads for ever."""
    traceback.print_exception(kind, error, trace)
    sys.stderr.flush()
    os._exit(1)


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    do, path = JOBS[job.pop("do")], Path(job.pop("path"))
    try:
        return {"done": do(path, **job)}
    except ClipError as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(NotAVideo("reading it needs more memory than is allowed"))
    except OSError as error:
        return _refusal(NotAVideo(f"it cannot be opened: {(error.strerror or str(error)).lower()}"))


def _refusal(error: ClipError) -> dict[str, Any]:
    return {"refused": type(error).__name__, "sentence": str(error)}


def _listen(jobs: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        jobs.put(line)
    os._exit(0)


def _own_output() -> TextIO:
    """Standard output for answers alone: what libraries print there goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: int) -> None:
    """From now on; the system ends this process when it uses more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


if __name__ == "__main__":
    main()
