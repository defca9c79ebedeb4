"""Figures and verdicts in words: one phrasing for the page, the command line and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.statistics.results import listed
from sora_compare.statistics.verdict import Verdict

if TYPE_CHECKING:
    from sora_compare.statistics.analysis import Analysis, CriterionResult

UNKNOWN = "not known"
PHRASES = {
    Verdict.BETTER: "B is better",
    Verdict.NOT_WORSE: "B is not worse",
    Verdict.WORSE: "B is worse",
    Verdict.UNDECIDED: "Undecided",
}

WORDED = {Verdict.BETTER: "better", Verdict.NOT_WORSE: "not worse", Verdict.WORSE: "worse"}


def headline(result: CriterionResult) -> str:
    """The verdict on one criterion, in one sentence."""
    return f"{PHRASES[result.judgement.verdict]}. {result.judgement.reason}"


def number(value: float | None, *, signed: bool = False, percent: bool = False, digits: int = 2) -> str:
    """A number for people; a dash for what is not known."""
    if value is None:
        return UNKNOWN
    if percent:
        return f"{100 * value:.1f} %"
    # Adding 0 turns the "-0.0" that rounding leaves into "0.0".
    shown = round(value, digits) + 0.0
    return f"{shown:+.{digits}f}" if signed else f"{shown:.{digits}f}"


def interval(
    mean: float | None, low: float | None, high: float | None, *, signed: bool = False, percent: bool = False
) -> str:
    """An estimate with its interval, such as "+0.42 [+0.10, +0.74]"."""
    if mean is None:
        return UNKNOWN
    edges = [number(edge, signed=signed, percent=percent) for edge in (low, high)]
    return f"{number(mean, signed=signed, percent=percent)} [{edges[0]}, {edges[1]}]"


def overall(analysis: Analysis) -> str:
    """All verdicts in one sentence; criteria on which reviewers agree too little are set apart."""
    if not analysis.criteria:
        return "Nothing can be concluded about quality yet: nobody has scored a pair."
    groups: dict[str, list[str]] = {"Undecided": [], "Too little agreement": [], "Agreement not known": []}
    steady: dict[Verdict, list[str]] = {verdict: [] for verdict in WORDED}
    for one in analysis.criteria.values():
        agreed, verdict = one.agreement, one.judgement.verdict
        if agreed.is_too_low and agreed.alpha_ordinal is not None:
            groups["Too little agreement"].append(one.criterion)
        elif verdict is Verdict.UNDECIDED:
            groups["Undecided"].append(one.criterion)
        elif agreed.is_too_low:
            groups["Agreement not known"].append(one.criterion)
        else:
            steady[verdict].append(one.criterion)
    decided = [f"{WORDED[verdict]} on {listed(names)}" for verdict, names in steady.items() if names]
    said = [f"B is {listed(decided)}."] if decided else []
    return " ".join([*said, *(f"{words}: {listed(names)}." for words, names in groups.items() if names)])
