"""The probe reads real files of every kind that servers send, and refuses the rest with a sentence."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from sora_compare.clips.decoding.probe import first_frame_is_there, probe
from sora_compare.errors import ClipError, NotAVideo, Truncated

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHA256 = "ab" * 32


def test_decoders_never_call_python() -> None:
    """A log message from a decoder's thread waits for the interpreter; a container that is being closed holds it."""
    assert av.logging.get_level() is None


def test_a_probe_tells_every_trait(clip: Path) -> None:
    found = probe(clip, sha256=SHA256)
    assert (found.sha256, found.bytes) == (SHA256, clip.stat().st_size)
    assert (found.container, found.extension, found.video_codec, found.pixel_format) == (
        "mp4",
        ".mp4",
        "h264",
        "yuv420p",
    )
    assert (found.width, found.height, found.fps, found.frames, found.duration_s) == (160, 96, "24", 24, 1.0)
    assert (found.has_audio, found.audio_codec, found.audio_rate) == (True, "aac", 48_000)
    assert (found.longest_gop, found.has_b_frames, found.is_variable_rate) == (12, False, False)
    assert not found.has_provenance
    assert (found.loudness_lufs, found.has_flashes) == (None, None), "these take a second step"


@pytest.mark.parametrize(
    ("name", "traits", "container", "codecs"),
    [
        ("a.mp4", {}, "mp4", ("h264", None)),
        ("a.mov", {"amplitude": 0.1}, "mov", ("h264", "aac")),
        ("a.mp4", {"codec": "libx265", "options": {"x265-params": "log-level=none"}}, "mp4", ("hevc", None)),
        ("a.webm", {"codec": "libvpx-vp9", "amplitude": 0.1, "audio_codec": "libopus"}, "webm", ("vp9", "opus")),
        ("a.webm", {"codec": "libvpx", "amplitude": 0.1, "audio_codec": "libopus"}, "webm", ("vp8", "opus")),
        ("a.mkv", {"codec": "libx264", "amplitude": 0.1}, "matroska", ("h264", "aac")),
        ("a.avi", {"codec": "mpeg4"}, "avi", ("mpeg4", None)),
    ],
)
def test_each_container_and_codec_is_told_apart(
    make_clip: Callable[..., Path], name: str, traits: dict[str, object], container: str, codecs: tuple[str, str | None]
) -> None:
    path = make_clip(name, **traits)
    found = probe(path, sha256=SHA256)
    assert (found.container, found.extension) == (container, path.suffix)
    assert (found.video_codec, found.audio_codec) == codecs
    assert (found.frames, found.fps, found.duration_s) == (24, "24", 1.0)
    assert first_frame_is_there(path)


@pytest.mark.parametrize("fps", ["24000/1001", "24", "25", "30000/1001", "30", "60000/1001", "60", "16"])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_frame_rate_is_exact(make_clip: Callable[..., Path], name: str, fps: str) -> None:
    found = probe(make_clip(name, fps=Fraction(fps), frames=50), sha256=SHA256)
    assert found.fps == fps
    assert not found.is_variable_rate
    assert found.duration_s == pytest.approx(float(50 / Fraction(fps)), abs=1e-6)


def test_a_variable_rate_is_noticed(make_clip: Callable[..., Path]) -> None:
    found = probe(make_clip("a.mp4", frames=8, times=[0, 1, 2, 4, 5, 9, 10, 11]), sha256=SHA256)
    assert found.is_variable_rate
    assert found.duration_s == pytest.approx(12 / 24)
    assert found.frame_rate == Fraction(7 * 24, 11)


def test_b_frames_and_long_groups_are_noticed(make_clip: Callable[..., Path]) -> None:
    plain = probe(make_clip("plain.mp4", frames=50, options={"bf": "0", "g": "10"}), sha256=SHA256)
    other = probe(make_clip("other.mp4", frames=50, options={"bf": "2", "g": "40", "sc_threshold": "0"}), sha256=SHA256)
    assert (plain.has_b_frames, plain.longest_gop) == (False, 10)
    assert (other.has_b_frames, other.longest_gop) == (True, 40)


