"""Cookies and logins that were ended before their time: for every copy of a cookie, and after a restart too."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sora_compare.access.people import COOKIE_AGE_S

if TYPE_CHECKING:
    from sora_compare.store.repositories.cookies import EndedCookieRepository


class EndedCookies:
    """The ids of ended cookies and logins, each kept until its cookie would have run out by itself."""

    def __init__(self, repository: EndedCookieRepository) -> None:
        self._repository = repository

    def __contains__(self, cookie_id: object) -> bool:
        """Whether the cookie of that id was ended."""
        return isinstance(cookie_id, str) and self._repository.has(cookie_id)

    def add(self, cookie_id: str) -> None:
        """End the cookie of that id; forget those that have run out."""
        now = time.time()
        self._repository.add(cookie_id, now=now, until=now + COOKIE_AGE_S)
