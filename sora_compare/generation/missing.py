"""When a paid job counts as gone: one server of several behind an address may not have heard of it yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sora_compare.errors import EndpointError

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take
    from sora_compare.endpoints.protocol import VideoEndpoint


class Missing:
    """How long one job has not been found, without an answer that knows it in between."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._since: float | None = None

    def found(self) -> None:
        """The server knows the job."""
        self._since = None

    def is_long(self) -> bool:
        """Note another "no such job"; whether they have gone on for long enough."""
        self._since = self._since or time.monotonic()
        return time.monotonic() - self._since >= self._after_s

    async def is_gone(self, endpoint: VideoEndpoint, take: Take) -> bool:
        """Note another "no such job"; whether the job is gone: for long enough, and not in the list either.

        A list that cannot be had is no proof; where the server has none, its other answers have to do.
        """
        if not self.is_long():
            return False
        try:
            if await endpoint.is_listed(take.job_id or "", take.moments.submitting or take.moments.planned):
                self.found()
        except EndpointError:
            return False
        return self._since is not None
