"""Whether an alias behaves otherwise than at its baseline: pure rules on two samples of the same small suite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, median

from sora_compare.domain.guard_rails import LEAST_SCORES, Observed
from sora_compare.statistics.two_samples import TWO_SIDED_99, failure_rise_lower_bound, mean_z, rank_sum_z

LEAST_TAKES = 6
TIME_RATIO = 1.25
SCORE_MOVE = 0.5

ClipName = tuple[str, int]


class Measure(StrEnum):
    """What is compared."""

    MODEL = "echoed model"
    CLIPS = "clips"
    TIMINGS = "timings"
    OUTCOMES = "outcomes"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of the suite against the alias.

    Attributes:
        echoed: models that the server said it used.
        observed: outcomes, durations and scores.
        clips: SHA-256 of each completed clip, by prompt and repeat.
    """

    echoed: frozenset[str]
    observed: Observed
    clips: dict[ClipName, str]

    @property
    def is_deterministic(self) -> bool:
        """Whether each prompt gave the same bytes at every repeat, so that other bytes mean another model."""
        by_prompt: dict[str, list[str]] = {}
        for (prompt, _), digest in self.clips.items():
            by_prompt.setdefault(prompt, []).append(digest)
        return bool(by_prompt) and all(len(all_) > 1 and len(set(all_)) == 1 for all_ in by_prompt.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """One measure; `has_moved` is None where there is too little to tell."""

    measure: Measure
    has_moved: bool | None
    sentence: str


def compared(baseline: Sample, now: Sample, expected: str) -> tuple[Finding, ...]:
    """Every measure of the sample against the baseline.

    Args:
        baseline: the run it is measured against.
        now: the new run.
        expected: the snapshot that the registry says the alias means.
    """
    before, after = baseline.observed, now.observed
    return (
        _model(baseline.echoed, now.echoed, expected),
        _clips(baseline, now),
        _timings(before.total_s, after.total_s),
        _outcomes(before, after),
        _scores(before.scores, after.scores),
    )


def _model(before: frozenset[str], after: frozenset[str], expected: str) -> Finding:
    if not after:
        return Finding(Measure.MODEL, None, "The server does not say which model it used.")
    text = ", ".join(sorted(after))
    if after != before and before:
        sentence = f"The server says {text}; at the baseline it said {', '.join(sorted(before))}."
        return Finding(Measure.MODEL, has_moved=True, sentence=sentence)
    beside = "" if expected in after else f" The registry says {expected}."
    return Finding(Measure.MODEL, has_moved=False, sentence=f"The server says {text}, as at the baseline.{beside}")


def _clips(baseline: Sample, now: Sample) -> Finding:
    shared = sorted(baseline.clips.keys() & now.clips.keys())
    if not shared or not baseline.is_deterministic:
        sentence = "The same prompt and seed do not always give the same clip here, so clips cannot tell."
        return Finding(Measure.CLIPS, None, sentence)
    other = [name for name in shared if baseline.clips[name] != now.clips[name]]
    sentence = f"{len(other)} of {len(shared)} clips differ from the baseline's, byte by byte."
    return Finding(Measure.CLIPS, bool(other), sentence)


def _timings(before: tuple[float, ...], after: tuple[float, ...]) -> Finding:
    if min(len(before), len(after)) < LEAST_TAKES:
        return _too_few(Measure.TIMINGS, len(before), len(after), LEAST_TAKES)
    ratio = median(after) / max(median(before), 1e-9)
    has_moved = max(ratio, 1 / max(ratio, 1e-9)) > TIME_RATIO and abs(rank_sum_z(before, after)) > TWO_SIDED_99
    sentence = (
        f"A clip takes {median(after):.2f} s; {median(before):.2f} s at the baseline (medians): {ratio:.2f} times."
    )
    return Finding(Measure.TIMINGS, has_moved, sentence)


def _outcomes(before: Observed, after: Observed) -> Finding:
    if min(before.asked, after.asked) < LEAST_TAKES:
        return _too_few(Measure.OUTCOMES, before.asked, after.asked, LEAST_TAKES)
    worse = failure_rise_lower_bound(before, after, TWO_SIDED_99) > 0
    better = failure_rise_lower_bound(after, before, TWO_SIDED_99) > 0
    sentence = f"{after.failed} of {after.asked} takes failed; {before.failed} of {before.asked} at the baseline."
    return Finding(Measure.OUTCOMES, worse or better, sentence)


def _scores(before: tuple[float, ...], after: tuple[float, ...]) -> Finding:
    if min(len(before), len(after)) < LEAST_SCORES:
        return _too_few(Measure.SCORES, len(before), len(after), LEAST_SCORES)
    move = fmean(after) - fmean(before)
    sentence = f"The mean score is {fmean(after):.1f}; {fmean(before):.1f} at the baseline."
    return Finding(Measure.SCORES, abs(move) > SCORE_MOVE and abs(mean_z(before, after)) > TWO_SIDED_99, sentence)


def _too_few(measure: Measure, before: int, after: int, least: int) -> Finding:
    sentence = f"Too few {measure} to tell: {before} at the baseline, {after} now, {least} each are needed."
    return Finding(measure, None, sentence)
