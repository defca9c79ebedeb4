"""The retirement calendar, and where each alias has pointed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from sora_compare.ui.components.formats import NOTHING, escape_markdown

if TYPE_CHECKING:
    from sora_compare.domain.policies import Policy
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.services import Services


def render_lifecycle(opened: Services) -> None:
    """Every snapshot with its days and who uses it, then every move of an alias.

    Raises:
        ConfigurationError: the policy cannot be read.
    """
    releases = opened.governance.releases
    policy = releases.policy
    st.markdown("##### Retirement calendar")
    retired = {model: str(day) for day, model, _ in releases.registry.calendar()}
    by_day = sorted(releases.registry.snapshots, key=lambda one: retired.get(one, "9999"))
    rows = [_row(releases, policy, model) for model in by_day]
    st.table(rows, border="horizontal", hide_index=True, alt="When each snapshot was released and retired")
    for source in dict.fromkeys(source for _, _, source in releases.registry.calendar()):
        st.caption(f"Source: {escape_markdown(source)}.")
    st.caption("More snapshots are added by a file snapshots.toml in the data folder, or beside a policy file.")
    st.markdown("##### What each alias has meant")
    moves = [
        {
            "Alias": escape_markdown(alias),
            "From": str(move.since),
            "Points to": f"**{escape_markdown(move.points_to)}**",
            "Source": escape_markdown(move.source) or NOTHING,
        }
        for alias, several in releases.registry.aliases.items()
        for move in reversed(several)
    ]
    st.table(moves, border="horizontal", hide_index=True, alt="Every move of an alias, newest first")


def _row(releases: Releases, policy: Policy, model: str) -> dict[str, str]:
    life, snapshot = releases.lifecycle(model), releases.registry.snapshots[model]
    users = [name for name, one in policy.environments.items() if releases.resolve(one.model) == model]
    canaries = {name: one.canary for name, one in policy.environments.items() if one.canary}
    users += [f"{name} (canary)" for name, canary in canaries.items() if canary.candidate == model]
    colour = {"retired": "red", "will be retired": "orange", "live": "green"}.get(str(life.phase), "gray")
    return {
        "Snapshot": f"**{escape_markdown(model)}**",
        "Released": str(snapshot.released),
        "Today": f":{colour}-badge[{life.phase}] {snapshot.retired or ''}".rstrip(),
        "Used by": escape_markdown(", ".join(users)) or NOTHING,
    }
