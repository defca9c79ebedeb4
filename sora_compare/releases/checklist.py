"""The migration checklist: the article's four steps, each item filled from the store, with what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sora_compare.domain.canaries import ACCEPTED, HOUR_S
from sora_compare.domain.guard_rails import GuardRails, Rail
from sora_compare.domain.outcomes import left_out_sentence
from sora_compare.domain.policies import LATEST
from sora_compare.domain.reviews import ASKED
from sora_compare.domain.sessions import SIGN_OFF, last_words
from sora_compare.domain.takes import Origin
from sora_compare.evidence.origins import not_counted
from sora_compare.releases.canary.rails import readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sora_compare.domain.policies import Environment
    from sora_compare.evidence.index.model_pairs import ModelPairs
    from sora_compare.releases.canary.monitor import CanaryMonitor
    from sora_compare.releases.policy.changes import Releases
    from sora_compare.store.audit import AuditLog

LEAST_PROMPTS = 20
"""Prompts under which a comparison says little: many prompts decide, not one clip."""
DISTURBANCES = ("rollback", "canary rolled back")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to have before the migration.

    Attributes:
        key: fixed, for links and tests.
        found: what the store says.
        missing: what is left to do; empty when it is done.
        page: where the evidence is: compare, review, results, library, sessions or versions.
    """

    key: str
    title: str
    found: str
    missing: str
    page: str

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """One of the article's four steps."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The whole list for moving an environment from the base to the candidate.

    `origin` is that of the evidence; `other_origins` counts the pairs that are no part of it.
    """

    environment: str
    base: str
    candidate: str
    origin: Origin
    steps: tuple[ChecklistStep, ...]
    other_origins: Mapping[str, int] = field(default_factory=dict)

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item in order."""
        return tuple(item for step in self.steps for item in step.items)

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing anywhere."""
        return all(item.is_done for item in self.items)


def sign_offs(log: AuditLog, candidate: str) -> dict[str, bool]:
    """The last word of each approver on the candidate: True for accepted."""
    return last_words((entry.facts for entry in log.of_event(SIGN_OFF)), candidate)


def checklist(releases: Releases, monitor: CanaryMonitor, environment: str, candidate: str | None = None) -> Checklist:
    """The checklist as the evidence stands now.

    Args:
        releases: with the policy and the log.
        monitor: knows the pairs, the verdicts and how a canary stands.
        environment: what is to be moved.
        candidate: where to; the canary's, else the policy's latest version.

    Raises:
        UnknownEnvironment: the policy has none of that name.
    """
    there = releases.environment(environment)
    goal = candidate or (there.canary.candidate if there.canary else releases.policy.versions.get(LATEST, there.model))
    base = (there.previous or there.model) if there.model == goal else there.model
    found = monitor.pairs.of(base, goal)
    words = monitor.verdicts(base, goal)
    steps = (
        ChecklistStep("Prompts work on both snapshots", tuple(_prompts(found, words))),
        ChecklistStep("Performance under the same load", tuple(_performance(found))),
        ChecklistStep("Acceptance by the product team", tuple(_acceptance(releases.log, goal, words))),
        ChecklistStep("Progressive roll-out", tuple(_roll_out(releases, monitor, there, goal))),
    )
    return Checklist(environment, base, goal, found.origin, steps, found.other_origins)


def _prompts(found: ModelPairs, words: Mapping[str, str]) -> Iterator[Item]:
    kind = {Origin.SIMULATED: " (simulated)", Origin.IMPORTED: " (imported)"}.get(found.origin, "")
    left = LEAST_PROMPTS - found.prompts
    yield Item(
        "prompts",
        "The same prompts were sent to both",
        f"{found.prompts} prompts, {found.pairs} pairs{kind}. {not_counted(found.other_origins, 'pair')}".strip(),
        f"Compare {left} more prompts." if left > 0 else "",
        "compare",
    )
    yield Item(
        "differences",
        "Differences of style and quality are noted",
        f"{found.noted} of {found.reviews} reviews hold a note or a marker; {found.reviewers} reviewers.",
        "" if found.noted else "Review pairs, and note what differs.",
        "review",
    )
    for criterion in ASKED:
        word = words.get(criterion)
        text = f"The verdict is “{word}”." if word else "There is no verdict."
        missing = "" if word in ACCEPTED else "Needed: “better” or “not worse”."
        yield Item(f"verdict_{criterion}", f"Verdict on {criterion}", text, missing, "results")


