"""Where the policy is kept: in the store, or in a TOML file. Both read quickly and write by compare-and-set."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from sora_compare.domain.policies import default_policy
from sora_compare.errors import ConfigurationError
from sora_compare.releases.policy.file import PolicyFileUnusable, only_writer, parse_policy, write_policy
from sora_compare.releases.policy.registry_file import NAME, load_registry
from sora_compare.releases.refusals import ChangedMeanwhile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.domain.policies import Policy
    from sora_compare.domain.snapshots import Registry
    from sora_compare.store.store import Store

logger = logging.getLogger("sora_compare.releases")


class PolicyRepository(Protocol):
    """A place for one policy."""

    registry: Registry

    def read(self) -> Policy:
        """The policy as it is now; the default one when none was written yet.

        Raises:
            ConfigurationError: it cannot be read.
        """

    def read_cached(self) -> Policy:
        """The same, for who asks often: cheap when nothing changed, and the last good one when it cannot be read."""

    def write(self, policy: Policy, instead_of: Policy, record: Callable[[], object]) -> None:
        """Write it if what is kept equals `instead_of`; `record` notes the change together with the write.

        Raises:
            ChangedMeanwhile: it does not; nothing was written.
        """


class PolicyInStore:
    """The policy as one record; the change and its audit entry are one transaction."""

    def __init__(self, store: Store, home: Path) -> None:
        self._store = store
        self.registry = load_registry(home / NAME)
        self._seen: Policy | None = None

    def read(self) -> Policy:
        """See `PolicyRepository.read`."""
        self._seen = self._store.policies.find() or default_policy()
        return self._seen

    def read_cached(self) -> Policy:
        """See `PolicyRepository.read_cached`."""
        seen = self._seen
        if seen is not None and self._store.policies.revision() == seen.revision:
            return seen
        return self.read()

    def write(self, policy: Policy, instead_of: Policy, record: Callable[[], object]) -> None:
        """See `PolicyRepository.write`."""
        with self._store.transaction():
            now = self.read()
            if now != instead_of:
                raise ChangedMeanwhile(instead_of.revision, now.revision)
            self._store.policies.save(policy)
            record()
        self._seen = policy


class PolicyFile:
    """The policy as a TOML file; the change is logged before it is written, so that none goes unlogged."""

    def __init__(self, path: Path, home: Path) -> None:
        self.path = path
        self._known = load_registry(home / NAME)
        self.registry = self._known
        self._signature: tuple[int, int, int] | None = None
        self._parsed: tuple[bytes, Policy] | None = None
        self._is_away = False
        self._seen: Policy | None = None

    def read(self) -> Policy:
        """See `PolicyRepository.read`; a file that is not there yet stands for the default policy."""
        content = self._content()
        parsed = self._parsed
        if parsed is not None and parsed[0] == content:
            self._seen = parsed[1]
        elif content is None:
            self._seen = default_policy()
        else:
            policy, self.registry = parse_policy(self.path, content, self._known)
            self._parsed = content, policy
            self._seen = policy
        return self._seen

    def _content(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PolicyFileUnusable(self.path, (error.strerror or str(error)).lower()) from error

    def read_cached(self) -> Policy:
        """See `PolicyRepository.read_cached`: a file broken meanwhile is logged once and changes nothing."""
        signature = self._signed()
        seen = self._seen
        if seen is not None and signature == self._signature:
            return seen
        self._signature = signature
        try:
            if signature is None and self._parsed is not None:
                raise PolicyFileUnusable(self.path, "it is missing")
            policy = self.read()
        except ConfigurationError as error:
            if seen is None:
                raise
            self._log_away(error)
            return seen
        self._log_back()
        return policy

    def _log_away(self, error: ConfigurationError) -> None:
        if not self._is_away:
            logger.error("The policy file cannot be read; the last good policy stays in use. %s", error)
        self._is_away = True

    def _log_back(self) -> None:
        if self._is_away:
            logger.warning("The policy file can be read again.")
        self._is_away = False

    def _signed(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def write(self, policy: Policy, instead_of: Policy, record: Callable[[], object]) -> None:
        """See `PolicyRepository.write`."""
        if not self.path.parent.is_dir():
            raise PolicyFileUnusable(self.path, "its folder does not exist")
        with only_writer(self.path):
            now = self.read()
            if now != instead_of:
                raise ChangedMeanwhile(instead_of.revision, now.revision)
            for left in self.path.parent.glob(f".{self.path.name}.*.part"):
                left.unlink(missing_ok=True)  # of a killed writer: nobody else writes now
            record()
            self._parsed = write_policy(self.path, policy), policy
            self._signature = self._signed()
            self._seen = policy
