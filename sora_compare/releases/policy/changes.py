"""Which snapshot each environment uses: reading it, and changing it."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING

from sora_compare.domain import policies
from sora_compare.domain.canaries import HOUR_S, LONGEST_WINDOW_S, SHORTEST_WINDOW_S, Canary
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.domain.policies import STABLE, Author
from sora_compare.releases.policy.writing import Writer, check_reason, environment_of, quiet_environment
from sora_compare.releases.refusals import (
    ChangedMeanwhile,
    NoCanary,
    NothingToUndo,
    RailBroken,
    StepRefused,
    UnknownSnapshot,
    WindowRefused,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.canaries import CanaryStatus
    from sora_compare.domain.policies import Environment, Policy
    from sora_compare.domain.snapshots import Lifecycle, Registry
    from sora_compare.releases.policy.repository import PolicyRepository
    from sora_compare.releases.policy.writing import Changing
    from sora_compare.store.audit import AuditLog

ROLLBACK_TRIES = 50
LIBRARY = Author()
GUARD = Author(by="guard rail")


class Releases:
    """The policy of one store or file. Safe between threads and processes.

    Every change is logged, refused or not. `author` says who and why, and may name the revision that was looked at;
    when the policy has another one by now, the change is refused with `ChangedMeanwhile`.
    """

    def __init__(self, policies: PolicyRepository, log: AuditLog, clock: Callable[[], float] = time.time) -> None:
        self.policies = policies
        self.log = log
        self.clock = clock
        self._writer = Writer(policies, log, clock)

    @property
    def policy(self) -> Policy:
        """The policy as it is now."""
        return self.policies.read()

    @property
    def registry(self) -> Registry:
        """The snapshots and aliases that are known."""
        return self.policies.registry

    def environment(self, name: str) -> Environment:
        """One environment.

        Raises:
            UnknownEnvironment: the policy has none of that name.
        """
        return environment_of(self.policy, name)

    def lifecycle(self, model: str) -> Lifecycle:
        """Where a model id stands today."""
        return self._writer.lifecycle(model)

    def resolve(self, model: str) -> str:
        """The snapshot that a model id means today."""
        return self.registry.resolve(model, self._writer.today())

    def lock(
        self, name: str, model: str, *, force: bool = False, author: Author = LIBRARY, evidence: str = ""
    ) -> Policy:
        """Let an environment use exactly this snapshot (or follow this alias) from now on.

        Args:
            name: the environment.
            model: a snapshot or an alias.
            force: also one that is retired.
            author: who and why.
            evidence: what was known when deciding, as a sentence for the log (`releases.evidence_summary`).

        Raises:
            UnknownEnvironment, UnknownSnapshot: not in the policy, not in the registry.
            RetiredSnapshot: it is, or will be, switched off, and `force` was not given.
            CanaryRuns: a canary runs there.
            ReasonMissing: the environment wants a reason, and `author` gives none.
            ChangedMeanwhile: see the class.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            there = quiet_environment(policy, name)
            self._writer.check_model(model, force=force)
            check_reason(there, signed)
            return policies.moved(policy, name, model, "lock", signed)

        record = {"model": model, "is_forced": force, "evidence": evidence}
        return self._writer.write("lock", name, author, change, **record)

    def switch(self, name: str, key: str, *, author: Author = LIBRARY) -> Policy:
        """Let an environment use one of the policy's versions, such as "latest"; an unlisted environment is added.

        A retired snapshot is flagged and not refused: the policy's own versions may be served by your own server.

        Raises:
            UnknownSnapshot: the policy has no version under that key.
            CanaryRuns, ReasonMissing, ChangedMeanwhile: see `lock`.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            if key not in policy.versions:
                raise UnknownSnapshot(key, policy.versions)
            if name in policy.environments:
                check_reason(quiet_environment(policy, name), signed)
            return policies.moved(policy, name, policy.versions[key], "switch", signed)

        return self._writer.write("switch", name, author, change, key=key)

    def undo(self, name: str, *, author: Author = LIBRARY) -> Policy:
        """Back to what the environment used before the last change of its model; undone twice it is as it was.

        A retired snapshot is flagged and not refused, as with `switch`. To go to the stable version see `rollback`.

        Raises:
            NothingToUndo: its model was never changed.
            UnknownEnvironment, CanaryRuns, ChangedMeanwhile: see `lock`.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            previous = quiet_environment(policy, name).previous
            if previous is None:
                raise NothingToUndo(name)
            return policies.moved(policy, name, previous, "undo", signed)

        return self._writer.write("undo", name, author, change)

    def rollback(self, name: str, *, to: str | None = None, author: Author = LIBRARY) -> Policy:
        """Reset to the stable version at once: ends a canary, and tries again when others write at the same time.

        Args:
            name: the environment; an unlisted one is added.
            to: another snapshot than the stable version.
            author: who and why.

        Raises:
            UnknownSnapshot: `to` is not in the registry.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            if to is not None:
                self._writer.check_model(to, force=True)
            return policies.moved(policy, name, to or policy.versions[STABLE], "rollback", signed)

        return self._insist("rollback", name, author, change)

    def start_canary(
        self,
        name: str,
        candidate: str,
        *,
        window_s: float = SHORTEST_WINDOW_S,
        rails: GuardRails | None = None,
        is_automatic: bool = True,
        force: bool = False,
        author: Author = LIBRARY,
        evidence: str = "",
    ) -> Policy:
        """Let the first 10 % of keys use the candidate; `evidence` as for `lock`.

        Raises:
            WindowRefused: not 24 to 48 h.
            CandidateUseless: an alias, or what the environment uses already.
            UnknownEnvironment, UnknownSnapshot, RetiredSnapshot, CanaryRuns, ReasonMissing, ChangedMeanwhile: see
                `lock`.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            there = quiet_environment(policy, name)
            self._writer.check_candidate(there, candidate, force=force)
            if not SHORTEST_WINDOW_S <= window_s <= LONGEST_WINDOW_S:
                raise WindowRefused(window_s / HOUR_S, SHORTEST_WINDOW_S / HOUR_S, LONGEST_WINDOW_S / HOUR_S)
            check_reason(there, signed)
            canary = Canary(
                candidate=candidate,
                share=0,
                salt=secrets.token_hex(8),
                started=signed.at,
                step_started=signed.at,
                window_s=window_s,
                is_automatic=is_automatic,
                rails=rails or GuardRails(),
                since_entry=self.log.count,
            )
            return policies.canary_started(policy, name, canary, signed)

        record = {"candidate": candidate, "is_forced": force, "evidence": evidence}
        return self._writer.write("canary start", name, author, change, **record)

    def step_canary(
        self,
        name: str,
        canary_status: CanaryStatus,
        *,
        force: bool = False,
        author: Author = LIBRARY,
        evidence: str = "",
    ) -> Policy:
        """Widen the canary to its next step; after 100 % the candidate becomes what the environment uses.

        Args:
            name: the environment.
            canary_status: what was observed (`releases.watching`).
            force: go on without the window or the verdict; a broken rail is never passed.
            author: who and why.
            evidence: as for `lock`.

        Raises:
            NoCanary: none runs there.
            RailBroken: a guard rail is broken.
            StepRefused: the window or the verdict is missing, and `force` was not given.
            UnknownEnvironment, ReasonMissing, ChangedMeanwhile: see `lock`.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            _canary(policy, name)
            if canary_status.broken:
                raise RailBroken(name, canary_status.broken)
            if canary_status.missing and not force:
                raise StepRefused(name, canary_status.missing)
            check_reason(environment_of(policy, name), signed)
            return policies.canary_stepped(policy, name, signed)

        record = {"missing": list(canary_status.missing), "is_forced": force, "evidence": evidence}
        return self._writer.write("canary step", name, author, change, **record)

    def stop_canary(self, name: str, *, author: Author = LIBRARY) -> Policy:
        """End the canary: every key is back on what the environment uses.

        Raises:
            UnknownEnvironment, NoCanary, ChangedMeanwhile: see `step_canary`.
        """
        return self._writer.write("canary stop", name, author, _ending(name, "canary stop"))

    def roll_canary_back(self, name: str, canary_status: CanaryStatus) -> Policy:
        """End the canary because a guard rail broke; the reason names it. Tries again as `rollback` does.

        Raises:
            UnknownEnvironment, NoCanary: see `step_canary`.
        """
        event = "canary rolled back"
        return self._insist(event, name, Author(GUARD.by, " ".join(canary_status.broken)), _ending(name, event))

    def rule_reason(self, name: str, *, needs_reason: bool, author: Author = LIBRARY) -> Policy:
        """Let an environment want a reason for each lock, switch, canary start and widening, or not any more.

        Raises:
            ReasonMissing: it wants one now, and is to want none without one.
            UnknownEnvironment, ChangedMeanwhile: see `lock`.
        """

        def change(policy: Policy, signed: Author) -> Policy:
            there = environment_of(policy, name)
            if not needs_reason:
                check_reason(there, signed)
            return policies.reason_ruled(policy, name, signed, needs_reason=needs_reason)

        return self._writer.write("reason rule", name, author, change)

    def _insist(self, event: str, name: str, author: Author, change: Changing) -> Policy:
        """Write it, and again when somebody else wrote at the same moment; not when a revision is expected."""
        for _ in range(ROLLBACK_TRIES - 1):
            try:
                return self._writer.write(event, name, author, change)
            except ChangedMeanwhile:
                if author.expected is not None:
                    raise
        return self._writer.write(event, name, author, change)


def _ending(name: str, event: str) -> Changing:
    def change(policy: Policy, signed: Author) -> Policy:
        _canary(policy, name)
        return policies.canary_ended(policy, name, event, signed)

    return change


def _canary(policy: Policy, name: str) -> Canary:
    found = environment_of(policy, name).canary
    if found is None:
        raise NoCanary(name)
    return found
