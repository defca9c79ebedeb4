"""What the Library shows and in which order: words, a model, a tag, newest or oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.comparisons import ComparisonFilter
from sora_compare.ui.components.formats import escape_markdown, excerpt

if TYPE_CHECKING:
    from sora_compare.store.repositories.comparisons import ComparisonRepository

MODEL, TAG = "library/model", "library/tag"
NEWEST, OLDEST = "Newest first", "Oldest first"
FEWEST = 2
"""Models or tags from which on there is something to choose."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted, and in which order."""

    wanted: ComparisonFilter
    is_newest_first: bool

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return self.wanted != ComparisonFilter()


def render_filters(comparisons: ComparisonRepository) -> Question:
    """The search and, where there is something to choose, the filters."""
    words = st.text_input(
        "Search prompts and tags",
        type="search",
        live="300ms",
        key="library/search",
        placeholder="Search prompts and tags",
        label_visibility="collapsed",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        model, tag = _narrowed(comparisons)
        order = st.segmented_control(
            "Order", [NEWEST, OLDEST], default=NEWEST, required=True, key="library/order", label_visibility="collapsed"
        )
    return Question(ComparisonFilter(words=words or "", model=model, tag=tag), order == NEWEST)


def _narrowed(comparisons: ComparisonRepository) -> tuple[str | None, str | None]:
    """The model and the tag that were chosen; badges show them while the popover is closed."""
    models, tags = comparisons.models(), comparisons.tags()
    if max(len(models), len(tags)) < FEWEST:
        return None, None
    with st.popover("Filter", icon=":material/filter_alt:", type="tertiary"):
        model = st.selectbox("Model", models, index=None, placeholder="Any model", key=MODEL)
        tag = st.selectbox("Tag", tags, index=None, placeholder="Any tag", key=TAG)
    for word, value in (("model", model), ("tag", tag)):
        if value:
            st.badge(f"{word}: {escape_markdown(excerpt(value, 30))}", color="gray")
    return model, tag
