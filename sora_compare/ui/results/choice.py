"""Which evidence the Results page is about; different arms and origins are never mixed without saying so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.takes import MOST_TELLING, ArmLabel, Origin
from sora_compare.errors import UnknownRecord
from sora_compare.evidence.origins import MIXED
from sora_compare.evidence.selection import Selection
from sora_compare.ui.components.arms import arm_badge
from sora_compare.ui.components.formats import distinct, escape_markdown, excerpt
from sora_compare.ui.shell.header import simulated_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sora_compare.domain.comparisons import Matchup
    from sora_compare.evidence.findings import Results
    from sora_compare.services import Services
    from sora_compare.statistics.ratings import Group
    from sora_compare.store.store import Store

TOGETHER = "all together"
ORIGIN_WORDS = {Origin.LIVE: "Live", Origin.SIMULATED: "Simulated", Origin.IMPORTED: "Imported", TOGETHER: "All"}
NAME = "results"


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from, for one pair of arms."""

    origins: tuple[str, ...]
    sessions: tuple[str, ...]
    suites: tuple[str, ...]
    tags: tuple[str, ...]


def choose_evidence(opened: Services) -> Selection | None:
    """The evidence that counts; None when no prompt has been sent to two arms yet."""
    matchups = opened.results.matchups()
    if not matchups:
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        matchup = _matchup(matchups)
        origins = st.container(width="content", horizontal=True, vertical_alignment="center")
        narrower = st.container(width="content", horizontal=True, vertical_alignment="center")
    offered = _offered(opened.results, matchup)
    with origins:
        chosen = _origin(offered.origins)
    with narrower:
        selection = _narrowed(opened, matchup, offered)
    if chosen is None:
        text = " and ".join(ORIGIN_WORDS.get(one, one).lower() for one in offered.origins)
        st.warning(f"These figures mix {text} clips: they say nothing about one of them.", icon=":material/merge:")
        return selection
    return Selection(
        matchup, (chosen,), selection.session, selection.suite, selection.tag, selection.since, selection.until
    )


def _matchup(matchups: tuple[Matchup, ...]) -> Matchup:
    if len(matchups) == 1:
        st.markdown(_badges(matchups[0]), width="content")
        return matchups[0]
    return st.selectbox(
        "Arms",
        matchups,
        format_func=_words,
        key=f"{NAME}/arms",
        label_visibility="collapsed",
        width=460,
        help="Figures are only put together where both arms were the same.",
    )


def _words(matchup: Matchup) -> str:
    endpoint_a, a, endpoint_b, b = matchup
    where = endpoint_a if endpoint_a == endpoint_b else f"{endpoint_a} and {endpoint_b}"
    return f"A {a} · B {b} · {where}"


def _badges(matchup: Matchup) -> str:
    endpoint_a, a, endpoint_b, b = matchup
    has_two = endpoint_a != endpoint_b
    parts = ((ArmLabel.A, a, endpoint_a), (ArmLabel.B, b, endpoint_b))
    return " &nbsp; ".join(arm_badge(arm, f"{model} · {where}" if has_two else model) for arm, model, where in parts)


def _offered(results: Results, matchup: Matchup) -> Offered:
    """From the reviews, which are at hand; without any, the origins come from the takes."""
    ratings = results.ratings(Selection(matchup))
    used: set[int] = set(ratings.group.tolist())
    groups: list[Group] = [ratings.groups[code] for code in sorted(used)]
    origins = {group.origin for group in groups} or _origins_of_takes(results, matchup)
    sessions: set[int] = set(ratings.session.tolist())
    return Offered(
        origins=tuple(str(one) for one in MOST_TELLING if str(one) in origins) + ((MIXED,) if MIXED in origins else ()),
        sessions=tuple(name for code in sorted(sessions) if (name := ratings.sessions[code])),
        suites=tuple(sorted({group.suite for group in groups if group.suite})),
        tags=ratings.tags,
    )


def _origins_of_takes(results: Results, matchup: Matchup) -> set[str]:
    return set(results.findings(Selection(matchup)).origins)


def _origin(origins: tuple[str, ...]) -> str | None:
    """The one origin, or the one chosen; None for all together."""
    if not origins:
        return None
    chosen = origins[0]
    if len(origins) > 1:
        chosen = st.segmented_control(
            "Data",
            [*origins, TOGETHER],
            default=origins[0],
            required=True,
            format_func=lambda one: ORIGIN_WORDS.get(one, one.capitalize()),
            key=f"{NAME}/origin",
            label_visibility="collapsed",
        )
    if chosen == Origin.SIMULATED:
        simulated_mark()
    elif chosen == Origin.IMPORTED:
        st.badge("Imported clips", icon=":material/archive:", color="gray")
    return None if chosen == TOGETHER else chosen


def _narrowed(opened: Services, matchup: Matchup, offered: Offered) -> Selection:
    with st.popover("Filter", icon=":material/filter_alt:", type="tertiary"):
        titles = {one.id: one.title for one in opened.sessions.repository.sessions()} if offered.sessions else {}
        session = _one_of("Session", offered.sessions, lambda one: titles.get(one, one))
        suite = _one_of("Suite run", offered.suites, lambda one: _suite_title(opened.store, one))
        tag = _one_of("Tag", offered.tags, str)
        since, until = _days()
    named = {"session": titles.get(session or "", session or ""), "suite": suite and _suite_title(opened.store, suite)}
    for word, value in (*named.items(), ("tag", tag)):
        if value:
            st.badge(f"{word}: {escape_markdown(excerpt(value, 30))}", color="gray")
    if since or until:
        st.badge("date range", color="gray")
    return Selection(matchup, (), session, suite, tag, since, until)


def _one_of(label: str, options: Iterable[str], words: Callable[[str], str]) -> str | None:
    found = distinct({one: words(one) for one in options})
    if not found:
        return None
    key = f"{NAME}/{label.lower().replace(' ', '_')}"
    return st.selectbox(label, list(found), index=None, format_func=found.__getitem__, placeholder="All", key=key)


def _suite_title(store: Store, identifier: str) -> str:
    try:
        return store.suite_runs.get(identifier).suite.name
    except UnknownRecord:
        return identifier


def _days() -> tuple[float | None, float | None]:
    """From the first moment of the first day to the last of the last, in UTC."""
    first, last = st.columns(2)
    since = first.date_input("From (UTC)", value=None, key=f"{NAME}/since")
    until = last.date_input("To (UTC)", value=None, key=f"{NAME}/until")
    start = datetime.combine(since, time.min, UTC).timestamp() if since else None
    end = datetime.combine(until + timedelta(days=1), time.min, UTC).timestamp() if until else None
    return start, end
