"""The boundary between pages and people: an error becomes a sentence, never a traceback."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, ParamSpec

import streamlit as st

from sora_compare.domain.identifiers import new_identifier
from sora_compare.errors import SoraCompareError
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")

log = logging.getLogger(__name__)


class boundary:  # noqa: N801  # read as a statement: with boundary()
    """Show whatever goes wrong inside, and go on behind it."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        """Errors end here; Streamlit's own signals, such as a rerun, are no `Exception` and pass."""
        return isinstance(error, Exception) and render_fault(error)


def guarded(draw: Callable[P, None]) -> Callable[P, None]:
    """The same around a function: fragments run again by themselves, outside the boundary of the page."""

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        with boundary():
            draw(*args, **kwargs)

    return drawn


def collect_errors(where: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """The same around a callback: it runs before anything is drawn, so what it has to say waits for `render_told`."""

    def around(call: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(call)
        def called(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                call(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  # as the boundary does: people see a sentence whatever happens
                st.session_state[_message_key(where)] = sentence_of(error)

        return called

    return around


def render_collected_errors(where: str) -> None:
    """Show what a callback has said since the last time, once."""
    sentence = st.session_state.pop(_message_key(where), None)
    if sentence:
        st.error(sentence, icon=":material/error:")


def _message_key(where: str) -> str:
    return f"{where}/told"


def render_fault(error: Exception) -> bool:
    """Show an error as a sentence; True tells Streamlit that it was shown."""
    st.error(sentence_of(error), icon=":material/error:")
    return True


def sentence_of(error: Exception) -> str:
    """An error in words; one that nobody foresaw goes to the log under a reference."""
    if isinstance(error, SoraCompareError):
        return escape_markdown(str(error))
    reference = new_identifier("fault")
    log.error("%s", reference, exc_info=error)
    return (
        f"Something went wrong here that should not. What you typed is kept: load the page again. "
        f"If it stays, the server's log tells more under {reference}."
    )