def _performance(found: ModelPairs) -> Iterator[Item]:
    base, candidate = found.base, found.candidate
    left = LEAST_PROMPTS - found.timed_pairs
    medians = "no durations yet"
    if base.median_s is not None and candidate.median_s is not None:
        medians = f"median {base.median_s:.1f} s against {candidate.median_s:.1f} s with the candidate"
    yield Item(
        "speed",
        "Generation time is measured",
        f"{found.timed_pairs} pairs sent at the same moment; {medians}.",
        f"Measure {left} more pairs." if left > 0 else "",
        "results",
    )
    (rail,) = [one for one in readings(GuardRails(), found.observations) if one.rail is Rail.OUTCOMES]
    problem = "Find out why the candidate fails more often." if rail.is_broken else ""
    yield Item(
        "errors",
        "The error rate is validated",
        f"{rail.sentence} {left_out_sentence(found.left_out)}".strip(),
        problem if rail.is_enough else "Make more takes.",
        "results",
    )
    asked = base.observed.asked + candidate.observed.asked
    yield Item(
        "retries",
        "The retry strategy is validated",
        f"Requests repeated because they were not received: {base.repeated_requests} for the base, "
        f"{candidate.repeated_requests} for the candidate; takes tried again: {base.retried_takes} and "
        f"{candidate.retried_takes}.",
        "" if asked >= 2 * LEAST_PROMPTS else "Make more takes.",
        "library",
    )


def _acceptance(log: AuditLog, candidate: str, words: Mapping[str, str]) -> Iterator[Item]:
    value = sign_offs(log, candidate)
    yes, no = [name for name, is_yes in value.items() if is_yes], [name for name, is_yes in value.items() if not is_yes]
    missing = (
        "" if yes and not no else f"Not accepted by {', '.join(no)}." if no else "Ask the product team to sign off."
    )
    found = f"Accepted by {', '.join(yes)}." if yes else "Nobody has accepted it."
    yield Item("sign_off", "The product team signed off", found, missing, "sessions")
    worse = [name for name in ASKED if words.get(name) == "worse"]
    open_ones = [name for name in ASKED if words.get(name) not in ACCEPTED]
    found = (
        f"Worse on {', '.join(worse)}." if worse else f"{len(ASKED) - len(open_ones)} of {len(ASKED)} criteria hold."
    )
    missing = f"Settle {', '.join(open_ones)}." if open_ones else ""
    yield Item("standards", "The candidate meets the standards", found, missing, "results")


def _roll_out(releases: Releases, monitor: CanaryMonitor, there: Environment, candidate: str) -> Iterator[Item]:
    is_promoted, canary = there.model == candidate, there.canary
    share = 100 if is_promoted else canary.share if canary else 0
    yield Item(
        "rehearsal",
        "A rollback was tried",
        f"Rollbacks in the log: {sum(1 for name in DISTURBANCES for _ in releases.log.of_event(name))}.",
        ""
        if any(True for name in DISTURBANCES for _ in releases.log.of_event(name))
        else "Roll back once, in staging.",
        "versions",
    )
    yield Item(
        "canary",
        "10 % of keys use the candidate",
        f"{share} % use it.",
        "" if share else f"Start a canary of {candidate} in {there.name}.",
        "versions",
    )
    yield _window(monitor, there, is_promoted=is_promoted)
    yield Item(
        "everybody",
        "Everybody uses the candidate",
        f"{there.name} is locked to {there.model}.",
        "" if is_promoted else "Widen the canary step by step: 25, 50, 100 %.",
        "versions",
    )


def _window(monitor: CanaryMonitor, there: Environment, *, is_promoted: bool) -> Item:
    title = "Each step was observed for 24 to 48 h"
    if is_promoted:
        return Item("window", title, "The candidate was promoted.", "", "versions")
    if there.canary is None:
        return Item("window", title, "No canary runs.", "Start one first.", "versions")
    found = monitor.canary_status(there.name)
    text = (
        f"{max(0.0, found.elapsed_s) / HOUR_S:.1f} h of {there.canary.window_s / HOUR_S:g} h at {there.canary.share} %."
    )
    # What else a step needs has items of its own.
    left = found.missing[:1] if found.elapsed_s < there.canary.window_s else ()
    return Item("window", title, text, " ".join((*found.broken, *left)), "versions")
