"""What an answer may cost us, whoever gives it: bytes and seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

import httpx2

from sora_compare.endpoints.failures import content_length

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER_BYTES = 1_000_000
"""Of an answer that is no clip."""
DOWNLOAD = {"sora_compare.download": True}
"""Request extensions that mark the download of a clip, which has bounds of its own."""
PLAIN = {"Accept-Encoding": "identity"}
"""A compressed answer can unpack to a thousand times its size: none is asked for, none is read."""


class AnswerOutOfBounds(httpx2.ReadError):
    """The answer is not read any further; the message says why."""


async def bound_answer(answer: httpx2.Response) -> None:
    """Hold an answer to its bounds, redirects included: an event hook for `response`, before a byte of body is read.

    Raises:
        AnswerOutOfBounds: its headers already say that it is too large or compressed.
    """
    if answer.request.extensions.keys() >= DOWNLOAD.keys():
        return
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise AnswerOutOfBounds("its answer is compressed, which was not asked for", request=answer.request)
    length = content_length(answer.headers)
    if length is not None and length > ANSWER_BYTES:
        raise _too_large(answer.request)
    answer.stream = _Bounded(answer)


class _Bounded(httpx2.AsyncByteStream):
    """A body of at most so many bytes that has to be there within the request's own time for reading."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._stream = cast("httpx2.AsyncByteStream", answer.stream)
        self._request = answer.request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The body as it comes; raises AnswerOutOfBounds or ReadTimeout."""
        size = 0
        limit_s = self._request.extensions["timeout"]["read"]
        end = time.monotonic() + limit_s
        async for chunk in self._stream:
            size += len(chunk)
            if size > ANSWER_BYTES:
                raise _too_large(self._request)
            if time.monotonic() > end:
                raise httpx2.ReadTimeout(f"the answer was not whole after {limit_s:g} s", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        """Release the connection."""
        await self._stream.aclose()


def _too_large(request: httpx2.Request) -> AnswerOutOfBounds:
    return AnswerOutOfBounds(f"its answer is larger than the {ANSWER_BYTES // 1_000_000} MB accepted", request=request)
