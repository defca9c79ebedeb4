"""The policy and log for a service that must go on while the store is away: missing, locked, damaged or full."""

from __future__ import annotations

import logging
import threading
from time import monotonic
from typing import TYPE_CHECKING

from sora_compare.domain.policies import default_policy
from sora_compare.errors import ConfigurationError, StoreError, StoreUnusable
from sora_compare.releases.policy.file import PolicyFileUnusable
from sora_compare.releases.policy.last_policy import LastPolicyFile
from sora_compare.releases.policy.opening import open_governance
from sora_compare.releases.policy.repository import PolicyFile
from sora_compare.releases.policy.toml_places import TomlFileBroken
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.domain.policies import Policy
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.settings import Settings

AWAY = (ConfigurationError, StoreError, OSError)
"""What reading or writing raises while the store is away."""
RETRY_S = 5.0
"""How long a store that was away is left alone: a service must not wait for it at every call."""
LOCK_WAIT_S = 5.0
"""How long one call waits for another process's write; each lasts milliseconds."""

logger = logging.getLogger("sora_compare.releases")


class Outage:
    """Something that is away: said once when it begins and once when it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._retry_at = 0.0
        self.is_on = False
        self.missed = 0

    @property
    def is_resting(self) -> bool:
        """Whether it was tried a moment ago, so that it is not tried again yet."""
        return self.is_on and monotonic() < self._retry_at

    def begin(self, sentence: str) -> None:
        """It is away, now or still."""
        with self._lock:
            self._retry_at = monotonic() + RETRY_S
            was_on, self.is_on = self.is_on, True
        if not was_on:
            logger.error("%s", sentence)

    def end(self, sentence: str) -> None:
        """It is there, again or still; {missed} in the sentence is what went unlogged."""
        if not self.is_on:
            return
        with self._lock:
            was_on, self.is_on, missed, self.missed = self.is_on, False, self.missed, 0
        if was_on:
            logger.warning("%s", sentence.format(missed=missed))


class ReconnectingGovernance:
    """The governance of one store, opened again when it is back. Safe between threads.

    While it is away the last policy that was read is answered, from memory or from the file beside the data folder.
    """

    def __init__(self, settings: Settings, policy_file: Path | None = None) -> None:
        """Read the policy.

        Raises:
            ConfigurationError: it cannot be read, and none was ever read here; or the policy file is broken.
        """
        self._settings = settings
        self._policy_path = policy_file or settings.policy_file
        self._lock = threading.RLock()
        self._governance: Governance | None = None
        self._policy_file: PolicyFile | None = None
        self._last_file = LastPolicyFile(settings.home, self._policy_path)
        self._last: Policy | None = None
        self._noted = self._last_file.find()
        self._may_create = self._noted is None
        self._policy_outage, self._log_outage = Outage(), Outage()
        if self._may_create:
            self._open()
        self.read_cached()

    @property
    def governance(self) -> Governance:
        """Policy, log and watcher, as long as they are there.

        Raises:
            ConfigurationError, StoreError: the store is away.
        """
        with self._lock:
            if self._governance is not None and self._governance.store.database.is_in_place():
                return self._governance
            self.close()
            return self._open()

    def _open(self) -> Governance:
        home = self._settings.home
        if not self._may_create and not (home / DATABASE).exists():
            # Made anew it would hold the default policy, which nobody chose for this service.
            raise StoreUnusable(home, "its database is missing")
        store = open_store(home, self._settings.database_url.reveal(), busy_timeout_s=LOCK_WAIT_S)
        governance = open_governance(self._settings, policy_file=self._policy_path, store=store)
        self._governance, self._may_create = governance, False
        return governance

    def read_cached(self) -> Policy:
        """The policy as it is now, or the last that was read while it is away.

        Raises:
            ConfigurationError, StoreError: it is away, and none was ever read.
        """
        last = self._last
        if last is not None and self._policy_outage.is_resting:
            return last
        try:
            policy = self._read()
        except AWAY as error:
            return self._last_known(error)
        self._policy_outage.end("The policy can be read again.")
        self._note(policy)
        return policy

    def _read(self) -> Policy:
        path = self._policy_path
        if path is None:
            return self.governance.releases.policies.read_cached()
        if self._policy_file is None:
            if not path.exists() and self._noted not in (None, default_policy()):
                raise PolicyFileUnusable(path, "it is missing")
            self._policy_file = PolicyFile(path, self._settings.home)
        return self._policy_file.read_cached()

    def _last_known(self, error: Exception) -> Policy:
        self.close()
        is_broken_from_the_start = self._last is None and isinstance(error, TomlFileBroken)
        known = self._last or self._noted
        if known is None or is_broken_from_the_start:
            raise error
        self._last = known
        self._policy_outage.begin(
            f"The version policy is away. {error} The last one that was read (revision {known.revision}, noted in "
            f"{self._last_file.path}) stays in use until it is back. To begin with a new policy, delete that file."
        )
        return known

    def _note(self, policy: Policy) -> None:
        self._last = policy
        if policy is self._noted or policy == self._noted:
            return
        self._noted = policy
        try:
            self._last_file.write(policy)
        except OSError as error:
            logger.warning("The policy that was read cannot be noted beside the data folder: %s.", error)

    def record(self, write: Callable[[Releases], int]) -> int:
        """Write to the log, unless it is away: then 0, which is said once.

        Args:
            write: what to write; returns the number of the entry.
        """
        if self._log_outage.is_resting:
            self._log_outage.missed += 1
            return 0
        try:
            number = write(self.governance.releases)
        except AWAY as error:
            self._log_outage.missed += 1
            self._log_outage.begin(f"The audit log is away: uses and outcomes are not logged until it is back. {error}")
            return 0
        self._log_outage.end("The audit log can be written again; {missed} entries are missing in it.")
        return number

    def close(self) -> None:
        """Release the store's files; they are opened again when they are asked for."""
        with self._lock:
            if self._governance is not None:
                self._governance.close()
            self._governance = None
