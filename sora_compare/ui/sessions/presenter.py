"""Presenter mode as its owner drives it: a pair on everybody's page, one transport for all players, the reveal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.components.formats import distinct, excerpt
from sora_compare.ui.components.pairs import pairs_of
from sora_compare.ui.components.player import PlayerCommand
from sora_compare.ui.components.playing import play, player_key
from sora_compare.ui.sessions.presentation import render_spread
from sora_compare.ui.shell.boundary import collect_errors, guarded, render_collected_errors

if TYPE_CHECKING:
    from sora_compare.domain.sessions import PairRef, Presentation, ReviewSession
    from sora_compare.services import Services
    from sora_compare.sessions.opening import Sessions
    from sora_compare.store.store import Store
    from sora_compare.ui.components.pairs import Pair

LIVE_S = 2.0
WHERE = "sessions/present"
ARMS = ((str(ArmLabel.A), ArmLabel.A), (str(ArmLabel.B), ArmLabel.B))


def presenter(opened: Services, session: ReviewSession) -> None:
    """The stage of a session: choose a pair, drive everybody's player, reveal the scores."""

    @guarded
    def draw() -> None:
        render_collected_errors(WHERE)
        presentation = opened.sessions.presenter.presentation(session.id)
        _choose(opened, session, presentation)
        if presentation:
            _lead(opened, session, presentation)

    st.fragment(draw, key=f"{WHERE}/{session.id}")()


def _choose(opened: Services, session: ReviewSession, presentation: Presentation | None) -> None:
    names = {f"{one.comparison_id}.{one.repeat}": one for one in session.pairs}
    there = f"{presentation.pair.comparison_id}.{presentation.pair.repeat}" if presentation else None
    prompts = {name: opened.store.comparisons.get(one.comparison_id).prompt for name, one in names.items()}
    words = distinct({name: excerpt(prompt) for name, prompt in prompts.items()})
    chosen = st.selectbox(
        "Pair",
        list(names),
        index=list(names).index(there) if there in names else 0,
        format_func=words.__getitem__,
        key=f"{WHERE}/pair/{session.id}",
    )

    @collect_errors(WHERE)
    def show() -> None:
        opened.sessions.presenter.show(session, names[chosen])

    is_shown = chosen == there
    st.button(
        "Everybody sees this pair" if is_shown else "Show this pair to everybody",
        on_click=show,
        type="secondary" if is_shown else "primary",
        disabled=is_shown,
        icon=":material/co_present:",
    )


def _lead(opened: Services, session: ReviewSession, presentation: Presentation) -> None:
    presenter = opened.sessions.presenter
    pair = _pair(opened.store, presentation.pair)
    if pair is None:
        st.warning("A clip of this pair is missing: choose another one.", icon=":material/warning:")
        return
    key = player_key(WHERE, pair)

    def now_s() -> float:
        view = ((st.session_state.get(key) or {}).get("report") or {}).get("view") or {}
        return float(view.get("time_s", 0.0))

    @collect_errors(WHERE)
    def follow_me() -> None:
        """What the presenter does to the own player, everybody's does too."""
        presenter.cue(session, seek_s=now_s(), play=False)

    @collect_errors(WHERE)
    def play_all() -> None:
        presenter.cue(session, seek_s=now_s(), play=True)

    @collect_errors(WHERE)
    def pause_all() -> None:
        presenter.cue(session, play=False)

    @collect_errors(WHERE)
    def from_start() -> None:
        presenter.cue(session, seek_s=0.0, play=True)

    @collect_errors(WHERE)
    def reveal() -> None:
        presenter.reveal(session)

    @collect_errors(WHERE)
    def give_back() -> None:
        presenter.end(session)

    st.caption("Pause or move your player, and everybody's goes to the same picture. Start all of them together below.")
    with st.container(horizontal=True):
        st.button("Play for everybody", on_click=play_all, icon=":material/play_arrow:", type="primary")
        st.button("Pause for everybody", on_click=pause_all, icon=":material/pause:")
        st.button("From the start", on_click=from_start, icon=":material/first_page:")
        st.button("Reveal the scores", on_click=reveal, icon=":material/visibility:", disabled=presentation.is_revealed)
        st.button("Give the players back", on_click=give_back, type="tertiary")
    command = PlayerCommand(
        presentation.id, presentation.seek_s, presentation.play, presenter.starts_in_s(presentation)
    )
    play(opened.files, pair, WHERE, on_report=follow_me, command=command)
    _scored(opened.sessions, session, presentation)


def _pair(store: Store, ref: PairRef) -> Pair | None:
    comparison = store.comparisons.get(ref.comparison_id)
    found = pairs_of(comparison, store.takes.of(comparison.id))
    return next((one for one in found if one.repeat == ref.repeat), None)


def _scored(sessions: Sessions, session: ReviewSession, presentation: Presentation) -> None:
    """How many have scored the pair; their scores once they are revealed."""

    @guarded
    def draw() -> None:
        found = sessions.presenter.spread(session, presentation.pair)
        there = len(sessions.repository.reviewers(session.id))
        st.markdown(f"**{found.reviewers} of {there}** have scored this pair.")
        if presentation.is_revealed:
            render_spread(found, session, ARMS, key=f"{WHERE}/spread")

    st.fragment(draw, run_every=LIVE_S, key=f"{WHERE}/scored/{presentation.id}")()
