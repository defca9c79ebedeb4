"""Findings as one JSON document: no NaN anywhere, null for what the data do not say."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from sora_compare.statistics.beside import beside
from sora_compare.statistics.results import finite

if TYPE_CHECKING:
    from sora_compare.evidence.findings import Attempts, Findings
    from sora_compare.statistics.analysis import CriterionResult
    from sora_compare.statistics.beside import Beside
    from sora_compare.statistics.estimators.crossed import Estimate
    from sora_compare.statistics.reviewers.one_by_one import ReviewerFigures

Json = dict[str, Any]


def as_json(findings: Findings) -> Json:
    """The document of `results --json`; sentences are for people, everything else for programs."""
    analysis = findings.analysis
    return {
        "arms": findings.arms,
        "origins": list(findings.origins),
        "selection": to_jsonable(findings.selection),
        "rules": to_jsonable(analysis.rules),
        "warnings": list(findings.warnings),
        "set_aside": to_jsonable(findings.set_aside),
        "criteria": {
            name: {**_criterion(result), **_beside(beside(findings.ratings, name))}
            for name, result in analysis.criteria.items()
        },
        "preference": to_jsonable(analysis.preference),
        "trust": to_jsonable(findings.trust),
        "timings": _timings(findings.attempts),
        "sent_first": to_jsonable(findings.attempts.sent_first) if findings.attempts else None,
        "outcomes": _by_arm(findings.attempts.outcomes) if findings.attempts else None,
        "costs": _by_arm(findings.attempts.costs) if findings.attempts else None,
        "claims": [to_jsonable(one) for one in findings.claims],
    }


def to_jsonable(value: object) -> Any:  # noqa: ANN401  # whatever JSON holds
    """A result as JSON holds it: objects for dataclasses, null for NaN and infinity."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {field.name: to_jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(to_jsonable(key)): to_jsonable(one) for key, one in value.items()}
    if isinstance(value, np.ndarray):
        return [to_jsonable(one) for one in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [to_jsonable(one) for one in value]
    return finite(value) if isinstance(value, float) else value


def _criterion(result: CriterionResult) -> Json:
    judgement = result.judgement
    return {
        "n_prompts": result.n_prompts,
        "n_reviewers": result.n_reviewers,
        "n_reviews": result.n_reviews,
        "missing": result.missing,
        "arms": {name: _estimate(one) for name, one in result.arms.items()},
        "difference": _estimate(result.difference),
        "difference_these_reviewers": _estimate(result.these_reviewers),
        "reviewers": [_reviewer(one) for one in result.reviewers],
        "p910": {
            "method": result.people.method,
            "version": result.people.version,
            "arms": dict(zip("AB", to_jsonable(result.people.arm_quality), strict=True)),
            "iterations": result.people.iterations,
            "is_degenerate": result.people.is_degenerate,
        },
        "agreement": to_jsonable(result.agreement),
        "warnings": list(result.warnings),
        "verdict": str(judgement.verdict),
        "verdict_basis": to_jsonable(judgement),
        "needed_prompts": result.needed.prompts,
        "needed_reviewers": result.needed.reviewers,
        "needed": result.needed.sentence,
    }


def _beside(found: Beside) -> Json:
    left_out = [{"reviewer": one.reviewer, "flips": one.flips, **_short(one.estimate)} for one in found.without]
    return {
        "bootstrap": to_jsonable(found.bootstrap),
        "leave_one_out": left_out,
        "screening": to_jsonable(found.screened),
        "tags": {tag: _estimate(one) for tag, one in found.tags.items()},
    }


def _short(one: Estimate) -> Json:
    names = ("mean", "low", "high", "level", "scope", "n_reviewers")
    return {name: to_jsonable(getattr(one, name)) for name in names}


def _estimate(one: Estimate | None) -> Json | None:
    return None if one is None else to_jsonable(one)


def _reviewer(one: ReviewerFigures) -> Json:
    return {
        "reviewer": one.reviewer,
        "difference": to_jsonable(one.difference),
        "bias": to_jsonable(one.bias),
        "inconsistency": to_jsonable(one.inconsistency),
        "n_prompts": one.prompts,
    }


def _timings(attempts: Attempts | None) -> Json | None:
    if attempts is None:
        return None
    return {
        measure: {**_by_arm(arms), "difference": to_jsonable(attempts.paired[measure])}
        for measure, arms in attempts.durations.items()
    }


def _by_arm(of_arms: Any) -> Json:  # noqa: ANN401  # results of several kinds, all keyed by arm
    return {str(arm): to_jsonable(one) for arm, one in of_arms.items()}
