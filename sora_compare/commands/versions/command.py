"""`versions`: which snapshot each environment uses, its canaries, its log, and the evidence for a change."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.domain.canaries import SHORTEST_WINDOW_S
from sora_compare.domain.guard_rails import GuardRails
from sora_compare.domain.snapshots import ALIAS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # argparse has no public name for it

RAILS = GuardRails()
HOUR_S = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every verb with its flags."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _show_verbs(verbs)
    _change_verbs(verbs)
    _canary_verbs(verbs)
    _log_verb(verbs)
    _evidence_verbs(verbs)


def run(arguments: argparse.Namespace) -> int:
    """0 done, 1 refused by evidence or found wrong, 2 cannot be done as asked, 3 undecided."""
    module, _, name = arguments.action.partition(":")
    act: Callable[..., int] = getattr(import_module(f"sora_compare.commands.versions.{module}"), name)
    return act(arguments, settings_module.load())


def _verb(verbs: Verbs, name: str, action: str, about: str) -> argparse.ArgumentParser:
    """One verb; its module is loaded when it runs."""
    one = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    one.set_defaults(action=action)
    one.add_argument("--json", action="store_true", help="print one JSON document")
    one.add_argument("--policy", metavar="FILE", help="a TOML policy file (default: SORA_COMPARE_POLICY, or the store)")
    return one


def _show_verbs(verbs: Verbs) -> None:
    _verb(verbs, "show", "show:show", "every environment, its snapshot, canary and warnings")
    one = _verb(verbs, "resolve", "show:resolve", "what an environment or a model id means")
    one.add_argument("name", nargs="?", help="an environment or a model id (default: DEPLOY_ENV)")
    one.add_argument("--key", help="a user or job id, for a canary")
    one.add_argument("--on", metavar="DATE", help="on that day, for a model id (default today)")


def _signed(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    one.add_argument("--by", default="command line", metavar="NAME", help="who changes it, for the log")
    one.add_argument("--reason", default="", help="why, for the log; wanted in production, see needs-reason")
    one.add_argument("--revision", type=int, help="refuse when the policy has another revision by now")
    return one


def _change_verbs(verbs: Verbs) -> None:
    lock = _signed(_verb(verbs, "lock", "change:lock", "let an environment use exactly this snapshot"))
    lock.add_argument("environment")
    lock.add_argument("model", help="a snapshot, or an alias to follow")
    lock.add_argument("--force", action="store_true", help="even when it is or will be retired (logged)")
    switch = _signed(_verb(verbs, "switch", "change:switch", "let an environment use a version by its role"))
    switch.add_argument("environment")
    switch.add_argument("key", help="such as stable, latest or alias")
    undo = _signed(_verb(verbs, "undo", "change:undo", "back to what it used before the last change"))
    back = _signed(_verb(verbs, "rollback", "change:rollback", "reset to the stable version, at once"))
    rule = _signed(_verb(verbs, "needs-reason", "change:rule_reason", "whether changes there want a reason"))
    rule.add_argument("environment")
    rule.add_argument("wanted", choices=("yes", "no"))
    for one in (undo, back):
        one.add_argument("environment", nargs="?", help="default: DEPLOY_ENV")
    back.add_argument("--to", metavar="SNAPSHOT", help="another snapshot than the stable version")


def _canary_verbs(verbs: Verbs) -> None:
    about = "let a share of keys use a candidate, step by step to all of them"
    steps = verbs.add_parser("canary", help=about, description=about[0].upper() + about[1:] + ".").add_subparsers(
        dest="canary_verb", required=True, metavar="start|step|check|stop"
    )
    _start_verb(steps)
    step = _signed(_verb(steps, "step", "canary:step", "widen it, when window, verdict and guard rails allow"))
    step.add_argument("--force", action="store_true", help="without window or verdict; never past a broken guard rail")
    check = _verb(steps, "check", "canary:check", "look at its guard rails; a broken one ends it")
    stop = _signed(_verb(steps, "stop", "canary:stop", "end it: every key is back on the lock"))
    for one in (step, check, stop):
        one.add_argument("environment", nargs="?", help="default: DEPLOY_ENV")


def _start_verb(steps: Verbs) -> None:
    start = _signed(_verb(steps, "start", "canary:start", "begin with a tenth of the keys"))
    start.add_argument("environment")
    start.add_argument("candidate", help="a dated snapshot")
    start.add_argument("--window-h", type=float, default=SHORTEST_WINDOW_S / HOUR_S, help="24 to 48 h (default 24)")
    start.add_argument("--force", action="store_true", help="even when the candidate is or will be retired (logged)")
    start.add_argument("--only-tell", action="store_true", help="a broken guard rail is told, and does not roll back")
    start.add_argument(
        "--failure-rise", type=float, default=RAILS.failure_rise, help="allowed rise of the share that fails (0.05)"
    )
    start.add_argument("--slowdown", type=float, default=RAILS.slowdown, help="allowed times the base's median (1.25)")
    start.add_argument("--score-drop", type=float, default=RAILS.score_drop, help="allowed fall of the mean (0.5)")
    start.add_argument(
        "--check-model", action="store_true", help="break when a server names another model than the candidate"
    )
    start.add_argument("--least", type=int, default=RAILS.least, help="takes per side before anything is judged (20)")


def _log_verb(verbs: Verbs) -> None:
    log = _verb(verbs, "log", "log:log", "the audit log: read, verify, export")
    log.add_argument("--verify", action="store_true", help="look at every entry of the chain; 1 when one is wrong")
    log.add_argument("--noted", metavar="NUMBER:HASH", help="with --verify: an entry as it was noted elsewhere")
    log.add_argument("--event", help="only these, such as switch or rollback")
    log.add_argument("--limit", type=int, default=20, help="the last so many (default 20; 0 for all)")
    log.add_argument("--to", metavar="FILE", help="export the whole log to a .jsonl or .csv file")


def _evidence_verbs(verbs: Verbs) -> None:
    one = _verb(verbs, "checklist", "evidence:show_checklist", "the migration checklist; 3 while it is open")
    one.add_argument("environment", nargs="?", default="production", help="default production")
    one.add_argument("--candidate", help="where to (default: the canary's, or the latest version)")
    guide = _verb(verbs, "guide", "evidence:show_guide", "the article's decision guide beside your own data")
    guide.add_argument("--answer", action="append", default=[], metavar="QUESTION=yes|no", help="features, stability")
    drift = _verb(verbs, "drift", "evidence:drift", "does a model still behave as at its baseline?")
    drift.add_argument(
        "--model", "--alias", dest="alias", default=ALIAS, help=f"an alias or a dated snapshot (default {ALIAS})"
    )
    drift.add_argument("--endpoint", help="default: the configured one")
    drift.add_argument("--run", dest="sends", action="store_true", help="send its prompts; without, it only tells")
    drift.add_argument("--new-baseline", action="store_true", help="measure later runs against this one")
