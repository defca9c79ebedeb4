"""Pages of a long list, each found by the key that the one before ended with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Hashable


class Paging:
    """Where in a list one browser is; another question begins at the first page again."""

    def __init__(self, key: str, question: Hashable = None) -> None:
        """`key` names the list in the session's state."""
        self._key = key
        asked, starts = st.session_state.get(key, (question, []))
        self._question, self._starts = question, starts if asked == question else []
        st.session_state[key] = question, self._starts

    @property
    def after(self) -> str | None:
        """The key that the page before ended with; None on the first page."""
        return self._starts[-1] if self._starts else None

    def render(self, last: str, *, has_more: bool, words: tuple[str, str] = ("Newer", "Older")) -> None:
        """The buttons to the pages before and after; nothing where one page holds all.

        Args:
            last: the key that this page ends with.
            has_more: whether there are entries behind it.
            words: on the buttons back and on.
        """
        if not (self._starts or has_more):
            return
        back, on = words
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button(
                back,
                icon=":material/chevron_left:",
                disabled=not self._starts,
                key=f"{self._key}/back",
                on_click=self._go,
                args=(self._starts[:-1],),
            )
            st.button(
                on,
                icon=":material/chevron_right:",
                icon_position="right",
                disabled=not has_more,
                key=f"{self._key}/on",
                on_click=self._go,
                args=([*self._starts, last],),
            )

    def _go(self, starts: list[str]) -> None:
        st.session_state[self._key] = self._question, starts
