"""Looks after canaries and the drift watch by itself, for as long as the process carries takes."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sora_compare.errors import SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_S = 60.0

logger = logging.getLogger("sora_compare.releases")


class Scheduler:
    """A thread that calls each round once a minute.

    A second process with a scheduler is harmless: a rollback is compare-and-set, and the second finds it done.
    """

    def __init__(self, *rounds: Callable[[], object], every_s: float = EVERY_S) -> None:
        self._rounds = rounds
        self._every_s = every_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._walk, name="scheduler", daemon=True)

    def start(self) -> None:
        """Begin; the first round comes after the first minute."""
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until the round under way is over."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _walk(self) -> None:
        while not self._is_over.wait(self._every_s):
            for look in self._rounds:
                self._look(look)

    def _look(self, look: Callable[[], object]) -> None:
        try:
            look()
        except SoraCompareError as error:
            logger.warning("%s", error)
        except Exception:
            # A thread that ends would leave every later canary unwatched, and nobody would notice.
            logger.exception("A round of the scheduler failed; the next one comes in %g s.", self._every_s)
