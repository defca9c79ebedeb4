"""Faults on demand: rules that say which request goes wrong, how, and how often."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from sora_compare.errors import ConfigurationError

ROUTES = ("create", "retrieve", "list", "content", "delete")
FAULTS = (
    "accept_then_hang", "accept_then_drop", "accept_then_status", "accept_then_endless", "hang", "drop", "status",
    "endless", "truncate", "wrong_type", "stick_at", "expire_link", "replica", "slow",
)  # fmt: skip
BODIES = ("json", "html", "empty")
LONGEST_S = 3600.0


class FaultRuleRefused(ConfigurationError):
    """A rule that makes no sense; the message names it."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(f"Fault rule {place + 1} cannot be used: {reason}. docs/simulator.md lists the fields.")


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault.

    Attributes:
        on: the route it strikes.
        fault: what goes wrong.
        times: how often at most; None for always.
        after: how many requests on the route pass first.
        probability: chance to strike each time, drawn from `seed`.
        code: HTTP status of `status` and `accept_then_status`.
        body: what that answer holds.
        headers: sent with it.
        progress: where `stick_at` sticks.
        seconds: how long `slow`, `endless` and the hangs last.
        share: how much of the body `truncate` sends.
        is_declared_whole: `truncate` announces the whole length and breaks off; otherwise it announces what it sends.
    """

    on: str
    fault: str
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    code: int = 500
    body: str = "json"
    headers: dict[str, str] = field(default_factory=dict)
    progress: int = 99
    seconds: float = LONGEST_S
    share: float = 0.5
    is_declared_whole: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The rule as `rules_from` reads it."""
        return {FIELDS_BY_ATTRIBUTE.get(name, name): getattr(self, name) for name in self.__slots__}


FIELDS_BY_ATTRIBUTE = {"probability": "p", "is_declared_whole": "declared_whole"}
TYPES: dict[str, tuple[type, ...]] = {
    "on": (str,), "fault": (str,), "times": (int, type(None)), "after": (int,), "p": (int, float), "seed": (int,),
    "code": (int,), "body": (str,), "headers": (dict,), "progress": (int,), "seconds": (int, float),
    "share": (int, float), "declared_whole": (bool,),
}  # fmt: skip


def rules_from(data: object) -> list[Rule]:
    """The rules of a JSON document: a list, or an object with `rules`.

    Raises:
        FaultRuleRefused: naming the first rule that cannot be used.
    """
    found = data.get("rules") if isinstance(data, dict) else data
    if not isinstance(found, list):
        raise ConfigurationError('Faults are a JSON list of rules, or {"rules": [...]}.')
    return [_rule(place, one) for place, one in enumerate(found)]


def _rule(place: int, data: Any) -> Rule:  # noqa: ANN401 - unchecked JSON
    if not isinstance(data, dict):
        raise FaultRuleRefused(place, "it is not an object")
    for name, value in data.items():
        if name not in TYPES:
            raise FaultRuleRefused(place, f"“{name}” is not a field")
        if not isinstance(value, TYPES[name]):
            raise FaultRuleRefused(place, f"“{name}” cannot be {value!r}")
    if data.get("on") not in ROUTES:
        raise FaultRuleRefused(place, f"“on” must be one of {', '.join(ROUTES)}")
    if data.get("fault") not in FAULTS:
        raise FaultRuleRefused(place, f"“fault” must be one of {', '.join(FAULTS)}")
    if data.get("body", "json") not in BODIES:
        raise FaultRuleRefused(place, f"“body” must be one of {', '.join(BODIES)}")
    attributes = {value: key for key, value in FIELDS_BY_ATTRIBUTE.items()}
    return Rule(**{attributes.get(str(name), str(name)): value for name, value in data.items()})


class Faults:
    """The rules in force, with what they have done so far."""

    def __init__(self, rules: list[Rule]) -> None:
        self.replace(rules)

    def replace(self, rules: list[Rule]) -> None:
        """Begin again with other rules."""
        self.rules = rules
        self._seen = [0] * len(rules)
        self._struck = [0] * len(rules)
        self._random = [random.Random(rule.seed) for rule in rules]  # noqa: S311 - a repeatable draw, no secret

    def strike(self, route: str) -> Rule | None:
        """The fault for the next request on a route: the first rule that applies, or None for a sound answer."""
        chosen: Rule | None = None
        for place, rule in enumerate(self.rules):
            if rule.on == route and self._is_due(place, rule) and chosen is None:
                self._struck[place] += 1
                chosen = rule
        return chosen

    def _is_due(self, place: int, rule: Rule) -> bool:
        self._seen[place] += 1
        is_drawn = self._random[place].random() < rule.probability
        is_used_up = rule.times is not None and self._struck[place] >= rule.times
        return is_drawn and not is_used_up and self._seen[place] > rule.after

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rules and how often each was seen and struck."""
        counts = zip(self.rules, self._seen, self._struck, strict=True)
        return [{**rule.to_dict(), "seen": seen, "struck": struck} for rule, seen, struck in counts]
