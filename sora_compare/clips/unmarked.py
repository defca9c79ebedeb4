"""Which file of a clip to serve to somebody who must not learn where it comes from."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.worker import ClipWorker

UNMARKED = ".unmarked.mp4"


class UnmarkedClips:
    """Finds the file to serve to somebody who must not learn where a clip comes from; makes it at the first need."""

    def __init__(self, files: ClipFiles, worker: ClipWorker) -> None:
        self._files = files
        self._worker = worker
        self._lock = threading.Lock()
        self._silent: set[str] = set()

    def path(self, sha256: str) -> Path:
        """The clip as it is when it tells nothing, else its copy.

        Raises:
            UnknownRecord: there is no such clip.
            ClipError: the copy cannot be made.
        """
        original, copy = self._files.path(sha256), self._files.beside(sha256, UNMARKED)
        with self._lock:
            if sha256 not in self._silent and not copy.is_file() and not self._worker.unmark(original, copy):
                self._silent.add(sha256)
            return original if sha256 in self._silent else copy
