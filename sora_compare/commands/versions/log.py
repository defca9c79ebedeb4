"""`versions log`: read, verify and export the audit log."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sora_compare.commands.versions.context import DONE, FAILED, governed, say
from sora_compare.errors import UsageError
from sora_compare.releases.audit_export import as_json_lines, log_csv, noted_entry
from sora_compare.releases.policy.overview import moment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from sora_compare.settings import Settings
    from sora_compare.store.audit import AuditLog, Entry

WRITERS = {".jsonl": as_json_lines, ".csv": log_csv}


def log(arguments: argparse.Namespace, settings: Settings) -> int:
    """0; with --verify 1 when an entry is wrong."""
    with governed(arguments, settings) as opened:
        if arguments.verify:
            return _verify(arguments, opened.releases.log)
        if arguments.to:
            return _export(arguments, opened.releases.log)
        found = _chosen(arguments, opened.releases.log)
        details = {"count": opened.releases.log.count, "entries": [asdict(one) for one in found]}
        say(arguments, details, [_line(one) for one in found])
    return DONE


def _chosen(arguments: argparse.Namespace, log: AuditLog) -> list[Entry]:
    """Oldest first."""
    if arguments.limit < 0:
        raise UsageError("--limit must be 0 or more.")
    if not arguments.event and arguments.limit:
        return log.latest(arguments.limit)[::-1]
    every = log.of_event(arguments.event) if arguments.event else log.entries()
    return list(deque(every, maxlen=arguments.limit or None))


def _line(one: Entry) -> str:
    details = one.facts
    lines = [
        str(details[name]) for name in ("environment", "model", "by", "reason", "error", "state") if details.get(name)
    ]
    back = f" (the clock went back by {one.clock_back_s:.0f} s)" if one.clock_back_s else ""
    return f"{one.number:>6}  {moment(one.at)}  {one.event}: {', '.join(lines)}{back}"


def _verify(arguments: argparse.Namespace, log: AuditLog) -> int:
    found = log.verify(noted_entry(arguments.noted or ""))
    details: dict[str, Any] = {**asdict(found), "is_intact": found.is_intact}
    lines = [one.sentence for one in found.faults]
    lines += [f"At entry {number} the clock had gone back; the order is sound." for number in found.clock_steps]
    if found.is_intact:
        lines.append(f"{found.count} entries, all as they were written. Note {found.count}:{found.head}")
    say(arguments, details, lines)
    return DONE if found.is_intact else FAILED


def _export(arguments: argparse.Namespace, log: AuditLog) -> int:
    path = Path(arguments.to)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"“{path.name}” names no format to export to: end it in .jsonl or .csv.")
    chosen: Iterable[Entry] = log.of_event(arguments.event) if arguments.event else log.entries()
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(writer(chosen), "utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written ({error.strerror}): choose another place with --to.") from error
    if arguments.json:
        say(arguments, {"to": str(path), "count": log.count}, [])
    sys.stderr.write(f"Written to {path}.\n")
    return DONE
