"""Comparisons: one prompt and its settings, sent to both arms; suites of prompts, and a run of one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel


@dataclass(frozen=True, slots=True)
class Arm:
    """One side: an endpoint, by name, and a model."""

    label: ArmLabel
    endpoint: str
    model: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One prompt and its settings, sent to both arms; `repeats` pairs of takes.

    Attributes:
        created: seconds since the epoch.
        suite: id of the suite run it belongs to, if any.
        asked_by: who sent it, as far as it is known; for the audit log.
        version: of the stored record.
    """

    id: str
    prompt: str
    settings: ClipSettings
    arms: tuple[Arm, Arm]
    created: float
    repeats: int = 1
    tags: tuple[str, ...] = ()
    suite: str | None = None
    asked_by: str = ""
    version: int = 0

    def arm(self, label: ArmLabel) -> Arm:
        """The arm of that label."""
        return next(arm for arm in self.arms if arm.label is label)


Matchup = tuple[str, str, str, str]
"""Endpoint and model of A, then of B."""


@dataclass(frozen=True, slots=True)
class ComparisonFilter:
    """Which comparisons are wanted; what is None or empty does not restrict.

    Attributes:
        words: each has to begin a word of the prompt or of a tag.
        matchup: both arms.
        model: of either arm.
        suite: id of the suite run.
        since, until: of their making, in seconds since the epoch; `until` itself is left out.
    """

    words: str = ""
    matchup: Matchup | None = None
    model: str | None = None
    tag: str | None = None
    suite: str | None = None
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class SuitePrompt:
    """One prompt of a suite; what is None is taken from the run.

    Attributes:
        line: in the file it came from, from 1.
        seconds, size, seed, style, repeats: settings of this prompt alone.
    """

    line: int
    prompt: str
    tags: tuple[str, ...] = ()
    seconds: int | None = None
    size: str | None = None
    seed: int | None = None
    style: str | None = None
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot be used: its line in the file, and why."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of prompts as it was read."""

    name: str
    prompts: tuple[SuitePrompt, ...]
    broken: tuple[BrokenRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of a suite, kept before anything of it is sent.

    Attributes:
        suite: what is run; rows that could not be used stay in it.
        arms: A, then B.
        seed: shuffles the order in which prompts are sent, and draws which arm of each pair is sent first.
        seconds, size, repeats: for prompts that do not say their own.
        created: seconds since the epoch.
        refused: rows that an arm cannot take.
        is_planned: whether every comparison of it has been kept.
        asked_by: who started it, as far as it is known.
        promised: estimated dollars of all its takes by their origin, held back from the day's budget until every
            comparison has been kept.
        promised_at: the moment of that promise, in seconds since the epoch.
    """

    id: str
    suite: Suite
    arms: tuple[Arm, Arm]
    seed: int
    seconds: int
    size: str
    created: float
    repeats: int = 1
    is_fresh: bool = False
    refused: tuple[BrokenRow, ...] = ()
    is_planned: bool = False
    asked_by: str = ""
    promised: dict[str, float] = field(default_factory=dict)
    promised_at: float = 0.0

    def comparison_id(self, prompt: SuitePrompt) -> str:
        """The id of the comparison of one prompt: the same at every try, so that a resumed run makes no second."""
        return f"cmp_{self.id.partition('_')[2]}x{prompt.line:05d}"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        takes: all there are.
        by_state: number of takes per state.
        left_s: estimated seconds until the last one ends; None when nothing is known yet, 0 at the end.
    """

    takes: int
    ended: int
    by_state: dict[str, int]
    left_s: float | None
