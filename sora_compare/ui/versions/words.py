"""Words and icons of policy changes, and who makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.ui.shell.identity import signature

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.canaries import Canary
    from sora_compare.domain.policies import Change
    from sora_compare.domain.snapshots import Registry
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.store.store import Store

OWNER = "owner"
ICONS = {
    "lock": ":material/lock:",
    "switch": ":material/swap_horiz:",
    "undo": ":material/undo:",
    "rollback": ":material/settings_backup_restore:",
    "canary start": ":material/call_split:",
    "canary step": ":material/trending_up:",
    "canary stop": ":material/stop_circle:",
    "canary promoted": ":material/verified:",
    "canary rolled back": ":material/gpp_bad:",
    "reason rule": ":material/rule:",
}
OTHER = ":material/history:"


def signed_by(store: Store) -> str:
    """Who changes something on this page: the login, else the name in the header, else "owner"."""
    return signature(store) or OWNER


def describe_change(one: Change, registry: Registry) -> str:
    """One change as a sentence without a full stop."""
    where, before, after = one.environment, one.before, one.after
    source = f" from {before}" if before != after else ""
    sentences = {
        "lock": f"{where} follows {after}" if after in registry.aliases else f"{where} locked to {after}",
        "switch": f"{where} switched from {before} to {after}",
        "undo": f"Undone: {where} is back from {before} at {after}",
        "rollback": f"{where} reset{source} to {after}",
        "canary start": f"Canary of {after} started in {where}",
        "canary step": f"Canary in {where} widened from {before} to {after}",
        "canary stop": f"Canary of {before} in {where} stopped",
        "canary promoted": f"{after} promoted: {where} is locked to it",
        "reason rule": f"In {where} a reason for changes is {after}",
        "canary rolled back": f"Canary of {before} in {where} rolled back",
    }
    return sentences.get(one.event, f"{one.event} in {where}: {before} to {after}")


def model_words(governance: Governance, model: str) -> str:
    """A snapshot or alias with what to know when choosing it."""
    releases = governance.releases
    life = releases.lifecycle(model)
    parts = [f"alias, today {life.snapshot}"] if model in releases.registry.aliases else []
    parts += [f"{life.phase} on {life.day}"] if life.is_flagged else []
    return f"{model} ({'; '.join(parts)})" if parts else model


def newest_first(governance: Governance, models: Iterable[str]) -> list[str]:
    """Snapshots by their day, the newest first, since that is what one moves to; aliases last."""
    snapshots = governance.releases.registry.snapshots
    return sorted(models, key=lambda one: str(snapshots[one].released) if one in snapshots else "", reverse=True)


def goal(canary: Canary) -> str:
    """The next step in words."""
    return f"{canary.next_share} %" if canary.next_share else "the lock to the candidate"
