"""Figures and verdicts in words: one phrasing for the page, the command line and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.reviews import Evidence
from sora_compare.domain.takes import ArmLabel
from sora_compare.statistics.durations import JOB
from sora_compare.statistics.estimators.crossed import FEWEST, Scope
from sora_compare.statistics.results import listed
from sora_compare.statistics.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.evidence.findings import Attempts
    from sora_compare.statistics.analysis import Analysis, CriterionResult
    from sora_compare.statistics.costs import Costs
    from sora_compare.statistics.durations import PairedDuration
    from sora_compare.statistics.estimators.crossed import Estimate
    from sora_compare.statistics.estimators.preference import Strengths
    from sora_compare.statistics.results import Span

UNKNOWN = "not known"
TOO_FEW = "too few for an interval"
FEWEST_FOR_MEDIAN = 6
PHRASES = {
    Verdict.BETTER: "B is better",
    Verdict.NOT_WORSE: "B is not worse",
    Verdict.WORSE: "B is worse",
    Verdict.UNDECIDED: "Undecided",
}

WHICH_REVIEW = {Evidence.INDEPENDENT: "independent review", Evidence.ALL: "review"}
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
    mean: float | None,
    low: float | None,
    high: float | None,
    *,
    signed: bool = False,
    percent: bool = False,
    without: str = "no interval",
) -> str:
    """An estimate with its interval, such as "+0.42 [+0.10, +0.74]"; an edge that is not known is left out.

    Args:
        mean: the estimate; None is told as not known.
        low: edge of the interval, or None.
        high: likewise.
        signed: whether a plus is written.
        percent: whether they are shares.
        without: what stands for an interval that there is not.
    """
    if mean is None:
        return UNKNOWN
    shown = number(mean, signed=signed, percent=percent)
    edges = [None if edge is None else number(edge, signed=signed, percent=percent) for edge in (low, high)]
    if edges == [None, None]:
        return f"{shown} ({without})"
    if edges[1] is None:
        return f"{shown} (at least {edges[0]})"
    return f"{shown} (at most {edges[1]})" if edges[0] is None else f"{shown} [{edges[0]}, {edges[1]}]"


def of_estimate(one: Estimate, *, signed: bool = False) -> str:
    """A mean with its interval, or why it has none."""
    return interval(one.mean, one.low, one.high, signed=signed, without=_why_none(one))


def _why_none(one: Estimate) -> str:
    if not one.is_varied:
        return f"n = {one.n_reviews}, nothing varied"
    if one.n_prompts < FEWEST:
        return f"n = {one.n_prompts} prompt, {TOO_FEW}"
    if one.scope is Scope.ANY and one.n_reviewers < FEWEST:
        return f"n = {one.n_reviewers} reviewer, {TOO_FEW}"
    return f"n = {one.n_reviews}, {TOO_FEW}"


def of_span(span: Span, n: int, *, signed: bool = False, percent: bool = False) -> str:
    """A figure over `n` values with its interval, or why it has none."""
    # Of this many values the interval of a median has an edge, unless all are the same.
    is_alike = n >= FEWEST_FOR_MEDIAN and not percent
    without = f"n = {n}, {'nothing varied' if is_alike else TOO_FEW}"
    return interval(span.mean, span.low, span.high, signed=signed, percent=percent, without=without)


def sending_sentence(sent_first: dict[ArmLabel, int]) -> str:
    """How often each arm's request left first; empty when no pair was sent."""
    a, b = (sent_first[arm] for arm in ArmLabel)
    return f"Both arms are sent at the same time; A's request left first in {a} pairs, B's in {b}." if a + b else ""


def unpriced_sentence(costs: Iterable[Costs]) -> str:
    """How many takes no cost counts because their price is not known; empty when there are none."""
    counts = [f"{one.unpriced} of arm {one.arm}" for one in costs if one.unpriced]
    return f"Takes without a known price are in no cost per clip: {listed(counts)}." if counts else ""


def overall(analysis: Analysis) -> str:
    """All verdicts in one sentence; criteria on which reviewers agree too little are set apart."""
    if not analysis.criteria:
        return f"Nothing can be concluded about quality yet: there is no {WHICH_REVIEW[analysis.rules.evidence]}."
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
    sentences = [f"B is {listed(decided)}."] if decided else []
    return " ".join([*sentences, *(f"{words}: {listed(names)}." for words, names in groups.items() if names)])


def duration_gap(gap: PairedDuration) -> str:
    """B - A in seconds with its interval, or that it is too small to be told from none."""
    if gap.is_below_resolution:
        return f"no difference (below the resolution of {number(gap.resolution_s)} s)"
    return of_span(gap.difference, gap.n_prompts, signed=True)


def timing_sentences(attempts: Attempts) -> Iterator[str]:
    """How exact the durations are, and whose clock gave the server's own."""
    ours, jobs = attempts.paired["total_s"].resolution_s, attempts.durations[JOB].values()
    if ours is not None:
        yield f"A job is looked at from time to time: durations that end with it are exact to {number(ours)} s."
    n, by_server = sum(one.n for one in jobs), sum(one.by_server for one in jobs)
    if n:
        rest = "" if by_server == n else ", those of the others by the clock here"
        yield f"The time of the job at the server is by the server's own clock for {by_server} of {n} takes{rest}."


def win_share(votes: Strengths) -> str:
    """The share of decided votes that B would win, as a sentence; all ties are no share."""
    share, decided = votes.win_share, sum(votes.wins)
    if share.mean is None:
        return f"{votes.ties} ties and no winner: there is no share." if votes.ties else ""
    return f"Of votes with a winner B would win {of_span(share, decided, percent=True)}{_units(votes)}."


def _units(votes: Strengths) -> str:
    decided = sum(votes.wins)
    if votes.units == decided or votes.win_share.low is None:
        return ""
    return f", counted as {votes.units} independent votes of {decided}"


def side_pull(votes: Strengths) -> str:
    """The pull of the left side, as a sentence; empty where it is not known."""
    side = votes.side
    if side.mean is None or side.low is None or side.high is None:
        return ""
    return f"Pull of the left side in log odds: {interval(side.mean, side.low, side.high, signed=True)}."
