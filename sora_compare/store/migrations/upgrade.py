"""Bring the tables of a store to the form of this version, under its write lock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, select

from sora_compare.domain.identifiers import new_identifier
from sora_compare.errors import StoreUnusable
from sora_compare.store import home, search
from sora_compare.store.migrations.carry_over import carry_over
from sora_compare.store.repositories.settings import settings_of
from sora_compare.store.tables import METADATA

if TYPE_CHECKING:
    from sora_compare.store.database import Database

HEAD = "0002"
"""The newest step in `versions/`; a test compares the two."""
IDENTITY = "store"
"""The setting that names the store."""
MARK = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def upgrade(database: Database, folder: Path) -> None:
    """Make or change the tables, and carry over what an earlier release kept in the folder. Several may start at once.

    Raises:
        StoreUnusable: it was made by a newer version, or cannot be written and has to be.
    """
    if version_of(database) == HEAD:
        return
    try:
        with database.transaction() as connection:
            version = version_of(database)
            if version == HEAD:
                return
            if version is None:
                _make(connection)
                settings_of(database).save(IDENTITY, {"id": new_identifier("store")})
                carry_over(database, folder)
            else:
                _migrate(connection, version, folder)
                search.rebuild(connection)
    except BaseException:
        home.put_mark_back(folder)
        raise
    home.forget_mark_before(folder)


def version_of(database: Database) -> str | None:
    """The step that the store is at; None before the first."""
    with database.reading() as connection:
        if not connection.dialect.has_table(connection, MARK.name):
            return None
        found: str | None = connection.execute(select(MARK.c.version_num)).scalar()
        return found


def _make(connection: Connection) -> None:
    """Make the tables of a new store as they are described, which is ten times as quick as step by step."""
    METADATA.create_all(connection)
    search.make(connection)
    MARK.create(connection)
    connection.execute(MARK.insert(), {"version_num": HEAD})


def _migrate(connection: Connection, version: str, folder: Path) -> None:
    # Alembic is loaded by the one process in many that has something to migrate.
    from alembic import command  # noqa: PLC0415  # see above
    from alembic.config import Config  # noqa: PLC0415  # see above
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see above
    from alembic.util import CommandError  # noqa: PLC0415  # see above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        ScriptDirectory.from_config(config).get_revision(version)
    except CommandError as error:
        raise StoreUnusable(
            folder, "its database was made by a newer version of Sora Compare", "Use that version, or another folder."
        ) from error
    command.upgrade(config, HEAD)
