"""What a clip's container says about where it comes from, and copies without it. `unmark` runs in a clip worker."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import av

from sora_compare.clips.files import atomic_file
from sora_compare.clips.probe import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from av.container import InputContainer, OutputContainer

    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.worker import ClipWorker

UNMARKED = ".unmarked.mp4"
SILENT_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "language"})
SILENT_HANDLERS = frozenset({"", "videohandler", "soundhandler"})
SILENT_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"wide", b"moof", b"mfra", b"sidx", b"styp"})
"""ISO/IEC 14496-12. Provenance (C2PA), such as who made the clip, lies in boxes of other types."""
EMPTY_BOX = 8
LARGE_SIZE, TO_THE_END = 1, 0


def unmark(path: Path, target: Path) -> bool:
    """Write a copy without tags and foreign boxes, if the clip has any; its frames and times stay as they are.

    Returns:
        Whether there was something to leave out, and `target` was written.

    Raises:
        NotAVideo: the clip cannot be read.
        NoRoom: the disk is full.
    """
    with opened(path) as (_, source):
        if not (_has_telling_tags(source) or _has_foreign_boxes(path)):
            return False
        with atomic_file(target) as part, av.open(str(part), "w", format="mp4", options=_flags()) as out:
            _copy(source, out)
    return True


def _flags() -> dict[str, str]:
    return {"movflags": "+faststart", "fflags": "+bitexact"}


def _copy(source: InputContainer, out: OutputContainer) -> None:
    kept = [*source.streams.video[:1], *source.streams.audio[:1]]
    streams = {one.index: out.add_stream_from_template(one) for one in kept}
    for stream in streams.values():
        stream.metadata.clear()
    for packet in source.demux(*kept):
        # The last, empty packet of each stream only ends it.
        if packet.dts is not None:
            packet.stream = streams[packet.stream.index]
            out.mux(packet)


def _has_telling_tags(source: InputContainer) -> bool:
    every: list[Mapping[str, str]] = [source.metadata, *(one.metadata for one in source.streams)]
    return any(_tells(name, value) for tags in every for name, value in tags.items())


def _tells(name: str, value: str) -> bool:
    if name.casefold() == "handler_name":
        return value.casefold() not in SILENT_HANDLERS
    return name.casefold() not in SILENT_TAGS


def _has_foreign_boxes(path: Path) -> bool:
    return any(kind not in SILENT_BOXES or (kind == b"free" and size > EMPTY_BOX) for kind, size in _boxes(path))


def _boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """Type and size of the boxes at the top of an MP4 file; other containers show as one unknown box."""
    end = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        while at + EMPTY_BOX <= end:
            file.seek(at)
            size, kind = int.from_bytes(file.read(4)), file.read(4)
            if size == LARGE_SIZE:
                size = int.from_bytes(file.read(8))
            size = end - at if size == TO_THE_END else size
            yield kind, size
            at += max(size, EMPTY_BOX)


class UnmarkedClips:
    """Finds the file to serve to somebody who must not learn where a clip comes from; makes it at the first need."""

    def __init__(self, files: ClipFiles, worker: ClipWorker) -> None:
        self._files = files
        self._worker = worker
        self._lock = threading.Lock()
        self._silent: set[str] = set()

    def path(self, sha256: str) -> Path:
        """The clip as it is when it tells nothing, else its copy.

        Raises:
            UnknownRecord: there is no such clip.
            ClipError: the copy cannot be made.
        """
        original, copy = self._files.path(sha256), self._files.beside(sha256, UNMARKED)
        with self._lock:
            if sha256 not in self._silent and not copy.is_file() and not self._worker.unmark(original, copy):
                self._silent.add(sha256)
            return original if sha256 in self._silent else copy
