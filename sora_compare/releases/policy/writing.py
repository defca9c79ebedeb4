"""Writing a change of the policy: compare-and-set, with its audit entry, refused or not."""

from __future__ import annotations

import dataclasses
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sora_compare.errors import SoraCompareError
from sora_compare.releases.refusals import (
    CanaryRuns,
    CandidateUseless,
    ChangedMeanwhile,
    ReasonMissing,
    RetiredSnapshot,
    UnknownEnvironment,
    UnknownSnapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sora_compare.domain.policies import Author, Environment, Policy
    from sora_compare.domain.snapshots import Lifecycle
    from sora_compare.releases.policy.repository import PolicyRepository
    from sora_compare.store.audit import AuditLog

    Changing = Callable[[Policy, Author], Policy]

logger = logging.getLogger("sora_compare.releases")


class Writer:
    """Checks and writes changes of one policy."""

    def __init__(self, policies: PolicyRepository, log: AuditLog, clock: Callable[[], float] = time.time) -> None:
        self.policies = policies
        self.log = log
        self.clock = clock

    def write(self, event: str, name: str, author: Author, change: Changing, **details: Any) -> Policy:  # noqa: ANN401  # JSON
        """Apply `change` to the policy as it is now, and log it; a refusal is logged and raised again."""
        record = {"environment": name, "by": author.by, "reason": author.reason, **details}
        before = self.policies.read()
        try:
            if author.expected is not None and author.expected != before.revision:
                raise ChangedMeanwhile(author.expected, before.revision)
            after = change(before, dataclasses.replace(author, at=self.clock()))
            self.policies.write(after, before, lambda: self._record(after, record))
        except SoraCompareError as error:
            self.log.append(f"{event} refused", {**record, "error": str(error)}, now=self.clock())
            raise
        return after

    def _record(self, after: Policy, data: dict[str, Any]) -> None:
        """The last change of the policy as an audit entry, with what is known of the model's retirement."""
        last = after.history[-1]
        there = after.environments[last.environment]
        life = self.lifecycle(there.canary.candidate if there.canary else there.model)
        flags = {"is_retired": True, "retirement": life.sentence} if life.is_flagged else {}
        details = {**data, "from": last.before, "to": last.after, "model": there.model, "revision": after.revision}
        self.log.append(last.event, {**details, **flags}, now=last.at)
        level = logging.WARNING if flags or last.event.endswith("back") else logging.INFO
        line = "%s in %s: %s -> %s, by %s. %s %s"
        logger.log(
            level, line, last.event, last.environment, last.before, last.after, last.by, last.reason,
            life.sentence if flags else "",
        )  # fmt: skip

    def lifecycle(self, model: str) -> Lifecycle:
        """Where a model id stands today."""
        return self.policies.registry.lifecycle(model, self.today())

    def today(self) -> date:
        """The day in UTC."""
        return datetime.fromtimestamp(self.clock(), UTC).date()

    def check_model(self, model: str, *, force: bool) -> None:
        """Refuse a model that nobody knows, or, unless forced, one that is or will be retired."""
        registry = self.policies.registry
        if not registry.knows(model):
            raise UnknownSnapshot(model, [*registry.snapshots, *registry.aliases])
        found = self.lifecycle(model)
        if found.is_flagged and not force:
            raise RetiredSnapshot(found)

    def check_candidate(self, environment: Environment, candidate: str, *, force: bool) -> None:
        """Refuse a candidate that could show nothing."""
        self.check_model(candidate, force=True)
        if candidate in self.policies.registry.aliases:
            raise CandidateUseless(candidate, "an alias may move while it is watched")
        if candidate == environment.model:
            raise CandidateUseless(candidate, f"{environment.name} uses it already")
        self.check_model(candidate, force=force)


def environment_of(policy: Policy, name: str) -> Environment:
    """One environment.

    Raises:
        UnknownEnvironment: the policy has none of that name.
    """
    if name not in policy.environments:
        raise UnknownEnvironment(name, policy.environments)
    return policy.environments[name]


def check_reason(environment: Environment, author: Author) -> None:
    """Refuse a change without a reason where one is wanted. Going back (undo, rollback, stop) never wants one.

    Raises:
        ReasonMissing: there is none.
    """
    if environment.wants_reason and not author.reason.strip():
        raise ReasonMissing(environment.name)


def quiet_environment(policy: Policy, name: str) -> Environment:
    """One environment in which no canary runs.

    Raises:
        UnknownEnvironment: see above. CanaryRuns: one does.
    """
    found = environment_of(policy, name)
    if found.canary:
        raise CanaryRuns(name, found.canary.candidate)
    return found
