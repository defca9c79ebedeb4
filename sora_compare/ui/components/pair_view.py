"""The pairs of one comparison: the player, timings side by side, and the way to the review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import seconds, size
from sora_compare.ui.components.pairs import pairs_of
from sora_compare.ui.components.playing import play
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.boundary import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take, Timings
    from sora_compare.ui.components.pairs import Pair

TIMING_WORDS = {
    "queued_s": "Queued",
    "render_s": "Rendering",
    "download_s": "Download",
    "first_frame_s": "First frame",
    "total_s": "Total",
    "per_10_s": "Total per 10 s of clip",
    "job_s": "Job at the server",
}
PAIR_PARAMETER = "pair"


def render_pairs(files: ClipFiles, comparison: Comparison, takes: Sequence[Take]) -> None:
    """The chosen pair, once both of its clips are there."""
    pairs = pairs_of(comparison, takes)
    if not pairs:
        return
    pair = pairs[0] if len(pairs) == 1 else _choose(pairs)

    @guarded
    def draw() -> None:
        play(files, pair, "compare")

    st.fragment(draw, key=f"compare/play/{pair.id}")()
    with st.container(horizontal=True):
        if st.button("Score this pair", type="primary", icon=":material/rate_review:", key=f"score/{pair.id}"):
            st.switch_page(pages.REVIEW, query_params={PAIR_PARAMETER: pair.id})
    with st.expander("Timings and files", icon=":material/timer:"):
        st.table(_details(pair), border="horizontal", alt="Timings and files of both takes")


def _choose(pairs: Sequence[Pair]) -> Pair:
    numbers = [pair.repeat for pair in pairs]
    key = f"compare/pair/{pairs[0].comparison.id}"
    chosen = st.segmented_control(
        "Pair", numbers, key=key, default=numbers[0], required=True, format_func=lambda one: f"Pair {one + 1}"
    )
    return next(pair for pair in pairs if pair.repeat == chosen)


def _details(pair: Pair) -> dict[str, list[str]]:
    words = [*TIMING_WORDS.values(), "Picture", "As asked for", "Frames", "Sound", "File", "Model as echoed", "Job"]
    return {"": words, "A": _of_take(pair.a), "B": _of_take(pair.b)}


def _of_take(take: Take) -> list[str]:
    timings: Timings = take.timings
    durations = [seconds(getattr(timings, name)) for name in TIMING_WORDS]
    clip = take.clip
    if clip is None:
        return [*durations, "", "", "", "", "", "", ""]
    return [
        *durations,
        f"{clip.width}x{clip.height}, {clip.video_codec}",
        ", ".join(take.deviations) or "yes",
        f"{clip.frames} at {float(clip.frame_rate):.3f} per second",
        f"{clip.audio_codec}" if clip.has_audio else "none",
        size(clip.bytes),
        f"{take.other_model}: not the one asked for" if take.other_model else take.echoed_model or "not said",
        take.job_id or "none",
    ]
