"""The report's tables: preference, checks of the reviewers, timings, outcomes, costs, claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.outcomes import left_out_sentence
from sora_compare.domain.takes import ArmLabel
from sora_compare.evidence.words import (
    duration_gap,
    interval,
    number,
    of_estimate,
    of_span,
    sending_sentence,
    side_pull,
    timing_sentences,
    unpriced_sentence,
    win_share,
)
from sora_compare.reports.report_parts import Section, paragraph, section, table
from sora_compare.statistics.claims import published

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Findings

TIMINGS = {
    "total_s": "request to saved clip",
    "per_10_s": "per 10 s of clip",
    "first_frame_s": "first frame",
    "queued_s": "queued",
    "render_s": "rendering",
    "job_s": "the job at the server",
    "download_s": "download",
}


def preference(findings: Findings) -> Section | None:
    """Votes, and the strength that follows from them."""
    found = findings.analysis.preference
    if not found.n_reviews:
        return None
    sentence = f"{found.wins[1]} votes for B, {found.wins[0]} for A, {found.ties} without a winner. {win_share(found)}"
    return section("Preference", paragraph(sentence), paragraph(side_pull(found)))


def trust(findings: Findings) -> Section | None:
    """Hidden repeats, A/A pairs and sides."""
    trust, rows = findings.trust, []
    if trust.repeats.pairs_of_scores:
        same = trust.repeats.exact_share
        record = of_span(same, trust.repeats.pairs_of_scores, percent=True)
        rows.append(("hidden repeats: same score again", record))
        rows.append(("hidden repeats: mean change", number(trust.repeats.mean_change)))
    if trust.false_alarms.of_scores.mean is not None:
        seen = trust.false_alarms.of_scores
        record = of_span(seen, trust.false_alarms.n_reviews, percent=True)
        rows.append(("same clip twice: a difference seen", record))
    if trust.sides.score.mean is not None:
        left = trust.sides.score
        rows.append(("left less right, in points", of_estimate(left, signed=True)))
    return section(
        "How far the reviewers can be trusted", table("Checks hidden among the pairs", ("check", "result"), rows)
    )


def timings(findings: Findings) -> Section | None:
    """Every duration of both arms, and the paired difference."""
    if findings.attempts is None:
        return None
    rows = []
    for measure, words in TIMINGS.items():
        for arm, one in findings.attempts.durations[measure].items():
            spans = (one.median, one.p90, one.p95)
            rows.append((words, arm, one.n, *(of_span(span, one.n) for span in spans)))
        gap = findings.attempts.paired[measure]
        rows.append((f"{words}, B - A per prompt", "", gap.n_prompts, duration_gap(gap), "", ""))
    columns = ("seconds", "arm", "n", "median", "90th percentile", "95th percentile")
    record = table("Seconds, with distribution-free 95 % intervals", columns, rows, figures_from=2)
    sentences = filter(None, (*timing_sentences(findings.attempts), sending_sentence(findings.attempts.sent_first)))
    return section("Timings", record, *(paragraph(sentence) for sentence in sentences))


def outcomes(findings: Findings) -> Section | None:
    """Shares of takes by outcome."""
    if findings.attempts is None:
        return None
    rows, by_arm = [], findings.attempts.outcomes
    for arm, one in by_arm.items():
        spans = (one.completed, one.refused, one.failed, one.timed_out, one.retried)
        rows.append((arm, one.n, *(of_span(span, one.n, percent=True) for span in spans)))
    columns = ("arm", "takes", "completed", "refused", "failed", "timed out", "retried")
    sentences = [paragraph(f"{arm}: {left_out_sentence(one.left_out)}") for arm, one in by_arm.items() if one.left_out]
    return section("Outcomes", table("Shares with exact 95 % intervals", columns, rows), *sentences)


def costs(findings: Findings) -> Section | None:
    """What an accepted clip costs."""
    if findings.attempts is None:
        return None
    rows = []
    for arm, one in findings.attempts.costs.items():
        per = one.per_accepted
        accepted = interval(one.accepted.mean, one.accepted.low, one.accepted.high, percent=True)
        rows.append(
            (
                arm,
                number(one.spent),
                one.priced_completed,
                number(one.per_completed),
                accepted,
                interval(per.mean, per.low, per.high),
            )
        )
    columns = (
        "arm", "dollars, list price", "completed clips with a price", "per completed clip", "clips accepted",
        "per accepted clip",
    )  # fmt: skip
    bar = findings.attempts.costs[ArmLabel.A].bar
    record = table(f"A clip is accepted from a mean score of {bar:g}", columns, rows)
    left_out = unpriced_sentence(findings.attempts.costs.values())
    return section("Cost", record, paragraph(left_out))


def claims(findings: Findings) -> Section | None:
    """Published beside measured; one sentence when the claims speak of other models."""
    if not set(published().models) & set(findings.arms.values()):
        other = paragraph(f"The claims speak of {' and '.join(published().models)}, which are not among these arms.")
        return section("Published claims against measured", other)
    rows = [
        (
            one.claim.name,
            one.model,
            one.published,
            of_span(one.measured, one.n),
            one.n,
            str(one.finding),
            one.reason,
        )
        for one in findings.claims
    ]
    columns = ("claim", "model", "published, unverified", "measured", "n", "finding", "why")
    return section("Published claims against measured", table(published().source, columns, rows, figures_from=9))
