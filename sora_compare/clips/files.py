"""Content-addressed files: a clip lies under the SHA-256 of its bytes, whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, Self

from sora_compare.errors import ClipTooLarge, Conflict, NoRoom, UnknownRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 2_000_000_000
STALE_S = 86_400.0
MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}
"""What may be kept, by file extension, and the type it is served as."""
POSTER, SPRITE, PREVIEW = ".poster.jpg", ".sprite.jpg", ".preview.mp4"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ClipFiles:
    """Files under `root/ab/<sha256><ext>`; what was made from a clip lies beside it.

    Nothing from outside chooses a path: hashes, names and extensions are checked against what they may be.
    """

    def __init__(self, root: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.root = root
        self.max_bytes = max_bytes

    def incoming(self, name: str) -> IncomingClip:
        """Open a file for bytes that are still arriving, empty; what an earlier, dead try left is dropped.

        Raises:
            Conflict: another process or task is writing under that name right now.
            NoRoom: the disk is full.
        """
        if not _NAME.fullmatch(name):
            raise UnknownRecord("download", name)
        folder = _private(self.root / "incoming")
        return IncomingClip(self, folder / f"{name}.part")

    def path(self, sha256: str) -> Path:
        """Where the clip lies.

        Raises:
            UnknownRecord: there is none of that hash, or the text is no hash.
        """
        found = self._find(sha256)
        if found is None:
            raise UnknownRecord("clip", sha256)
        return found

    def has(self, sha256: str) -> bool:
        """Whether the clip is there."""
        return self._find(sha256) is not None

    def _find(self, sha256: str) -> Path | None:
        candidates = (self.beside(sha256, ext) for ext in MEDIA_TYPES) if _SHA256.fullmatch(sha256) else ()
        return next((path for path in candidates if path.is_file()), None)

    def beside(self, sha256: str, ending: str) -> Path:
        """Where a file made from that clip belongs (POSTER, SPRITE, PREVIEW), there or not.

        Raises:
            UnknownRecord: the text is no hash.
        """
        if not _SHA256.fullmatch(sha256):
            raise UnknownRecord("clip", sha256)
        return self.root / sha256[:2] / f"{sha256}{ending}"

    def thumbnail(self, sha256: str) -> Path:
        """The clip's poster. Raises UnknownRecord when none was made."""
        return self._made(sha256, POSTER, "thumbnail")

    def sprite(self, sha256: str) -> Path:
        """The clip's sheet of hover thumbnails. Raises UnknownRecord when none was made."""
        return self._made(sha256, SPRITE, "sprite sheet")

    def preview(self, sha256: str) -> Path:
        """The clip's browser-playable copy. Raises UnknownRecord when none was made."""
        return self._made(sha256, PREVIEW, "preview")

    def _made(self, sha256: str, ending: str, word: str) -> Path:
        path = self.beside(sha256, ending)
        if not path.is_file():
            raise UnknownRecord(word, sha256)
        return path

    def place(self, sha256: str, extension: str) -> Path:
        """Where new bytes of that hash go; makes the folder."""
        if extension not in MEDIA_TYPES:
            raise UnknownRecord("kind of file", extension)
        target = self.beside(sha256, extension)
        if not target.parent.exists():
            _private(target.parent)
            sync_folder(self.root)
        return target

    def sweep(self, *, older_than_s: float = STALE_S) -> list[Path]:
        """Remove unfinished files that nobody touched for a day; returns what was removed."""
        before = time.time() - older_than_s
        stale = [path for path in self.root.glob("*/*.part") if path.stat().st_mtime < before]
        for path in stale:
            path.unlink(missing_ok=True)
        return stale


class IncomingClip:
    """Bytes on their way in; hashed as they are written. Leaving a `with` without `keep` abandons them."""

    def __init__(self, files: ClipFiles, path: Path) -> None:
        self.path = path
        self.bytes_written = 0
        self._files = files
        self._hash = hashlib.sha256()
        with no_room(path):
            self._file = _locked(path)

    def write(self, data: bytes) -> None:
        """Append bytes; readers of `path` see them at once.

        Raises:
            ClipTooLarge: more than the limit; what was written is dropped.
            NoRoom: the disk is full; what was written is dropped.
        """
        if self.bytes_written + len(data) > self._files.max_bytes:
            self.abandon()
            raise ClipTooLarge(self._files.max_bytes)
        with self._dropped_when_full():
            _write_all(self._file, data)
        self._hash.update(data)
        self.bytes_written += len(data)

    @property
    def sha256(self) -> str:
        """Of the bytes written so far."""
        return self._hash.hexdigest()

    def save(self, extension: str) -> str:
        """Make the file permanent and return its SHA-256; on return it survives a power cut.

        Raises:
            NoRoom: the disk is full; what was written is dropped.
        """
        sha256 = self._hash.hexdigest()
        with self._dropped_when_full():
            target = self._files.place(sha256, extension)
            os.fsync(self._file.fileno())
            if self._is_stored(sha256):
                self.path.unlink()
            else:
                self.path.replace(target)
            sync_folder(target.parent)
        self._file.close()
        return sha256

    def _is_stored(self, sha256: str) -> bool:
        return self._files.has(sha256) and self._files.path(sha256).stat().st_size == self.bytes_written

    def abandon(self) -> None:
        """Drop what was written. Harmless after `keep` and when repeated."""
        if not self._file.closed:
            self.path.unlink(missing_ok=True)
            self._file.close()

    @contextmanager
    def _dropped_when_full(self) -> Iterator[None]:
        try:
            with no_room(self.path):
                yield
        except NoRoom:
            self.abandon()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()


@contextmanager
def atomic_file(target: Path) -> Iterator[Path]:
    """A temporary path beside `target` that takes its place, on disk, when the block ends well.

    Raises:
        NoRoom: the disk is full.
    """
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with no_room(target):
            yield part
            with part.open("rb") as written:
                os.fsync(written.fileno())
            part.replace(target)
            sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def no_room(path: Path) -> Iterator[None]:
    """Turn "disk full" into a sentence.

    Raises:
        NoRoom: for the system's errors that mean it (no space, quota, file size limit).
    """
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise NoRoom(path.parent) from error
        raise


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private(folder: Path) -> Path:
    for one in (folder.parent, folder):
        one.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _locked(path: Path) -> FileIO:
    """The empty file, locked until closed or until this process dies.

    Whoever held the lock before may have moved the file away in the meantime: then there is a new one.
    """
    while True:
        file = FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Conflict("The download", path.stem) from None
        if _is_at(path, file):
            file.truncate(0)
            return file
        file.close()


def _is_at(path: Path, file: FileIO) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


def _write_all(file: FileIO, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
