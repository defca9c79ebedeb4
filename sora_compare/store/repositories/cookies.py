"""Cookies and logins that were ended before their time: for every copy of a cookie, and after a restart too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.store.tables import ended_cookies

if TYPE_CHECKING:
    from sora_compare.store.database import Database


class EndedCookieRepository:
    """The ids of ended cookies and logins, each kept until its cookie would have run out by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, cookie_id: str) -> bool:
        """Whether the cookie of that id was ended."""
        return self._database.value(select(ended_cookies.c.until).where(ended_cookies.c.id == cookie_id)) is not None

    def add(self, cookie_id: str, *, now: float, until: float) -> None:
        """End the cookie of that id; forget those that have run out (seconds since the epoch)."""
        with self._database.transaction() as connection:
            connection.execute(ended_cookies.delete().where(ended_cookies.c.until < now))
            self._database.put(ended_cookies, {"id": cookie_id, "until": until})
