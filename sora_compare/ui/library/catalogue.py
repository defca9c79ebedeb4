"""The Library's list: a page of comparisons at a time, found by words in prompts and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from sora_compare.domain.reviews import current
from sora_compare.domain.takes import ArmLabel, Origin, Take, TakeState, latest_attempts
from sora_compare.ui.compare.sending import PARAMETER
from sora_compare.ui.components.clip_urls import thumbnail_html
from sora_compare.ui.components.formats import ago, escape_markdown, excerpt
from sora_compare.ui.components.outcomes import ICONS, ON_ITS_WAY, WORDS
from sora_compare.ui.components.paging import Paging
from sora_compare.ui.components.pair_view import PAIR_PARAMETER
from sora_compare.ui.components.pairs import pairs_of
from sora_compare.ui.library.import_report import imported_mark
from sora_compare.ui.shell import pages
from sora_compare.ui.shell.header import simulated_mark

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.services import Services
    from sora_compare.store.store import Store
    from sora_compare.ui.library.filters import Question

ON_A_PAGE = 12
PROMPT_LENGTH = 280


def render_list(opened: Services, question: Question) -> int:
    """Draw one page and the buttons to the others; returns how many comparisons it shows."""
    paging, is_newest_first = Paging("library/pages", question), question.is_newest_first
    found = list(
        opened.store.comparisons.list(
            question.wanted, after=paging.after, limit=ON_A_PAGE + 1, newest_first=is_newest_first
        )
    )
    shown = found[:ON_A_PAGE]
    for comparison in shown:
        _entry(opened, comparison)
    words = ("Newer", "Older") if is_newest_first else ("Older", "Newer")
    paging.render(shown[-1].id if shown else "", has_more=len(found) > len(shown), words=words)
    return len(shown)


def _entry(opened: Services, comparison: Comparison) -> None:
    takes = opened.store.takes.of(comparison.id)
    latest = latest_attempts(takes)
    with st.container(border=True):
        pictures, words = st.columns([2, 3], vertical_alignment="center")
        with pictures:
            st.html(_pictures(opened.files, latest))
        with words:
            st.text(excerpt(comparison.prompt, PROMPT_LENGTH))
            st.caption(_details(opened.store, comparison, takes))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                for label in ArmLabel:
                    st.markdown(_states(label, latest))
                if any(take.origin is Origin.SIMULATED for take in takes):
                    simulated_mark()
                imported_mark(takes)
            with st.container(horizontal=True):
                _links(comparison, takes)


def _pictures(files: ClipFiles, latest: dict[tuple[int, ArmLabel], Take]) -> str:
    shown = []
    for label in ArmLabel:
        take = latest.get((0, label))
        words = f"Clip {label}: {WORDS[take.state].lower()}" if take else f"Clip {label}"
        thumbnail = thumbnail_html(files, take.clip if take else None, words)
        shown.append(Markup('<div style="flex:1 1 0;min-width:0">{}</div>').format(thumbnail))
    return Markup('<div style="display:flex;gap:6px">{}</div>').format(Markup("").join(shown))


def _states(label: ArmLabel, latest: dict[tuple[int, ArmLabel], Take]) -> str:
    states = [take.state for (_, arm), take in sorted(latest.items()) if arm is label]
    record = {state: states.count(state) for state in states}
    words = ", ".join(f"{WORDS[state]}{f' ({count})' if count > 1 else ''}" for state, count in record.items())
    icon = ICONS.get(states[0], ON_ITS_WAY) if states else ""
    return f"**{label}** {icon} {words}"


def _details(store: Store, comparison: Comparison, takes: list[Take]) -> str:
    settings = comparison.settings
    scored = len({one.reviewer for one in current(store.reviews.of(comparison.id))})
    parts = [
        ago(comparison.created),
        f"{settings.seconds} s",
        settings.size,
        f"{comparison.repeats} pairs" if comparison.repeats > 1 else "",
        f"style {settings.style}" if settings.style else "",
        f"seed {settings.seed}" if settings.seed is not None else "",
        f"tags {', '.join(comparison.tags)}" if comparison.tags else "",
        f"scored by {scored}" if scored else "not scored",
        "" if any(take.state is TakeState.COMPLETED for take in takes) else "no clip",
    ]
    return escape_markdown(" · ".join(filter(None, parts)))


def _links(comparison: Comparison, takes: list[Take]) -> None:
    st.page_link(pages.COMPARE, label="Open", icon=":material/compare:", query_params={PARAMETER: comparison.id})
    pairs = pairs_of(comparison, takes)
    if pairs:
        st.page_link(
            pages.REVIEW, label="Score", icon=":material/rate_review:", query_params={PAIR_PARAMETER: pairs[0].id}
        )
