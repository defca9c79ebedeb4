"""Copies of clips without what their containers say about where they come from. Runs in a clip worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
from av.bitstream import BitStreamFilterContext

from sora_compare.clips.decoding.probe import opened
from sora_compare.clips.files import atomic_file

if TYPE_CHECKING:
    from pathlib import Path

    from av.container import InputContainer, OutputContainer


def unmark(path: Path, target: Path) -> None:
    """Write a copy without tags, foreign boxes and the encoder's words of itself; frames and times stay as they are.

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
    return {"movflags": "+faststart", "fflags": "+bitexact", "write_btrt": "0"}


SIDE_UNITS = {"h264": "6", "hevc": "39-40"}
"""SEI units (ITU-T H.264 table 7-1, H.265 table 7-1), where encoders write their name and options."""


def _copy(source: InputContainer, out: OutputContainer) -> None:
    kept = [*source.streams.video[:1], *source.streams.audio[:1]]
    streams = {one.index: out.add_stream_from_template(one) for one in kept}
    for stream in streams.values():
        stream.metadata.clear()
    filters = {
        one.index: BitStreamFilterContext(f"filter_units=remove_types={units}", one, streams[one.index])
        for one in kept
        if (units := SIDE_UNITS.get(one.codec_context.name))
    }
    for packet in source.demux(*kept):
        # The last, empty packet of each stream only ends it.
        if packet.dts is None:
            continue
        index = packet.stream.index
        for plain in filters[index].filter(packet) if index in filters else [packet]:
            plain.stream = streams[index]
            out.mux(plain)
