"""The report: one HTML file that needs nothing else, and the same bytes for the same evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from sora_compare.domain.reviews import HIGHEST_SCORE, LOWEST_SCORE
from sora_compare.domain.takes import Origin
from sora_compare.evidence.tables import moment
from sora_compare.evidence.words import headline, interval, number, of_estimate, overall
from sora_compare.reports import report_tables
from sora_compare.reports.report_charts import Bar, Chart, interval_chart
from sora_compare.reports.report_clips import clip_sections
from sora_compare.reports.report_parts import Section, Table, Verdicts, paragraph, section, table, warnings
from sora_compare.reports.report_version import code_version, data_version
from sora_compare.statistics.reviewers.screening import screening

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.evidence.findings import Findings
    from sora_compare.statistics.analysis import CriterionResult
    from sora_compare.statistics.verdict import Judgement

COLORS = {"A": "#1B7FC1", "B": "#D55E00"}
"""The arms' colours everywhere in the product."""
INK = "#1B1F24"
LABELS: dict[str, str] = {
    Origin.SIMULATED: "SIMULATED DATA",
    Origin.IMPORTED: "imported clips",
    Origin.LIVE: "live clips",
}


def as_html(findings: Findings, files: ClipFiles | None = None) -> str:
    """The whole report; thumbnails come from `files`."""
    templates = Environment(
        loader=PackageLoader("sora_compare.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    arms = findings.arms
    sections = [
        _verdicts(findings),
        _differences(findings),
        *(_criterion(findings, result) for result in findings.analysis.criteria.values()),
        report_tables.preference(findings),
        report_tables.trust(findings),
        report_tables.timings(findings),
        report_tables.outcomes(findings),
        report_tables.costs(findings),
        report_tables.claims(findings),
        *clip_sections(findings, files),
        _methods(findings),
        _versions(findings),
    ]
    return templates.get_template("report.html").render(
        title=f"{arms['B']} against {arms['A']}",
        subtitle=f"A = {arms['A']}, B = {arms['B']}. {_period(findings)}",
        labels=[LABELS.get(one, one) for one in findings.origins],
        sections=[one for one in sections if one is not None],
    )


def _period(findings: Findings) -> str:
    at = findings.ratings.at[findings.ratings.at > 0]
    return f"Reviews from {moment(float(at.min()))} to {moment(float(at.max()))}." if len(at) else ""


def _verdicts(findings: Findings) -> Section | None:
    results = findings.analysis.criteria
    if not results:
        return section("Verdict", paragraph(overall(findings.analysis)), *warnings(findings.warnings))
    lines = Verdicts([_verdict(result) for result in results.values()])
    rules = findings.analysis.rules
    fixed = (
        f"B may be up to {rules.margin:g} points worse (the margin); the chance of any false verdict is held at "
        f"{100 * rules.alpha:g} % over all criteria, however often somebody looks; verdicts speak of {rules.scope}."
    )
    return section("Verdict", lines, paragraph(fixed, "soft"), *warnings(findings.warnings))


def _verdict(result: CriterionResult) -> tuple[str, str, str]:
    kind = str(result.judgement.verdict).replace(" ", "-")
    grey = " greyed" if result.agreement.is_too_low else ""
    more = f" {result.needed.sentence}" if result.needed.sentence else ""
    return kind + grey, result.criterion, headline(result) + more


def _differences(findings: Findings) -> Section | None:
    bars = [
        Bar(
            name,
            one.mean,
            one.low,
            one.high,
            of_estimate(one, signed=True),
            INK,
            _wide(result.judgement),
        )
        for name, result in findings.analysis.criteria.items()
        if (one := result.difference) and one.mean is not None
    ]
    sentence = "; ".join(f"{bar.name} {bar.words}" for bar in bars)
    lowest, highest = _scale(findings)
    reach = highest - lowest
    chart = interval_chart(
        bars,
        alt=f"Difference B minus A with 95 % intervals: {sentence}",
        axis="B - A in points. Thick: 95 %. Thin: holds however often somebody looked; the verdict rests on it.",
        zero=True,
        bounds=(-reach, reach),
        margin=findings.analysis.rules.margin,
    )
    return section("Difference per criterion", chart)


def _wide(judgement: Judgement) -> tuple[float, float] | None:
    return None if judgement.low is None or judgement.high is None else (judgement.low, judgement.high)


def _scale(findings: Findings) -> tuple[float, float]:
    """Ends of the scale: 1 to 10, or what outside ratings use beyond."""
    scores = findings.ratings.scores
    low, high = np.nanmin(scores, initial=LOWEST_SCORE), np.nanmax(scores, initial=HIGHEST_SCORE)
    return float(low), float(high)


def _criterion(findings: Findings, result: CriterionResult) -> Section | None:
    counted = (
        f"{result.n_reviews} reviews by {result.n_reviewers} reviewers on {result.n_prompts} prompts, "
        f"{result.missing} scores missing."
    )
    screened = screening(findings.ratings.without_checks(), findings.ratings.criteria.index(result.criterion))
    dropped = f"BT.500 screening would leave out: {', '.join(screened.rejected) or 'nobody'}. It was not applied."
    return section(
        result.criterion.capitalize(),
        paragraph(counted, "soft"),
        _means(findings, result),
        _people(result),
        paragraph(_agreed(result)),
        paragraph(dropped, "soft"),
        *warnings(result.warnings),
    )


def _means(findings: Findings, result: CriterionResult) -> Chart | None:
    bars = [
        Bar(arm, one.mean, one.low, one.high, of_estimate(one), COLORS[arm])
        for arm, one in result.arms.items()
        if one.mean is not None
    ]
    sentence = "; ".join(f"{findings.arms[bar.name]} {bar.words}" for bar in bars)
    return interval_chart(
        bars, alt=f"Mean score with 95 % intervals: {sentence}", axis="mean score", zero=False, bounds=_scale(findings)
    )


def _people(result: CriterionResult) -> Table | None:
    rows = (
        (
            one.reviewer,
            number(one.difference, signed=True),
            one.prompts,
            number(one.bias, signed=True),
            number(one.inconsistency),
        )
        for one in result.reviewers
    )
    columns = ("reviewer", "B - A", "prompts", "bias", "inconsistency")
    return table("Each reviewer: own difference; bias and inconsistency per ITU-T P.910", columns, rows)


def _agreed(result: CriterionResult) -> str:
    one = result.agreement
    ordinal = interval(one.alpha_ordinal, one.low, one.high)
    numeric = interval(one.alpha_interval, one.interval_low, one.interval_high)
    return f"Agreement (Krippendorff's alpha): ordinal {ordinal}, interval {numeric}."


def _methods(findings: Findings) -> Section | None:
    analysis = findings.analysis
    parts: list[object] = [
        analysis.preference,
        findings.trust.repeats,
        findings.trust.false_alarms,
        findings.trust.sides,
    ]
    for result in analysis.criteria.values():
        parts += [result.difference, result.judgement, result.people, result.agreement, result.needed]
    if findings.attempts:
        parts += [*findings.attempts.outcomes.values(), *findings.attempts.costs.values()]
        parts += [*findings.attempts.paired.values(), *findings.attempts.durations["total_s"].values()]
    used = sorted({(part.method, part.version) for part in parts if part is not None})  # type: ignore[attr-defined]  # all are results
    return section("Methods", table("Method and its version", ("method", "version"), used))


def _versions(findings: Findings) -> Section | None:
    rows = (
        ("code (SHA-256 of the package)", code_version()),
        ("data (SHA-256 of the evidence)", data_version(findings)),
    )
    return section("Versions", table("What this report was made from", ("what", "version"), rows, figures_from=9))
