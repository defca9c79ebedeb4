"""The flag of retired snapshots: one sentence for each, wherever a lock or its snapshot is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.errors import SoraCompareError
from sora_compare.ui.formats import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.snapshots import Lifecycle
    from sora_compare.services import Services

FLAG = ":material/event_busy:"


def flag(life: Lifecycle) -> None:
    """One line for a snapshot that is, or will be, retired; nothing for any other."""
    if life.is_flagged:
        st.caption(f":orange[{FLAG}] {plain(life.sentence)}")


def flag_models(opened: Services, models: Iterable[str]) -> None:
    """The same for model ids, with the environments that are locked to them."""
    releases = opened.governance.releases
    try:
        environments = releases.keeping.glance().environments.values()
        lives = [releases.lifecycle(model) for model in dict.fromkeys(models)]
    except SoraCompareError:
        return  # the Versions page says what is wrong with the policy
    told = []
    for life in lives:
        users = [one.name for one in environments if one.model == life.model]
        used = f" Used by {', '.join(users)}." if users else ""
        told += [plain(life.sentence + used)] if life.is_flagged else []
    if told:
        st.caption(f":orange[{FLAG}] {' '.join(told)}")
