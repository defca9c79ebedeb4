"""Copies of clips without what their containers say about where they come from. Runs in a clip worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from sora_compare.clips.containers import boxes
from sora_compare.clips.files import atomic_file
from sora_compare.clips.probe import opened

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from av.container import InputContainer, OutputContainer

SILENT_TAGS = frozenset({"major_brand", "minor_version", "compatible_brands", "language"})
SILENT_HANDLERS = frozenset({"", "videohandler", "soundhandler"})
SILENT_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"wide", b"moof", b"mfra", b"sidx", b"styp"})
"""ISO/IEC 14496-12. Provenance (C2PA), such as who made the clip, lies in boxes of other types."""


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
    with path.open("rb") as file:
        found = list(boxes(file, path.stat().st_size))
    return any(box.kind not in SILENT_BOXES or (box.kind == b"free" and box.end > box.content) for box in found)
