"""Opens the policy with its log: for the manager, the commands and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.releases.canary.monitor import CanaryMonitor, Verdicts, no_verdicts
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.repository import PolicyFile, PolicyInStore
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.evidence.index.model_pairs import ModelPairsIndex
    from sora_compare.settings import Settings
    from sora_compare.store.store import Store


@dataclass(frozen=True, slots=True)
class Governance:
    """The policy, its changes, its log, and who watches its canaries."""

    store: Store
    releases: Releases
    monitor: CanaryMonitor

    def close(self) -> None:
        """Release the store's files."""
        self.store.close()


def open_governance(
    settings: Settings,
    *,
    policy_file: Path | None = None,
    store: Store | None = None,
    verdicts: Verdicts = no_verdicts,
    pairs: ModelPairsIndex | None = None,
) -> Governance:
    """The policy of `policy_file`, else of the settings' policy file, else of the store.

    Args:
        settings: where the data folder is.
        policy_file: a TOML file; the log stays in the data folder.
        store: an open one, to be shared.
        verdicts: where verdicts come from.
        pairs: what is known of the pairs of two models.

    Raises:
        ConfigurationError: the data folder, the registry or the policy file cannot be used.
    """
    opened = store or open_store(settings.home)
    path = policy_file or settings.policy_file
    policies = PolicyFile(path, settings.home) if path else PolicyInStore(opened, settings.home)
    releases = Releases(policies, opened.audit_log)
    return Governance(opened, releases, CanaryMonitor(releases, opened, verdicts, pairs))
