"""`worker`: carries the open takes of the data folder without the app, until it is stopped."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sora_compare.commands.postprocessing import wait_for_postprocessing
from sora_compare.domain.takes import TakeState
from sora_compare.generation.runner import LEASE
from sora_compare.services import Services, open_services

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

LOOK_S = 0.5
DONE = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `worker`."""
    parser.add_argument("--until-idle", action="store_true", help="end once no take is open any more")
    parser.add_argument("--json", action="store_true", help="print one JSON document at the end")


def run(arguments: argparse.Namespace) -> int:
    """0 once it was stopped (SIGTERM, SIGINT) or, with --until-idle, nothing is open."""
    with _stop_signals() as stopped:
        opened = open_services()
        collect_errors = OutcomePrinter(opened)
        try:
            collect_errors.start()
            while not stopped.wait(LOOK_S):
                collect_errors.look()
                if arguments.until_idle and collect_errors.is_idle:
                    wait_for_postprocessing(opened, collect_errors.ended)
                    break
        finally:
            opened.close()
    collect_errors.end()
    if arguments.json:
        sys.stdout.write(json.dumps(collect_errors.summary) + "\n")
    return DONE


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set instead of ending the program in the middle of a step."""
    stopped = threading.Event()
    kinds = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(kind, lambda *_: stopped.set()) for kind in kinds]
    try:
        yield stopped
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


class OutcomePrinter:
    """Says on standard error what happens, and counts it."""

    def __init__(self, opened: Services) -> None:
        self._opened = opened
        self._open: set[str] = set()
        self._ended: Counter[str] = Counter()
        self.ended: list[str] = []
        self._is_carrying: bool | None = None
        self._printed_fault: str | None = None

    def start(self) -> None:
        """The first line: what there is to do."""
        self._open = set(self._opened.store.takes.open())
        _print(f"Carrying the takes of {self._opened.settings.home}: {len(self._open)} open. SIGTERM or Ctrl+C stops.")

    def look(self) -> None:
        """One line for every take that ended since the last look, and for what changed of the runner."""
        health = self._opened.runner.health
        if health.is_holder is not self._is_carrying:
            self._is_carrying = health.is_holder
            other = "Another process carries the takes; this one waits and takes over when it ends."
            _print("This process carries the takes." if health.is_holder else other)
        if health.fault and health.fault != self._printed_fault:
            self._printed_fault = health.fault
            _print(f"Going on after a fault: {health.fault}")
        now = set(self._opened.store.takes.open())
        for identifier in sorted(self._open - now):
            self._print_outcome(identifier)
        self._open = now

    def _print_outcome(self, identifier: str) -> None:
        take = self._opened.store.takes.get(identifier)
        self._ended[str(take.state)] += 1
        self.ended.append(identifier)
        why = f": {take.problem.sentence}" if take.problem else ""
        _print(f"{take.id} ({take.arm}, {take.request.model}): {take.state.replace('_', ' ')}{why}")

    @property
    def is_idle(self) -> bool:
        """Whether nothing is open and this process, or another, has looked."""
        return not self._open and self._opened.coordination.lease_owner(LEASE) is not None

    def end(self) -> None:
        """The last line."""
        left = f" {len(self._open)} are still open and go on at the next start." if self._open else ""
        _print(f"Stopped. {sum(self._ended.values())} takes ended, {self._ended[TakeState.COMPLETED]} completed.{left}")

    @property
    def summary(self) -> dict[str, Any]:
        """What happened: takes that ended, by their outcome, and takes still open."""
        return {
            "ended": sum(self._ended.values()),
            "by_state": dict(sorted(self._ended.items())),
            "open": len(self._open),
        }


def _print(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
