"""What is being typed in one browser, kept in the store at every change: it outlives errors, reloads and restarts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from sora_compare.ui.shell.boundary import guarded
from sora_compare.ui.shell.identity import browser

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from sora_compare.store.store import Store


class Draft:
    """The fields of one form in one browser. Each field is a widget's session key, `name/field`, and a stored value.

    A field's widget says `key=draft.key(field), on_change=draft.save`, after `draft.fill(field, …)`.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._prefix = f"{name}/"
        self._name = f"{name}:{browser()}"
        self._kept = store.drafts.get(self._name)

    def key(self, field: str) -> str:
        """The session key of a field."""
        return f"{self._prefix}{field}"

    def fill(
        self,
        field: str,
        default: Any,  # noqa: ANN401  # JSON
        among: Container[Any] | None = None,
        *,
        again_s: float = 0.0,
    ) -> str:
        """Give the field its kept value, or the default, before its widget is drawn; returns the key.

        Args:
            field: its name.
            default: what it starts with.
            among: values that fit; anything else that was kept gives way to the default.
            again_s: for so long after it was first drawn it is given the value at each run. A browser that draws a
                field only after a second run has come takes the widget's own default for what somebody chose.
        """
        key, drawn, now = self.key(field), f"drawn:{self.key(field)}", time.monotonic()
        if key not in st.session_state:
            st.session_state[drawn] = now
        is_new = now - st.session_state.get(drawn, now) < again_s
        held = st.session_state.get(key, self._kept.get(field, default))
        value = held if among is None or held in among else default
        if is_new or key not in st.session_state or st.session_state[key] != value:
            # Set only what changes: a value that is set replaces what somebody is typing at that moment.
            st.session_state[key] = value
        return key

    def value(self, field: str, default: Any = None) -> Any:  # noqa: ANN401  # JSON
        """What the field holds now, drawn or not."""
        return st.session_state.get(self.key(field), self._kept.get(field, default))

    @property
    def save(self) -> Callable[[], None]:
        """The callback that keeps every field."""
        return guarded(self._save)

    def _save(self) -> None:
        now = {
            key.removeprefix(self._prefix): value
            for key, value in st.session_state.to_dict().items()
            if isinstance(key, str) and key.startswith(self._prefix)
        }
        self._kept = {**self._store.drafts.get(self._name), **now}
        self._store.drafts.save(self._name, self._kept)

    def delete(self) -> None:
        """Forget the draft: it became something kept."""
        self._store.drafts.delete(self._name)
        self._kept = {}
        for key in [key for key in st.session_state.to_dict() if str(key).startswith(self._prefix)]:
            del st.session_state[key]
