"""The review of one pair after the other: which is next, and what happens when one is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.errors import UnknownRecord
from sora_compare.ui.components.formats import ago, distinct, escape_markdown, excerpt
from sora_compare.ui.components.pair_view import PAIR_PARAMETER
from sora_compare.ui.components.pairs import OFFERED, Waiting, pair_id, pairs_of, review_list
from sora_compare.ui.components.playing import play
from sora_compare.ui.components.sides import Sides, drawn_left
from sora_compare.ui.review.blinding import can_hide, render_blinding
from sora_compare.ui.review.markers import markers_of, save_markers
from sora_compare.ui.review.score_form import earlier_review, review_from, score_form
from sora_compare.ui.shell.boundary import boundary, guarded
from sora_compare.ui.shell.drafts import Draft

if TYPE_CHECKING:
    from sora_compare.domain.reviews import Review
    from sora_compare.services import Services
    from sora_compare.store.store import Store
    from sora_compare.ui.components.pairs import Pair

CHOICE = "review/pair"
SAVED = "review/saved"


def choose_pair(store: Store, reviewer: str) -> Pair | None:
    """The pair named in the address, else the newest that this reviewer has not scored; None when there is none."""
    listed = review_list(store, reviewer)
    waiting = {one.pair.id: one for one in listed.waiting}
    asked = st.query_params.get(PAIR_PARAMETER)
    if asked and asked not in waiting:
        with boundary():
            waiting = {asked: Waiting(_find(store, asked), is_scored=False), **waiting}
    if not waiting:
        return None
    words = distinct({name: _words(one) for name, one in waiting.items()})
    st.session_state[CHOICE] = asked if asked in waiting else next(iter(waiting))
    chosen = st.selectbox(
        "Pair",
        list(waiting),
        key=CHOICE,
        format_func=words.__getitem__,
        on_change=_to_address,
        help=f"The {OFFERED} newest, those that you have not scored first. Every other pair opens from the Library.",
    )
    left = f"{listed.unscored:,} of {listed.pairs:,} pairs still to score."
    st.caption(left if listed.unscored else f"All {listed.pairs:,} pairs are scored.")
    return waiting[chosen].pair


def _to_address() -> None:
    st.query_params[PAIR_PARAMETER] = st.session_state[CHOICE]


def _find(store: Store, identifier: str) -> Pair:
    comparison_id, _, number = identifier.rpartition(".")
    comparison = store.comparisons.get(comparison_id or identifier)
    for pair in pairs_of(comparison, store.takes.of(comparison.id)):
        if number in ("", str(pair.repeat + 1)):
            return pair
    raise UnknownRecord("pair that can be played", identifier)


def _words(one: Waiting) -> str:
    comparison = one.pair.comparison
    repeat = f" · pair {one.pair.repeat + 1}" if comparison.repeats > 1 else ""
    mark = "✓ " if one.is_scored else ""
    return f"{mark}{excerpt(comparison.prompt)}{repeat} · {ago(comparison.created)}"


def render_saved() -> None:
    """The confirmation of the last save, once."""
    saved = st.session_state.pop(SAVED, None)
    if saved:
        st.success(saved, icon=":material/check_circle:")


def review_pair(opened: Services, pair: Pair, reviewer: str) -> None:
    """The player and the scores, as one part that runs by itself."""

    @guarded
    def draw() -> None:
        draft = Draft(opened.store, f"review:{reviewer}:{pair.id}")
        earlier = earlier_review(opened.store, pair, reviewer) if reviewer else None
        reveals = opened.store.reveals
        is_revealed = reveals.of(reviewer, pair.id).models
        sides = Sides(drawn_left(reviewer, pair.id), is_blind=not is_revealed and can_hide(pair))
        render_blinding(reveals, reviewer, pair, sides, is_revealed=is_revealed)
        shown = markers_of(draft, earlier, sides)
        played = play(opened.files, pair, "review", sides=sides, markers=shown)
        if not reviewer:
            return
        save_markers(draft, played.markers)
        if earlier:
            st.info(
                f"You scored this pair {ago(earlier.created)}. {_of_a_correction(earlier, sides)}",
                icon=":material/history:",
            )
        score_form(draft, earlier, sides)
        if st.button("Save scores", type="primary", icon=":material/save:", key=f"review/save/{pair.id}"):
            with boundary():
                review = review_from(draft, pair, reviewer, played, sides, is_after_reveal=is_revealed)
                _save(opened.store, draft, review, pair)

    st.fragment(draw, key=f"review/{pair.id}")()


def _of_a_correction(earlier: Review, sides: Sides) -> str:
    if earlier.is_independent and not sides.is_blind:
        return "Saving again keeps both; what you gave before you knew which is which stays the one that decides."
    return "Saving again keeps both; the newest counts."


def _save(store: Store, draft: Draft, review: Review, pair: Pair) -> None:
    kept = store.reviews.add(review)
    draft.delete()
    revision = f" as revision {kept.revision + 1}" if kept.revision else ""
    st.session_state[SAVED] = f"Saved{revision}: “{escape_markdown(excerpt(pair.comparison.prompt))}”."
    following = store.pairs.unscored(review.reviewer, 1)
    st.query_params[PAIR_PARAMETER] = pair_id(following[0]) if following else pair.id
    st.rerun()
