"""`sessions`: what an owner does with review sessions, without a browser."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sora_compare.commands.flags import COMMAND_LINE
from sora_compare.commands.output import print_left_out
from sora_compare.domain.sessions import end_of_day
from sora_compare.errors import UnknownRecord, UsageError
from sora_compare.services import open_services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from sora_compare.domain.sessions import ReviewSession
    from sora_compare.sessions.opening import Sessions

    Action = Callable[[Sessions, argparse.Namespace], ReviewSession | None]

NO_DEADLINE = "none"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every verb with its flags."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (about, _) in ACTIONS.items():
        one = verbs.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        one.add_argument("--json", action="store_true", help="print one JSON document")
        if name != "list":
            one.add_argument("session", help="its id, as `sessions list` shows it")
        if name not in {"list", "show"}:
            one.add_argument("--by", default=COMMAND_LINE, metavar="NAME", help="who changes it, for the log")
        if name == "change":
            one.add_argument("--title")
            one.add_argument("--wanted", type=int, metavar="N", help="reviewers wanted for each pair")
            one.add_argument("--deadline", metavar="DATE", help=f"the last day (UTC), or “{NO_DEADLINE}”")
        elif name == "withdraw":
            one.add_argument("invitation", help="its id, as `sessions show` tells it")
        elif name == "remove-reviewer":
            one.add_argument("name", help="the reviewer's name")
            scores = one.add_mutually_exclusive_group(required=True)
            scores.add_argument("--keep-scores", action="store_true", help="their scores count on")
            scores.add_argument("--withdraw-scores", action="store_true", help="their scores count nowhere any more")


def run(arguments: argparse.Namespace) -> int:
    """0 done; what cannot be done raises."""
    opened = open_services(with_runner=False)
    try:
        session = ACTIONS[arguments.verb][1](opened.sessions, arguments)
        found = list(opened.sessions.repository.sessions()) if session is None else [session]
        summaries = [summary(opened.sessions, one) for one in found]
        if arguments.json:
            sys.stdout.write(json.dumps(summaries if session is None else summaries[0], allow_nan=False) + "\n")
        else:
            sys.stdout.write("".join(_words(one, is_whole=arguments.verb == "show") for one in summaries))
        print_left_out(opened.store)
    finally:
        opened.close()
    return 0


def summary(sessions: Sessions, session: ReviewSession) -> dict[str, Any]:
    """A session as a JSON object; times in ISO 8601, UTC."""
    progress = sessions.progress.of(session)
    return {
        "id": session.id,
        "title": session.title,
        "status": "deleted" if session.deleted_at else str(session.status(time.time())),
        "deadline": _moment(session.deadline),
        "reviewers_wanted": session.reviewers_wanted,
        "pairs": len(session.pairs),
        "reviews": sum(progress.per_pair.values()),
        "reviewers": [
            {"name": one.reviewer.name, "scored": one.done, "items": len(one.reviewer.items)}
            for one in progress.reviewers
        ],
        "invitations": [
            {
                "id": one.id,
                "made": _moment(one.created),
                "expires": _moment(one.expires),
                "uses": one.uses,
                "is_withdrawn": one.is_revoked,
            }
            for one in sessions.repository.invitations(session.id)
        ],
    }


def _words(found: dict[str, Any], *, is_whole: bool) -> str:
    until = f", until {found['deadline']}" if found["deadline"] else ""
    lines = [
        (
            f"{found['id']}  {found['title']}: {found['status']}{until}, {len(found['reviewers'])} reviewers, "
            f"{found['reviews']} reviews of {found['pairs']} pairs ({found['reviewers_wanted']} wanted for each)"
        )
    ]
    if is_whole:
        lines += [f"  {one['name']}: {one['scored']} of {one['items']}" for one in found["reviewers"]]
        lines += [
            f"  invitation {one['id']}, made {one['made']}, "
            + ("withdrawn" if one["is_withdrawn"] else f"used by {one['uses']}")
            for one in found["invitations"]
        ]
    return "".join(f"{line}\n" for line in lines)


def _list(_: Sessions, __: argparse.Namespace) -> None:
    return None


def _show(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.repository.session(arguments.session)


def _pause(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.admin.pause(_show(sessions, arguments), by=arguments.by)


def _resume(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.admin.resume(_show(sessions, arguments), by=arguments.by)


def _close(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.admin.close(_show(sessions, arguments), by=arguments.by)


def _reopen(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.admin.reopen(_show(sessions, arguments), by=arguments.by)


def _change(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    wanted: dict[str, Any] = {}
    if arguments.title is not None:
        wanted["title"] = arguments.title
    if arguments.wanted is not None:
        wanted["reviewers_wanted"] = arguments.wanted
    if arguments.deadline is not None:
        wanted["deadline"] = _end_of(arguments.deadline)
    if not wanted:
        raise UsageError("Say what to change: --title, --wanted or --deadline.")
    return sessions.admin.change(_show(sessions, arguments), by=arguments.by, **wanted)


def _end_of(words: str) -> float | None:
    if words == NO_DEADLINE:
        return None
    try:
        return end_of_day(date.fromisoformat(words))
    except ValueError as error:
        raise UsageError(f"“{words}” is no day: write it as 2026-12-31, or “{NO_DEADLINE}”.") from error


def _withdraw(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    session = _show(sessions, arguments)
    found = {one.id: one for one in sessions.repository.invitations(session.id)}
    if arguments.invitation not in found:
        raise UnknownRecord("invitation", arguments.invitation)
    sessions.admin.withdraw(found[arguments.invitation], by=arguments.by)
    return session


def _remove_reviewer(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    session = _show(sessions, arguments)
    found = {one.name.casefold(): one for one in sessions.repository.reviewers(session.id)}
    reviewer = found.get(arguments.name.casefold())
    if reviewer is None:
        raise UnknownRecord("reviewer", arguments.name)
    sessions.admin.remove_reviewer(reviewer, with_scores=arguments.withdraw_scores, by=arguments.by)
    return session


def _delete(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    session = _show(sessions, arguments)
    sessions.admin.delete(session, by=arguments.by)
    return sessions.repository.any_session(session.id)


def _restore(sessions: Sessions, arguments: argparse.Namespace) -> ReviewSession:
    return sessions.admin.restore(arguments.session, by=arguments.by)


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


ACTIONS: dict[str, tuple[str, Action]] = {
    "list": ("every session, newest first", _list),
    "show": ("one session, its reviewers and invitations", _show),
    "pause": ("take no answers for now; reviewers' pages wait", _pause),
    "resume": ("take answers again", _resume),
    "close": ("end a session; its results stay", _close),
    "reopen": ("open a session that was closed", _reopen),
    "change": ("another title, deadline or number of reviewers wanted", _change),
    "withdraw": ("end an invitation; who joined by it stays", _withdraw),
    "remove-reviewer": ("end a reviewer's part, with or without their scores", _remove_reviewer),
    "delete": ("delete a session; its reviews stay, and for 30 days it can be restored", _delete),
    "restore": ("bring a deleted session back", _restore),
}
