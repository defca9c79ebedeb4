"""Every answer has a bound in bytes and seconds, seen over a real socket from the server's side."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from sora_compare.endpoints.dialects import Job, JobStatus
from sora_compare.errors import Ambiguous, EndpointError, NotReady, PollFailed
from tests.endpoints.sockets import Socket, answer_bytes, listening, read_request, scoring
from tests.endpoints.test_failed_creates import REQUEST, adapter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sora_compare.endpoints.openai_adapter import OpenAIEndpoint

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BLANKS = b" " * 65_536
MOST_SENT = 40_000_000
"""Our bound, and what the system's buffers on both sides of a connection may hold beyond it."""


class Endless:
    """Sends blanks until the client goes, and counts them."""

    def __init__(self, head: bytes = HEAD) -> None:
        self._head = head
        self.sent = 0

    async def __call__(self, socket: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        socket.received.append(await read_request(reader))
        writer.write(self._head + b"\r\n")
        while self.sent < 10 * MOST_SENT:
            writer.write(BLANKS)
            await writer.drain()
            self.sent += len(BLANKS)


async def create(endpoint: OpenAIEndpoint) -> object:
    return await endpoint.submit(REQUEST)


async def poll(endpoint: OpenAIEndpoint) -> object:
    return await endpoint.poll("job_1")


async def find(endpoint: OpenAIEndpoint) -> object:
    return await endpoint.find(REQUEST, 0.0)


EVERY_ANSWER = pytest.mark.parametrize(("ask", "error"), [(create, Ambiguous), (poll, PollFailed), (find, PollFailed)])


@EVERY_ANSWER
async def test_an_answer_without_end_is_left_after_a_megabyte(
    ask: Callable[[OpenAIEndpoint], Awaitable[object]], error: type[EndpointError]
) -> None:
    server = Endless()
    async with listening(server) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(error, match="larger than the 1 MB"):
            await ask(endpoint)
    assert server.sent < MOST_SENT
    assert len(socket.received) == 1, "asked once"


@EVERY_ANSWER
async def test_a_length_over_the_bound_is_refused_before_a_byte_is_read(
    ask: Callable[[OpenAIEndpoint], Awaitable[object]], error: type[EndpointError]
) -> None:
    async def announces(_: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"content-length: 5000000000\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)

    async with listening(announces) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(error, match="larger than the 1 MB"):
            await ask(endpoint)


async def test_the_body_of_a_redirect_has_the_same_bound() -> None:
    server = Endless(b"HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\n")
    async with listening(server) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(PollFailed, match="larger than the 1 MB"):
            await endpoint.poll("job_1")
    assert server.sent < MOST_SENT


async def test_a_check_of_an_endpoint_has_the_same_bound() -> None:
    server = Endless()
    async with listening(server) as socket, adapter(socket.base_url) as endpoint:
        found = await endpoint.check()
    assert not found.is_usable
    assert "larger than the 1 MB" in found.sentence
    assert server.sent < MOST_SENT


async def test_a_compressed_answer_was_not_asked_for_and_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * 500_000_000, 1)
    behave = scoring(200, packed[:900_000], {"content-encoding": "gzip", "content-type": "application/json"})
    async with listening(behave) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(PollFailed, match="compressed"):
            await endpoint.poll("job_1")
    assert b"accept-encoding: identity" in socket.received[0].lower()


async def test_an_answer_that_drips_is_not_waited_for_longer_than_one_that_does_not_come() -> None:
    async def drips(_: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(HEAD + b"\r\n")
        for _i in range(600):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with listening(drips) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(PollFailed, match="no answer in time"):
            await endpoint.poll("job_1")


async def test_an_error_page_in_place_of_a_clip_is_read_up_to_its_bound() -> None:
    server = Endless(b"HTTP/1.1 500 No\r\ncontent-type: application/json\r\n")
    async with listening(server) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(NotReady):
            async with endpoint.content(Job("job_1", JobStatus.DONE, "completed")):
                pass
    assert server.sent < MOST_SENT


async def test_an_answer_just_below_the_bound_is_read() -> None:
    body = answer_bytes(200, {"id": "job_1", "status": "queued", "padding": "x" * 990_000})

    async def whole(_: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(body)
        await writer.drain()

    async with listening(whole) as socket, adapter(socket.base_url) as endpoint:
        assert (await endpoint.poll("job_1")).word == "queued"


@pytest.mark.parametrize(("message", "code", "is_being_made"), [
    ("Video with id 'v' is not ready yet, use GET /v1/videos/v to check.", "video_not_ready", True),
    ("Video is still being processed.", None, True), ("Generation in progress", None, True),
    ("Video not found.", "not_found", False), ("The content has expired.", "video_expired", False),
])  # fmt: skip
async def test_whether_content_is_still_being_made_is_read_from_the_answer(
    message: str,
    code: str | None,
    is_being_made: bool,  # noqa: FBT001  # a parameter of the table
) -> None:
    behave = scoring(404, {"error": {"message": message, "code": code}})
    async with listening(behave) as socket, adapter(socket.base_url) as endpoint:
        with pytest.raises(NotReady) as caught:
            async with endpoint.content(Job("job_1", JobStatus.DONE, "completed")):
                pass
    assert caught.value.is_being_made is is_being_made
    assert caught.value.is_not_found is (code != "video_expired")
