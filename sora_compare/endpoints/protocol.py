"""The provider seam: what the runner asks of an endpoint. Its fake is the simulator, over a real socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from sora_compare.domain.requests import ClipRequest
    from sora_compare.endpoints.dialects import Job


@dataclass(frozen=True, slots=True)
class Content:
    """An open download: its bytes as they come, and how many there should be (None when not said)."""

    chunks: AsyncIterator[bytes]
    length: int | None


@dataclass(frozen=True, slots=True)
class Reachability:
    """What a safe look at an endpoint found; `sentence` says what to do when it is not usable."""

    is_usable: bool
    sentence: str
    latency_s: float | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an endpoint is waited for, in seconds.

    Attributes:
        connect_s: until a connection stands.
        create_s: from sending a create to its answer; afterwards it is ambiguous.
        answer_s: between two pieces of any other answer.
        check_s: a look whether the endpoint can be used.
    """

    connect_s: float = 5.0
    create_s: float = 120.0
    answer_s: float = 30.0
    check_s: float = 5.0


class VideoEndpoint(Protocol):
    """A server that makes clips. Every method raises only errors of the `EndpointError` branch."""

    name: str

    async def submit(self, request: ClipRequest) -> Job:
        """Ask for a clip, once: never repeated by itself.

        Raises:
            NotSent: surely not received. Refused: nothing was made. Ambiguous: nobody knows.
            Unreadable: the answer is not the Videos API. ReferenceImageMissing: our own file is gone, nothing was sent.
        """

    async def poll(self, job_id: str) -> Job:
        """How the job stands.

        Raises:
            PollFailed: may succeed next time. JobGone: the server does not know it. KeyRefused.
            ContentRefused: it will give no clip, for what that would show.
        """

    def content(self, job: Job) -> AbstractAsyncContextManager[Content]:
        """The finished clip's bytes.

        Raises:
            NotReady: not there (yet). PollFailed: the connection failed.
            ContentRefused: withheld for what it shows.
        """

    async def find(self, request: ClipRequest, since: float) -> list[Job]:
        """Jobs that this request may have made: same model and prompt, created after `since` (epoch seconds).

        Raises:
            PollFailed: the server cannot tell.
        """

    async def is_listed(self, job_id: str, since: float) -> bool:
        """Whether the job is among those created after `since` (epoch seconds); False where the server has no list.

        Raises:
            PollFailed: the server cannot tell.
        """

    async def cancel(self, job_id: str) -> bool:
        """Stop the job where the server can; whether it did."""

    async def check(self) -> Reachability:
        """Whether the endpoint can be used, without anything that costs."""

    async def aclose(self) -> None:
        """Release connections."""
