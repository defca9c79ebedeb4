"""Flags that several commands share: those that choose the two arms, and those that choose evidence and rules."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare.commands.output import print_left_out
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.reviews import Evidence
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, Origin
from sora_compare.errors import UsageError
from sora_compare.evidence.findings import Findings, Results, of_ratings
from sora_compare.evidence.ratings_csv.reading import read_ratings
from sora_compare.evidence.selection import Selection, session_of
from sora_compare.services import open_services
from sora_compare.statistics.estimators.crossed import Scope
from sora_compare.statistics.rules import Rules

if TYPE_CHECKING:
    import argparse

COMMAND_LINE = "command line"
"""Who sends, for the audit log."""


def add_arm_arguments(parser: argparse.ArgumentParser) -> None:
    """--model-a, --model-b, --endpoint-a, --endpoint-b."""
    for letter, model in (("a", DEFAULT_A), ("b", DEFAULT_B)):
        label = letter.upper()
        parser.add_argument(f"--model-{letter}", default=model, help=f"model of arm {label} (default {model})")
        parser.add_argument(f"--endpoint-{letter}", help=f"endpoint of arm {label} (default: the configured one)")


def chosen_arms(arguments: argparse.Namespace, default_endpoint: str) -> tuple[Arm, Arm]:
    """Arm A and arm B as the flags say."""
    return (
        Arm(ArmLabel.A, arguments.endpoint_a or default_endpoint, arguments.model_a),
        Arm(ArmLabel.B, arguments.endpoint_b or default_endpoint, arguments.model_b),
    )


SCOPES = {"any": Scope.ANY, "these": Scope.THESE}


def add_evidence_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags that choose the evidence: --ratings, --session, --suite, --tag, --origin, --model-a, and so on."""
    parser.add_argument(
        "--ratings",
        type=Path,
        metavar="FILE.csv",
        help="outside ratings instead of the store's: columns prompt, reviewer, arm, criterion, score; or an export",
    )
    parser.add_argument("--session", help="only this review session")
    parser.add_argument("--suite", help="only this suite run")
    parser.add_argument("--tag", help="only prompts with this tag")
    parser.add_argument("--origin", choices=[str(origin) for origin in Origin], help="only clips of this origin")
    parser.add_argument("--model-a", help="model of arm A (default: of the newest comparison); of a file its arm")
    parser.add_argument("--model-b", help="model of arm B (default: of the newest comparison); of a file its arm")
    parser.add_argument(
        "--allow-other-model",
        action="store_true",
        help="also count takes of which the server says that it used another model than the one asked for",
    )
    parser.add_argument("--since", type=_moment, metavar="DATE", help="only from this day or moment on (ISO 8601, UTC)")
    parser.add_argument("--until", type=_moment, metavar="DATE", help="only before this day or moment")


def add_rules_arguments(parser: argparse.ArgumentParser) -> None:
    """--margin, --alpha, --scope, --evidence."""
    parser.add_argument("--margin", type=float, help="how much worse B may be, in points (default: as set, else 0.5)")
    parser.add_argument("--alpha", type=float, help="chance of any false verdict (default: as set, else 0.05)")
    parser.add_argument(
        "--scope", choices=sorted(SCOPES), help="verdicts for any reviewer (default), or for these reviewers only"
    )
    parser.add_argument(
        "--evidence",
        choices=[str(one) for one in Evidence],
        help="which reviews decide: independent ones (default), or all, later and unblinded ones among them",
    )


def found(arguments: argparse.Namespace) -> Findings:
    """The findings that the flags ask for.

    Raises:
        UsageError: a flag does not fit, or the file is no table of ratings.
    """
    if arguments.ratings:
        _refuse_flags_of_the_store(arguments)
        read = read_ratings(
            arguments.ratings,
            arguments.model_a,
            arguments.model_b,
            allows_other_model=arguments.allow_other_model,
        )
        return of_ratings(read.ratings, _rules(arguments, Rules()), read.notes)
    opened = open_services(with_runner=False)
    try:
        results = opened.results
        selection = _selection(arguments, results)
        session = session_of(results.ratings(selection)) or arguments.session
        findings = results.findings(selection, _rules(arguments, results.rules.holding(session)))
        print_left_out(opened.store)
    finally:
        opened.close()
    return findings


def _refuse_flags_of_the_store(arguments: argparse.Namespace) -> None:
    given = [name for name in ("session", "suite", "tag", "origin", "since", "until") if getattr(arguments, name)]
    if given:
        raise UsageError(
            f"--{given[0]} chooses among the store's reviews and says nothing of a file: leave it out, or leave the "
            "other rows out of the file."
        )


def _selection(arguments: argparse.Namespace, results: Results) -> Selection:
    return Selection(
        matchup=_matchup(arguments, results),
        origins=(arguments.origin,) if arguments.origin else (),
        session=arguments.session,
        suite=arguments.suite,
        tag=arguments.tag,
        since=arguments.since,
        until=arguments.until,
        is_other_model_allowed=arguments.allow_other_model,
    )


def _matchup(arguments: argparse.Namespace, results: Results) -> tuple[str, str, str, str] | None:
    wanted = (arguments.model_a, arguments.model_b)
    if not any(wanted):
        return None
    for met in results.matchups():
        if all(model in {None, there} for model, there in zip(wanted, (met[1], met[3]), strict=True)):
            return met
    asked = " and ".join(model for model in wanted if model)
    raise UsageError(f"No comparison has {asked} as asked: leave --model-a and --model-b out to take the newest.")


def _rules(arguments: argparse.Namespace, current: Rules) -> Rules:
    given = {name: getattr(arguments, name, None) for name in ("margin", "alpha", "scope", "evidence")}
    return Rules(
        margin=current.margin if given["margin"] is None else given["margin"],
        alpha=current.alpha if given["alpha"] is None else given["alpha"],
        scope=current.scope if given["scope"] is None else SCOPES[given["scope"]],
        planned_reviews=current.planned_reviews,
        evidence=current.evidence if given["evidence"] is None else Evidence(given["evidence"]),
    )


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
