"""Cookies and logins that were ended before their time: for every copy of a cookie, and after a restart too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sora_compare.access.people import COOKIE_AGE_S

if TYPE_CHECKING:
    from sora_compare.store.records import Records

TABLE = "ended_cookies"


class EndedCookies:
    """The ids of ended cookies and logins, each kept until its cookie would have run out by itself."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __contains__(self, cookie_id: object) -> bool:
        """Whether the cookie of that id was ended."""
        return isinstance(cookie_id, str) and self._records.get(TABLE, cookie_id) is not None

    def add(self, cookie_id: str) -> None:
        """End the cookie of that id; forget those that have run out."""
        now = time.time()
        with self._records.transaction():
            for known, kept in list(self._records.scan(TABLE)):
                if kept["until"] < now:
                    self._records.delete(TABLE, known)
            self._records.put(TABLE, cookie_id, {"until": now + COOKIE_AGE_S})
