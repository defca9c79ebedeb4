"""One item of a review session: the two clips, the scores, and what happens when they are saved."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.domain.reviews import NOTE_LIMIT, QUESTIONS, Drift
from sora_compare.domain.takes import Origin
from sora_compare.errors import UsageError
from sora_compare.sessions.scoring import MOST_MARKERS, SIDES, Answer
from sora_compare.ui.components.player import Marker, PlayerClip, PlayerCommand, player
from sora_compare.ui.components.score_pad import NOT_APPLICABLE, PREFERENCE, Row, Values, checked, reported, score_pad
from sora_compare.ui.shell.addresses import path_of
from sora_compare.ui.shell.boundary import collect_errors, guarded, render_collected_errors
from sora_compare.ui.shell.header import simulated_mark

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Item, Reviewer, ReviewSession
    from sora_compare.sessions.opening import Sessions
    from sora_compare.ui.components.player import PlayerResult

MARKER_FIELDS = ("id", "side", "time_s", "kind", "note")
JUST_SAVED = "session/saved"
HIDDEN: dict[str, Any] = {"width": 0, "height": 0, "duration_s": 0.0, "hides_details": True}
"""What the player finds out from the clip itself, and does not write under it."""


def score_item(sessions: Sessions, session: ReviewSession, reviewer: Reviewer, item: Item) -> None:
    """Draw one item as a part that runs by itself; what is given is kept at every change."""
    # Of both arms, also where one clip is on both sides: the mark must not tell which.
    takes = sessions.scoring.takes(replace(item, only=None))
    if all(take.origin is Origin.SIMULATED for take in takes):
        simulated_mark()
    rows, note_key, pad_key = rows_of(session), f"session/note/{item.id}", f"session/pad/{item.id}"
    where = f"session/{item.id}"
    first = sessions.repository.draft(reviewer.id, item.id)
    keep = partial(sessions.repository.change_draft, reviewer.id, item.id)
    keep(since=first.get("since", time.time()))

    @guarded
    def draw() -> None:
        if st.session_state.get(JUST_SAVED) == item.id:
            st.rerun()
        render_collected_errors(where)
        draft = _watch(sessions, session, reviewer, item)
        score_pad(
            rows,
            key=pad_key,
            item=item.id,
            values=checked(draft.get("values"), rows),
            is_locked=session.protocol.must_watch and not draft.get("watched"),
            on_values=keep_values,
            on_saved=save,
        )
        st.text_area(
            "Note (optional)",
            value=first.get("note", ""),
            key=note_key,
            max_chars=NOTE_LIMIT,
            height=80,
            on_change=keep_note,
        )

    @collect_errors(where)
    def keep_note() -> None:
        _check_note(st.session_state[note_key])
        keep(note=st.session_state[note_key])

    @collect_errors(where)
    def keep_values() -> None:
        keep(values=checked(reported(pad_key, "values"), rows))

    @collect_errors(where)
    def save() -> None:
        draft = keep(values=checked(reported(pad_key, "saved"), rows))
        note = st.session_state.get(note_key, draft.get("note", ""))
        _check_note(note)
        answer = _answer({**draft, "note": note}, st.session_state.get(f"session/player/{item.id}"))
        sessions.scoring.submit(reviewer.id, item.id, answer)
        st.session_state[JUST_SAVED] = item.id

    st.fragment(draw, key=where)()


def _watch(sessions: Sessions, session: ReviewSession, reviewer: Reviewer, item: Item) -> dict[str, Any]:
    """The player, and the draft with what it told."""
    draft = sessions.repository.draft(reviewer.id, item.id)
    played = _play(sessions, session, reviewer, item, draft)
    return sessions.repository.change_draft(
        reviewer.id,
        item.id,
        markers=[asdict(one) for one in played.markers[:MOST_MARKERS]],
        watched=draft.get("watched", False) or played.watched_to_end,
    )


def _check_note(note: str) -> None:
    if len(note) > NOTE_LIMIT:
        raise UsageError(f"The note has {len(note):,} characters, and {NOTE_LIMIT:,} are kept: shorten it.")


def rows_of(session: ReviewSession) -> list[Row]:
    """The session's criteria as the pad shows them."""
    anchors = {one.criterion: f"1 {one.low} · 5 {one.middle} · 10 {one.high}" for one in session.anchors}
    return [Row(str(one), one.capitalize(), QUESTIONS[one], anchors.get(one, "")) for one in session.criteria]


def _play(
    sessions: Sessions, session: ReviewSession, reviewer: Reviewer, item: Item, draft: dict[str, Any]
) -> PlayerResult:
    media = sessions.media
    shown = sessions.showing.shown(session, item)
    sides = [
        PlayerClip(
            url=path_of(media.url(reviewer, item, side, "clip.mp4")),
            fps=clip.fps,
            frames=clip.frames,
            has_audio=clip.has_audio,
            label=side.capitalize(),
            gain_db=clip.gain_db,
            poster_url=path_of(media.url(reviewer, item, side, "poster.jpg")) if shown.has_posters else None,
            flashes=shown.has_flashes,
            **HIDDEN,
        )
        for side, clip in zip(SIDES, shown.clips, strict=True)
    ]
    return player(
        sides[0],
        sides[1],
        key=f"session/player/{item.id}",
        markers=[Marker(**{name: one[name] for name in MARKER_FIELDS}) for one in draft.get("markers", [])],
        command=_cue(sessions, reviewer),
    )


def _cue(sessions: Sessions, reviewer: Reviewer) -> PlayerCommand | None:
    """What a presenter wants everybody's player to do, if somebody presents."""
    presenter = sessions.presenter
    presentation = presenter.presentation(reviewer.session_id)
    if presentation is None:
        return None
    return PlayerCommand(presentation.id, presentation.seek_s, presentation.play, presenter.starts_in_s(presentation))


def _answer(draft: dict[str, Any], played: object) -> Answer:
    values: Values = draft["values"]
    scores = {
        name: tuple(None if one == NOT_APPLICABLE else one for one in pair)
        for name, pair in values.items()
        if name != PREFERENCE and None not in pair
    }
    if not scores:
        raise UsageError("Score every line for both clips, or choose “n/a” where there is nothing to judge.")
    report = getattr(played, "get", lambda _: None)("report") or {}
    record = report.get("drift") or {}
    return Answer(
        scores=scores,  # type: ignore[arg-type]  # criteria are their own names
        preference=values[PREFERENCE],
        note=str(draft.get("note", "")).strip(),
        markers=tuple(
            (one["side"], float(one["time_s"]), ": ".join(filter(None, (one["kind"], one["note"]))))
            for one in draft.get("markers", [])
        ),
        drift=Drift(record["p50_ms"], record["p95_ms"], record["max_ms"]) if record.get("samples") else None,
        has_watched=bool(draft.get("watched")),
        spent_s=time.time() - float(draft["since"]),
    )
