"""Which arms and which kind of data the Results page is about; different ones are never mixed without saying so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import Origin
from sora_compare.statistics.evidence import Evidence, Matchup, by_matchup, of_origin
from sora_compare.ui.header import simulated_mark

if TYPE_CHECKING:
    from sora_compare.storage.store import Store

MIXED = "all together"
ORIGIN_WORDS = {Origin.LIVE: "Live", Origin.SIMULATED: "Simulated", Origin.IMPORTED: "Imported", MIXED: "All together"}


def choose_evidence(store: Store) -> Evidence:
    """What is shown: one pair of arms, and takes of one origin unless somebody wants them together."""
    found = by_matchup(store.comparisons(), store.takes(), store.reviews())
    if not found:
        return Evidence()
    matchup = _choose_matchup(found)
    evidence = found[matchup]
    origins = evidence.origins
    if len(origins) == 1:
        _say_origin(origins[0])
        return evidence
    chosen = st.segmented_control(
        "Data",
        [*origins, MIXED],
        default=origins[0],
        required=True,
        format_func=ORIGIN_WORDS.__getitem__,
        key="results/origin",
    )
    if chosen == MIXED:
        together = " and ".join(ORIGIN_WORDS[origin].lower() for origin in origins)
        st.warning(f"These figures mix {together} clips: they say nothing about one of them.", icon=":material/merge:")
        return evidence
    _say_origin(Origin(chosen))
    return of_origin(evidence, (Origin(chosen),))


def _say_origin(origin: Origin) -> None:
    if origin is Origin.SIMULATED:
        simulated_mark()
    elif origin is Origin.IMPORTED:
        st.badge("Imported clips", icon=":material/archive:", color="gray")


def _choose_matchup(found: dict[Matchup, Evidence]) -> Matchup:
    matchups = list(found)
    if len(matchups) == 1:
        st.caption(_words(matchups[0], found))
        return matchups[0]
    return st.selectbox(
        "Arms",
        matchups,
        format_func=lambda one: _words(one, found),
        key="results/arms",
        help="Figures are only put together where both arms were the same.",
    )


def _words(matchup: Matchup, found: dict[Matchup, Evidence]) -> str:
    (endpoint_a, a), (endpoint_b, b) = matchup.a, matchup.b
    where = endpoint_a if endpoint_a == endpoint_b else f"{endpoint_a} and {endpoint_b}"
    count = len(found[matchup].comparisons)
    return f"A {a}, B {b}, on {where} ({count} comparison{'s' if count != 1 else ''})"
