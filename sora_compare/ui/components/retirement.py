"""The flag of retired snapshots: one sentence for each, wherever a lock or its snapshot is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.errors import SoraCompareError
from sora_compare.ui.components.formats import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.snapshots import Lifecycle
    from sora_compare.releases.policy.opening import Governance

FLAG = ":material/event_busy:"


def flag(life: Lifecycle) -> None:
    """One line for a snapshot that is, or will be, retired; nothing for any other."""
    if life.is_flagged:
        st.caption(f":orange[{FLAG}] {escape_markdown(life.sentence)}")


def flag_models(governance: Governance, models: Iterable[str], source: str = "") -> None:
    """The same for model ids, with the environments that use them, and where it is said."""
    releases, found = governance.releases, escape_markdown(f"{source}." if source else "")
    try:
        environments = list(releases.policies.read_cached().environments.values())
    except SoraCompareError:
        environments = []  # the Versions page says what is wrong with the policy
    for life in map(releases.lifecycle, dict.fromkeys(models)):
        users = [one.name for one in environments if life.snapshot in {releases.resolve(one.model), one.model}]
        used = f" Used by {', '.join(users)}." if users else ""
        if life.is_flagged:
            st.caption(f":orange[{FLAG}] {escape_markdown(life.sentence + used)} {found}".rstrip())
