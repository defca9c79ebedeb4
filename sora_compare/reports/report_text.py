"""Findings for a terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.outcomes import left_out_sentence
from sora_compare.evidence.words import (
    duration_gap,
    headline,
    of_estimate,
    of_span,
    overall,
    sending_sentence,
    timing_sentences,
    unpriced_sentence,
)
from sora_compare.reports.report_tables import TIMINGS
from sora_compare.statistics.durations import JOB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sora_compare.evidence.findings import Attempts, Findings
    from sora_compare.statistics.analysis import CriterionResult


def as_text(findings: Findings) -> str:
    """All lines, with a newline at the end."""
    return "\n".join(_lines(findings)) + "\n"


def _lines(findings: Findings) -> Iterator[str]:
    yield f"A: {findings.arms['A']}   B: {findings.arms['B']}   ({', '.join(findings.origins) or 'no clips'})"
    if not findings.analysis.criteria:
        yield overall(findings.analysis)
    for name, result in findings.analysis.criteria.items():
        yield f"{name}: {headline(result)}"
        yield from _details(result)
    yield from _attempts(findings)
    for sentence in findings.warnings:
        yield f"! {sentence}"


def _details(result: CriterionResult) -> Iterator[str]:
    for arm, estimate in result.arms.items():
        yield f"   {arm} {of_estimate(estimate)}"
    if result.difference:
        one = result.difference
        yield f"   B - A {of_estimate(one, signed=True)}, {one.scope}"
    counted = f"{result.n_reviews} reviews, {result.n_reviewers} reviewers, {result.n_prompts} prompts"
    yield f"   {counted}, {result.missing} scores missing"
    if result.needed.sentence:
        yield f"   {result.needed.sentence}"
    for sentence in result.warnings:
        yield f"   ! {sentence}"


def _attempts(findings: Findings) -> Iterator[str]:
    if findings.attempts is None:
        return
    for arm, shares in findings.attempts.outcomes.items():
        record = of_span(shares.completed, shares.n, percent=True)
        total = findings.attempts.durations["total_s"][arm]
        median = of_span(total.median, total.n)
        yield f"{arm}: completed {record} of {shares.n} takes; median time {median} s"
        if shares.left_out:
            yield f"   {left_out_sentence(shares.left_out)}"
    for measure in ("total_s", JOB):
        gap = findings.attempts.paired[measure]
        if gap.n_prompts:
            yield f"B - A in seconds per prompt, {TIMINGS[measure]}: {duration_gap(gap)}"
    yield from timing_sentences(findings.attempts)
    if order := sending_sentence(findings.attempts.sent_first):
        yield order
    yield from _costs(findings.attempts)


def _costs(attempts: Attempts) -> Iterator[str]:
    for arm, one in attempts.costs.items():
        if one.per_completed is not None:
            yield f"{arm}: {one.per_completed:.2f} dollars per completed clip (list price, n = {one.priced_completed})"
    left_out = unpriced_sentence(attempts.costs.values())
    if left_out:
        yield f"   {left_out}"
