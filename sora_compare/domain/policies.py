"""The version policy: which snapshot each environment uses, and how that may change. Pure values and rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sora_compare.domain.canaries import STEPS, Canary
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B

STABLE, LATEST = "stable", "latest"
PRODUCTION = "production"
HISTORY_LIMIT = 20
"""Changes kept with the policy; the audit log has all of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an environment.

    Attributes:
        at: seconds since the epoch.
        event: lock, switch, undo, rollback; canary start, canary step, canary stop, canary promoted,
            canary rolled back; reason rule.
        before, after: the model, or for a step the share.
        by: who or what made it.
    """

    at: float
    event: str
    environment: str
    before: str
    after: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where models are used, such as production.

    Attributes:
        model: what it uses: a snapshot (then it is locked) or an alias (then it follows).
        previous: what it used before the last change of its model; `undo` goes back to it.
        needs_reason: whether a lock, a switch, a canary's start and its widening want a reason; None for what is usual:
            production does, others do not.
    """

    name: str
    model: str
    previous: str | None = None
    canary: Canary | None = None
    needs_reason: bool | None = None

    @property
    def wants_reason(self) -> bool:
        """Whether whoever moves it on must say why."""
        return self.name == PRODUCTION if self.needs_reason is None else self.needs_reason


@dataclass(frozen=True, slots=True)
class Policy:
    """Versions by role, and environments by name.

    Attributes:
        revision: counts changes; a change made on an older revision is refused.
        history: the last changes, oldest first.
        registry: a file with more snapshots, beside the policy file; empty for none.
    """

    versions: dict[str, str]
    environments: dict[str, Environment]
    revision: int = 0
    history: tuple[Change, ...] = ()
    registry: str = ""

    def changed(self, environment: Environment, change: Change) -> Policy:
        """The policy after a change, one revision later."""
        return replace(
            self,
            environments={**self.environments, environment.name: environment},
            revision=self.revision + 1,
            history=(*self.history, change)[-HISTORY_LIMIT:],
        )


DEFAULT_VERSIONS = {STABLE: DEFAULT_A, LATEST: DEFAULT_B, "alias": ALIAS}
DEFAULT_ENVIRONMENTS = {"development": ALIAS, "test": DEFAULT_B, "staging": DEFAULT_B, "production": DEFAULT_A}


def default_policy() -> Policy:
    """The article's: development follows the alias, test and staging are at December, production locked to October."""
    there = {name: Environment(name, model) for name, model in DEFAULT_ENVIRONMENTS.items()}
    return Policy(dict(DEFAULT_VERSIONS), there)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, and why.

    Attributes:
        expected: the revision that was looked at when deciding; a policy that has another one by now is not changed.
        at: seconds since the epoch; set when the change is written.
    """

    by: str = "library"
    reason: str = ""
    expected: int | None = None
    at: float = 0.0

    def change(self, event: str, environment: str, before: object, after: object) -> Change:
        """The change for the history."""
        return Change(self.at, event, environment, str(before), str(after), self.by, self.reason)


def moved(policy: Policy, name: str, model: str, event: str, author: Author) -> Policy:
    """The policy with an environment on another model; a canary there ends. An unlisted environment is added."""
    now = policy.environments.get(name) or Environment(name, policy.versions.get("alias", ALIAS))
    previous = now.previous if model == now.model else now.model
    after = replace(now, model=model, previous=previous, canary=None)
    return policy.changed(after, author.change(event, name, now.model, model))


def reason_ruled(policy: Policy, name: str, author: Author, *, needs_reason: bool) -> Policy:
    """The policy in which an environment wants a reason, or does not."""
    now = policy.environments[name]
    words = {True: "wanted", False: "not wanted"}
    change = author.change("reason rule", name, words[now.wants_reason], words[needs_reason])
    return policy.changed(replace(now, needs_reason=needs_reason), change)


def canary_started(policy: Policy, name: str, canary: Canary, author: Author) -> Policy:
    """The policy with a canary at its first step."""
    now = policy.environments[name]
    begun = replace(canary, share=STEPS[0], started=author.at, step_started=author.at)
    return policy.changed(replace(now, canary=begun), author.change("canary start", name, now.model, canary.candidate))


def canary_stepped(policy: Policy, name: str, author: Author) -> Policy:
    """The policy with the canary one step on; after the last step the candidate is what the environment uses."""
    now = policy.environments[name]
    canary = now.canary
    if canary is None:
        raise ValueError(name)
    share = canary.next_share
    if share is None:
        return moved(policy, name, canary.candidate, "canary promoted", author)
    wider = replace(now, canary=replace(canary, share=share, step_started=author.at))
    return policy.changed(wider, author.change("canary step", name, f"{canary.share} %", f"{share} %"))


def canary_ended(policy: Policy, name: str, event: str, author: Author) -> Policy:
    """The policy without the canary; every key is back on what the environment uses."""
    now = policy.environments[name]
    canary = now.canary
    if canary is None:
        raise ValueError(name)
    return policy.changed(replace(now, canary=None), author.change(event, name, canary.candidate, now.model))
