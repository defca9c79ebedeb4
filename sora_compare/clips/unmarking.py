"""Copies of clips without what their containers say about where they come from. Runs in a clip worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from sora_compare.clips.files import atomic_file
from sora_compare.clips.probe import opened

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer, OutputContainer


def unmark(path: Path, target: Path) -> None:
    """Write a copy without tags and foreign boxes; its frames and times stay as they are.

    A clip that has none is written anew too: two clips of a pair are laid out the same way then.

    Raises:
        NotAVideo: the clip cannot be read.
        NoRoom: the disk is full.
    """
    with (
        opened(path) as (_, source),
        atomic_file(target) as part,
        av.open(str(part), "w", format="mp4", options=_flags()) as out,
    ):
        _copy(source, out)


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
