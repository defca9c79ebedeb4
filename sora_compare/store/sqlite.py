"""SQLite in the data folder: one file that survives a killed process and a power cut, private to its owner."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from sora_compare.errors import StoreUnusable
from sora_compare.store.backups import newest_backup

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.store.codec import Row

DATABASE = "store.db"
BUSY_TIMEOUT_S = 60.0
"""How long a write waits for another process's; each lasts milliseconds."""
MOST_CONNECTIONS = 64
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
LEAST_FREE_BYTES = 65_536
"""Less than the smallest files that SQLite makes beside a database."""
DAMAGED = "Stop every process that uses it and put a copy of the folder in its place; doctor tells more."
FULL = "the disk is full", "Free some space: what waits goes on by itself."
READ_ONLY = "it is read-only", "Make it writable; until then it can be read and exported."
REASONS = (
    ("is full", *FULL),
    ("readonly", *READ_ONLY),
    ("is locked", "another process is writing to it and does not end", "Find that process and end it."),
    ("malformed", "its database is damaged", DAMAGED),
    ("not a database", "its database is damaged", DAMAGED),
    ("decode", "one of its records is damaged", DAMAGED),
    ("no such table", "its database is damaged", DAMAGED),
    ("disk I/O", "the disk does not read or write as it should", "Look at the disk, and keep a copy of the folder."),
)
UNWRITABLE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
"""Primary result codes of SQLite that leave a database readable (https://www.sqlite.org/rescode.html)."""
PRIMARY = 0xFF


class StoreReadOnly(StoreUnusable):
    """The data folder can be read and exported, and nothing can be written."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        super().__init__(path, reason, advice, state="can be read and exported, but nothing can be written")


class SqliteBackend:
    """One database file in a folder."""

    READING: ClassVar[dict[str, Any]] = {}

    def __init__(self, folder: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.folder = folder
        self.why_read_only: StoreUnusable | None = None
        self._busy_timeout_s = busy_timeout_s
        self._address = ""
        self._identity: tuple[int, int] | None = None

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / DATABASE

    def open(self) -> Engine:
        """Open for writing; where that is impossible and there is a database, for reading alone."""
        existed = self.file.exists()
        try:
            self._make_folder()
            self._address = f"file:{quote(str(self.file))}"
            with closing(self._connect()) as connection:
                self._try_to_write(connection)
        except sqlite3.Error as error:
            if not (existed and _primary(error) in UNWRITABLE):
                raise self.unusable(error) from error
            self._open_for_reading(error)
        else:
            self.why_read_only = None
        self._identity = self._file_identity()
        return create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=MOST_CONNECTIONS,
            max_overflow=MOST_CONNECTIONS,
        )

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            if self.folder.stat().st_mode & 0o777 != PRIVATE_FOLDER:
                self.folder.chmod(PRIVATE_FOLDER)
            if not self.file.exists():
                os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, PRIVATE_FILE))
        except OSError as error:
            if not self.file.exists():
                raise StoreUnusable(self.folder, (error.strerror or str(error)).lower()) from error

    def _try_to_write(self, connection: sqlite3.Connection) -> None:
        """Take the write lock once; `journal_mode` is kept in the file."""
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA user_version")
        connection.execute("ROLLBACK")

    def _open_for_reading(self, error: sqlite3.Error) -> None:
        self.why_read_only = StoreReadOnly(self.folder, *self._why(error))
        try:
            self._address = _readable_address(self.file)
        except sqlite3.Error:
            raise StoreUnusable(self.folder, *self._why(error)) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._address, uri=True, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = as_text
        if self.why_read_only is None:
            connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def begin(self, connection: Connection) -> None:
        """Take the write lock at once: two that read before they write would otherwise both fail."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_reading(self, connection: Connection) -> Connection:
        """Start a transaction that sees one moment of the database."""
        connection.exec_driver_sql("BEGIN")
        return connection

    def copy_to(self, connection: Connection, file: Path) -> bool:
        """Write the database as it is at this moment into one new file, by SQLite's own backup, and check it.

        Raises:
            StoreUnusable: the disk of the new file is full, or the database is damaged; nothing is left there.
        """
        source: Any = connection.connection.driver_connection
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE_FILE))
            with closing(sqlite3.connect(file, isolation_level=None)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            file.unlink(missing_ok=True)
            place = file.parent if "is full" in str(error) else self.folder
            raise StoreUnusable(place, *_reason(error)) from error
        if found != "ok":
            file.unlink(missing_ok=True)
            raise self.unusable(sqlite3.DatabaseError("malformed"))
        return True

    def is_in_place(self) -> bool:
        """Whether the file that was opened still lies in its folder."""
        return self._identity is not None and self._file_identity() == self._identity

    def _file_identity(self) -> tuple[int, int] | None:
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def check(self, connection: Connection) -> list[str]:
        """What SQLite finds wrong with its own file, and rows that name others which are not there."""
        rows = connection.exec_driver_sql("PRAGMA quick_check(20)").fetchall()
        found = [str(one) for (one,) in rows if one != "ok"]
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(20)
        return [
            *found,
            *(f"row {row} of {table} names a row of {other} that is not there" for table, row, other, _ in orphans),
        ]

    def set_orphans_aside(self, connection: Connection) -> list[Row]:
        """Remove rows that name others which are not there, and those that name them in turn; returned with `table`."""
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        found: list[Row] = []
        while orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
            for name, number in dict.fromkeys((name, number) for name, number, *_ in orphans):
                row = connection.exec_driver_sql(f'SELECT * FROM "{name}" WHERE rowid = ?', (number,)).mappings().one()  # noqa: S608  # a name of the database's own
                found.append({"table": name, **row})
                connection.exec_driver_sql(f'DELETE FROM "{name}" WHERE rowid = ?', (number,))  # noqa: S608  # as above
        return found

    def unusable(self, error: Exception) -> StoreUnusable:
        """What is wrong and what to do; of a damaged database, which backup is the newest."""
        reason, advice = _reason(error)
        backup = newest_backup(self.folder) if advice == DAMAGED else ""
        return StoreUnusable(self.folder, reason, f"{advice} {backup}" if backup else advice)

    def _why(self, error: sqlite3.Error) -> tuple[str, str]:
        """Why nothing can be written: SQLite itself only says that a file beside the database cannot be made."""
        if shutil.disk_usage(self.folder).free < LEAST_FREE_BYTES:
            return FULL
        return _reason(error) if os.access(self.folder, os.W_OK | os.X_OK) else READ_ONLY


def _reason(error: Exception) -> tuple[str, str]:
    known = next((one for one in REASONS if one[0] in str(error)), None)
    if known:
        return known[1], known[2]
    return f"SQLite says {getattr(error, 'sqlite_errorname', type(error).__name__)}", DAMAGED


def _primary(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY


def _readable_address(database: Path) -> str:
    """The URI under which it can be read.

    A database with a write-ahead log wants a small file beside it, which cannot be made here. Without anything in that
    log, and with nobody who could write, SQLite may take the database as immutable and do without.
    """
    address = f"file:{quote(str(database))}?mode=ro"
    try:
        _try(address)
    except sqlite3.Error:
        log = database.with_name(f"{database.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        address += "&immutable=1"
        _try(address)
    return address


def _try(address: str) -> None:
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()


def as_text(raw: bytes) -> str | bytes:
    """Text of the database; bytes where it is none, so that one bad record does not spoil a query of many."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
