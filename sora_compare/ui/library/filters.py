"""What the Library shows and in which order: words, a model, a tag, newest or oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.domain.comparisons import ComparisonFilter

if TYPE_CHECKING:
    from sora_compare.store.repositories.comparisons import ComparisonRepository

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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _one_of("Model", comparisons.models(), "Any model")
        tag = _one_of("Tag", comparisons.tags(), "Any tag")
        order = st.selectbox("Order", [NEWEST, OLDEST], key="library/order", width=180)
    return Question(ComparisonFilter(words=words or "", model=model, tag=tag), order == NEWEST)


def _one_of(label: str, names: list[str], any_of_them: str) -> str | None:
    if len(names) < FEWEST:
        return None
    return st.selectbox(label, names, index=None, placeholder=any_of_them, key=f"library/{label.lower()}", width=260)