def test_a_frame_that_an_avi_shows_twice_counts_twice(make_clip: Callable[..., Path]) -> None:
    """Libav's muxer writes the first frame so when there is sound."""
    found = probe(make_clip("a.avi", codec="mpeg4", amplitude=0.1, audio_codec="libmp3lame"), sha256=SHA256)
    assert (found.frames, found.fps, found.audio_codec) == (25, "24", "mp3")


def test_a_single_frame_is_a_clip(make_clip: Callable[..., Path]) -> None:
    found = probe(make_clip("a.mp4", frames=1), sha256=SHA256)
    assert (found.frames, found.duration_s) == (1, pytest.approx(1 / 24, abs=1e-6))


def test_a_turned_clip_has_the_size_that_players_show(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    path = make_clip("a.mp4")
    turned = tmp_path / "turned.mp4"
    with av.open(str(path)) as source, av.open(str(turned), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(90)
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    found = probe(turned, sha256=SHA256)
    assert (found.width, found.height) == (96, 160)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def test_c2pa_provenance_is_noticed(clip: Path, tmp_path: Path) -> None:
    manifest = box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"\0\0\0\0manifest\0" + bytes(500))
    other = box(b"uuid", bytes(16) + bytes(500))
    data = clip.read_bytes()
    for extra, is_there in ((manifest, True), (other, False)):
        for place in (len(data), struct.unpack(">I", data[:4])[0] if not is_there else len(data)):
            path = tmp_path / "signed.mp4"
            path.write_bytes(data[:place] + extra + data[place:] if place == len(data) else data + extra)
            assert probe(path, sha256=SHA256).has_provenance is is_there


@pytest.mark.parametrize("keep", [0.02, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("traits", [{"name": "a.mp4"}, {"name": "a.mp4", "faststart": False}, {"name": "a.mkv"}])
def test_a_clip_that_was_cut_off_is_refused(
    make_clip: Callable[..., Path], traits: dict[str, object], keep: float
) -> None:
    path = make_clip(amplitude=0.1, frames=48, **traits)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(Truncated, match="arrived incomplete"):
        probe(path, sha256=SHA256)


def test_an_avi_that_was_cut_off_is_refused(make_clip: Callable[..., Path]) -> None:
    path = make_clip("a.avi", codec="mpeg4")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(Truncated):
        probe(path, sha256=SHA256)


def test_a_clip_whose_index_promises_more_than_its_data_is_refused(clip: Path, tmp_path: Path) -> None:
    """A proxy that shortens the body may leave box sizes that look whole."""
    data = clip.read_bytes()
    start = data.index(b"mdat") - 4
    shorter = data[: start + 3000]
    path = tmp_path / "shortened.mp4"
    path.write_bytes(shorter[:start] + struct.pack(">I", len(shorter) - start) + shorter[start + 4 :])
    with pytest.raises(Truncated):
        probe(path, sha256=SHA256)


def test_a_clip_that_lacks_the_end_of_its_last_frame_is_refused(make_clip: Callable[..., Path]) -> None:
    """Every frame begins, so that counting them is not enough."""
    path = make_clip("a.mp4", options={"bf": "0"})
    data = path.read_bytes()
    start = data.index(b"mdat") - 4
    path.write_bytes(data[:start] + struct.pack(">I", len(data) - 5 - start) + data[start + 4 : -5])
    with pytest.raises(Truncated, match="1 of its packets are cut short"):
        probe(path, sha256=SHA256)


def test_a_matroska_of_unknown_size_that_was_cut_off_is_refused(make_clip: Callable[..., Path]) -> None:
    path = make_clip("a.mkv", frames=72)
    data = bytearray(path.read_bytes())
    segment = data.index(b"\x18\x53\x80\x67")
    data[segment + 4 : segment + 12] = b"\x01" + b"\xff" * 7
    path.write_bytes(data)
    assert probe(path, sha256=SHA256).frames == 72
    cluster = data.rindex(b"\xa3", 0, len(data) * 2 // 3)
    path.write_bytes(data[:cluster])
    with pytest.raises(Truncated, match=r"of 3\.0 s are there"):
        probe(path, sha256=SHA256)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "it is empty"),
        (b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>", "an HTML page"),
        (b"\n  <html>", "an HTML page"),
        (b'{"error": {"message": "expired"}}', "JSON"),
        (b'[{"detail": "x"}]', "JSON"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "a JPEG picture"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(100), "a WebP picture"),
        (b"RIFF\x10\0\0\0WAVEfmt " + bytes(100), "a sound file"),
        (b"\0\0\0\x18ftypavif" + bytes(100), "a HEIF or AVIF picture"),
        (b"#EXTM3U\n/etc/passwd\n", "a playlist"),
        (b"not found\n", "text"),
        (bytes(range(256)), "data of an unknown kind"),
    ],
)
def test_what_is_no_video_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    path = tmp_path / "download"
    path.write_bytes(data)
    with pytest.raises(NotAVideo, match=what):
        probe(path, sha256=SHA256)
    assert not first_frame_is_there(path)


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("aac", rate=48000, layout="stereo")
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=4800)
        frame.sample_rate, frame.pts = 48000, 0
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(NotAVideo, match="sound but no picture"):
        probe(path, sha256=SHA256)


@pytest.mark.parametrize("part", ["first", "last"])
def test_a_whole_file_of_garbage_frames_is_refused(clip: Path, tmp_path: Path, part: str) -> None:
    """The structure is sound, so that only decoding finds it."""
    data = bytearray(clip.read_bytes())
    with av.open(str(clip)) as source:
        packets = [one for one in source.demux(source.streams.video[0]) if one.size]
        chosen = packets[:1] if part == "first" else packets[12:]
        spans = [(one.pos or 0, one.size) for one in chosen]
    for start, size in spans:
        data[start : start + size] = b"\xff" * size
    path = tmp_path / "garbage.mp4"
    path.write_bytes(data)
    with pytest.raises(NotAVideo, match=f"{part} frames? cannot be decoded"):
        probe(path, sha256=SHA256)


def test_the_first_frame_is_seen_while_the_file_grows(make_clip: Callable[..., Path], tmp_path: Path) -> None:
    data = make_clip("a.mp4", amplitude=0.1, frames=48).read_bytes()
    growing = tmp_path / "growing.part"
    assert not first_frame_is_there(growing)
    seen = []
    for end in range(0, len(data) + 1, 500):
        growing.write_bytes(data[:end])
        seen.append(first_frame_is_there(growing))
    assert seen == sorted(seen), "once there, it stays there"
    assert seen.index(True) < len(seen) * 0.6, "long before the end"
    start = data.index(b"mdat")
    assert seen.index(True) * 500 > start, "not before its bytes are there"


def noise(_index: int, width: int, height: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(1).integers(0, 255, (height, width, 3)).astype(np.uint8)


@pytest.mark.parametrize(("codec", "pix_fmt"), [("libx264", "yuv420p"), ("mpeg4", "yuv420p"), ("mjpeg", "yuvj420p")])
def test_half_of_the_first_frame_is_not_a_first_frame(make_clip: Callable[..., Path], codec: str, pix_fmt: str) -> None:
    """Decoders make up the other half."""
    path = make_clip("a.mp4", frames=2, draw=noise, codec=codec, pix_fmt=pix_fmt)
    with av.open(str(path)) as source:
        first = next(source.demux(source.streams.video[0]))
        start, size = first.pos or 0, first.size
    data = path.read_bytes()
    for share, is_there in ((0.5, False), (0.9, False), (1.0, True)):
        path.write_bytes(data[: start + int(size * share)])
        assert first_frame_is_there(path) is is_there


def test_an_index_at_the_end_shows_no_frame_before_it_is_there(make_clip: Callable[..., Path]) -> None:
    path = make_clip("a.mp4", faststart=False)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    assert not first_frame_is_there(path)
    path.write_bytes(data)
    assert first_frame_is_there(path)


def test_a_flipped_bit_gives_a_clip_or_a_sentence(clip: Path, tmp_path: Path) -> None:
    """Every 37th byte of the structure turned around, one at a time: never a traceback."""
    data = clip.read_bytes()
    path = tmp_path / "damaged.mp4"
    refused = 0
    for place in range(0, data.index(b"mdat") + 4, 37):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            probe(path, sha256=SHA256)
        except ClipError:
            refused += 1
    assert refused
