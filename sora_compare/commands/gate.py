"""`gate`: pass, fail or undecided for one criterion, as an exit code for somebody's CI."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from sora_compare.commands.flags import add_evidence_arguments, add_rules_arguments, found
from sora_compare.domain.reviews import Criterion
from sora_compare.evidence.ratings_csv.text import folded
from sora_compare.statistics.analysis import CriterionResult, analyse
from sora_compare.statistics.verdict import Verdict

if TYPE_CHECKING:
    import argparse

    from sora_compare.evidence.set_aside import SetAside
    from sora_compare.statistics.ratings import Ratings
    from sora_compare.statistics.rules import Rules

PASSED, FAILED, UNDECIDED = 0, 1, 3
CODES = {
    Verdict.BETTER: PASSED,
    Verdict.NOT_WORSE: PASSED,
    Verdict.WORSE: FAILED,
    Verdict.UNDECIDED: UNDECIDED,
}
WORDS = {PASSED: "pass", FAILED: "fail", UNDECIDED: "undecided"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `gate`."""
    known = ", ".join(Criterion)
    parser.add_argument(
        "--criterion", required=True, type=folded, help=f"what has to hold: {known}, or any in the ratings file"
    )
    parser.add_argument("--min-prompts", type=int, default=0, help="undecided with fewer prompts (default 0)")
    add_evidence_arguments(parser)
    add_rules_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when B is better or not worse by the margin, 1 when it is worse, 3 when nobody can tell yet."""
    findings = found(arguments)
    # Only this criterion is asked about, so it need not share alpha with others.
    result = _alone(findings.ratings, arguments.criterion, findings.analysis.rules)
    code, reason = _decided(result, arguments.criterion, arguments.min_prompts, findings.set_aside)
    warnings = [*findings.warnings, *(result.warnings if result else ())]
    if arguments.json:
        sys.stdout.write(
            json.dumps({**_summary(arguments, result, code, reason), "warnings": warnings}, allow_nan=False) + "\n"
        )
    else:
        sys.stdout.write(f"{WORDS[code]}: {arguments.criterion}: {reason}\n")
    for sentence in warnings:
        sys.stderr.write(f"{sentence}\n")
    return code


def _alone(ratings: Ratings, criterion: str, rules: Rules) -> CriterionResult | None:
    if criterion not in ratings.criteria:
        return None
    return analyse(ratings.only(criterion), rules).criteria.get(criterion)


def _decided(result: CriterionResult | None, criterion: str, min_prompts: int, aside: SetAside) -> tuple[int, str]:
    if result is None and aside.total:
        return UNDECIDED, f"No independent review scores {criterion} yet, and {aside.total} others do not decide."
    if result is None:
        return UNDECIDED, f"There is no score for {criterion} yet."
    judgement, needed = result.judgement, result.needed.sentence
    if judgement.n_prompts < min_prompts:
        return UNDECIDED, f"{judgement.n_prompts} of the {min_prompts} prompts asked for have scores of both arms."
    code = CODES[judgement.verdict]
    return code, f"{judgement.reason} {needed}".strip() if code == UNDECIDED else judgement.reason


def _summary(arguments: argparse.Namespace, result: CriterionResult | None, code: int, reason: str) -> dict[str, Any]:
    judgement = result.judgement if result else None
    return {
        "criterion": arguments.criterion,
        "gate": WORDS[code],
        "reason": reason,
        "verdict": str(judgement.verdict) if judgement else str(Verdict.UNDECIDED),
        "difference": {"mean": judgement.mean, "low": judgement.low, "high": judgement.high} if judgement else None,
        "margin": judgement.margin if judgement else arguments.margin,
        "alpha": judgement.alpha if judgement else arguments.alpha,
        "scope": str(judgement.scope) if judgement else None,
        "method": judgement.method if judgement else None,
        "n_prompts": judgement.n_prompts if judgement else 0,
        "n_reviewers": judgement.n_reviewers if judgement else 0,
        "n_reviews": judgement.n_reviews if judgement else 0,
        "min_prompts": arguments.min_prompts,
        "needed_prompts": result.needed.prompts if result else None,
    }
