"""A pair in the player, with what must be known of both clips before they are judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.clips import differences, gains
from sora_compare.ui.components.clip_urls import download_url, playable_url, poster_url, sprites
from sora_compare.ui.components.formats import escape_markdown
from sora_compare.ui.components.player import PlayerClip, PlayerMissing, ViewState, player
from sora_compare.ui.components.sides import SIDES, Sides

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.takes import Take
    from sora_compare.ui.components.pairs import Pair
    from sora_compare.ui.components.player import Marker, PlayerCommand, PlayerResult

LINK = "view"
BY_ARM = Sides()


def play(
    files: ClipFiles,
    pair: Pair,
    where: str,
    *,
    sides: Sides = BY_ARM,
    markers: Sequence[Marker] = (),
    on_report: Callable[[], None] | None = None,
    command: PlayerCommand | None = None,
) -> PlayerResult:
    """Draw the player for a pair; `where` tells two pages' players of one pair apart."""
    for sentence in () if sides.is_blind else _differences(pair):
        st.caption(f":material/info: {escape_markdown(sentence)}")
    takes = sides.takes(pair)
    levels = gains(*(take.clip for take in takes if take.clip))
    shown = [
        _side(files, take, gain_db, sides.label(side), sides.color(side))
        for take, gain_db, side in zip(takes, levels, SIDES, strict=True)
    ]
    if sides.is_blind:
        shown = _alike(shown)
    return player(
        shown[0],
        shown[1],
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


def _alike(shown: list[PlayerClip | PlayerMissing]) -> list[PlayerClip | PlayerMissing]:
    """What both sides have, and nothing that one side lacks: it would tell them apart."""
    clips = [one for one in shown if isinstance(one, PlayerClip)]
    keeps_posters = all(one.poster_url for one in clips)
    keeps_sprites = all(one.sprites for one in clips)
    return [
        replace(
            one,
            hides_details=True,
            original_url=None,
            flashes=any(clip.flashes for clip in clips),
            poster_url=one.poster_url if keeps_posters else None,
            sprites=one.sprites if keeps_sprites else None,
        )
        if isinstance(one, PlayerClip)
        else one
        for one in shown
    ]


def _side(files: ClipFiles, take: Take, gain_db: float, label: str, color: str | None) -> PlayerClip | PlayerMissing:
    clip = take.clip
    if clip is None or not files.has(clip.sha256):
        return PlayerMissing(label, "its file is no longer in the data folder")
    return PlayerClip(
        url=playable_url(files, clip),
        fps=clip.fps,
        frames=clip.frames,
        duration_s=clip.duration_s,
        width=clip.width,
        height=clip.height,
        has_audio=clip.has_audio,
        label=label,
        gain_db=gain_db,
        poster_url=poster_url(files, clip),
        sprites=sprites(files, clip),
        original_url=download_url(clip),
        flashes=bool(clip.has_flashes),
        color=color,
    )
