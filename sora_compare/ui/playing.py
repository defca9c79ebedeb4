"""A pair in the player, with what must be known of both clips before they are judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.clips import differences, gains
from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.clips import download_url, playable_url, poster_url, sprites
from sora_compare.ui.formats import plain
from sora_compare.ui.player import PlayerClip, PlayerMissing, ViewState, player

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.takes import Take
    from sora_compare.ui.pairs import Pair
    from sora_compare.ui.player import Marker, PlayerCommand, PlayerResult

LINK = "view"


def play(
    files: ClipFiles,
    pair: Pair,
    where: str,
    *,
    markers: Sequence[Marker] = (),
    on_report: Callable[[], None] | None = None,
    command: PlayerCommand | None = None,
) -> PlayerResult:
    """Draw the player for a pair; `where` tells two pages' players of one pair apart."""
    for sentence in _differences(pair):
        st.caption(f":material/info: {plain(sentence)}")
    gain_a, gain_b = gains(*(take.clip for take in (pair.a, pair.b) if take.clip))
    return player(
        _side(files, pair.a, gain_a),
        _side(files, pair.b, gain_b),
        key=player_key(where, pair),
        markers=markers,
        view=ViewState.from_link(st.query_params.get(LINK)),
        link_parameter=LINK,
        on_report=on_report,
        command=command,
    )


def player_key(where: str, pair: Pair) -> str:
    """The session key under which the pair's player keeps its state."""
    return f"{where}/player/{pair.id}"


def _differences(pair: Pair) -> list[str]:
    return differences(pair.a.clip, pair.b.clip) if pair.a.clip and pair.b.clip else []


def _side(files: ClipFiles, take: Take, gain_db: float) -> PlayerClip | PlayerMissing:
    clip = take.clip
    if clip is None or not files.has(clip.sha256):
        return PlayerMissing(take.arm, "its file is no longer in the data folder")
    return PlayerClip(
        url=playable_url(files, clip),
        fps=clip.fps,
        frames=clip.frames,
        duration_s=clip.duration_s,
        width=clip.width,
        height=clip.height,
        has_audio=clip.has_audio,
        label=take.arm,
        gain_db=gain_db,
        poster_url=poster_url(files, clip),
        sprites=sprites(files, clip),
        original_url=download_url(clip),
        flashes=bool(clip.has_flashes),
        color=f"var(--st-{'blue' if take.arm is ArmLabel.A else 'orange'}-color)",
    )
