"""Fetching a finished clip from an address that a server named."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from sora_compare.endpoints.failures import content_length
from sora_compare.endpoints.protocol import Content
from sora_compare.errors import NotReady, PollFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

REDIRECTS = 5
OK = 200


@asynccontextmanager
async def open_location(
    name: str, location: str, base_url: str, auth: Mapping[str, str], web: httpx2.AsyncClient
) -> AsyncIterator[Content]:
    """Open a named address; the key goes to the base URL's own origin and nowhere else.

    From a public endpoint, private addresses are refused at every redirect: an answer must not make us read
    our own network.

    Raises:
        NotReady: the address does not give the file.
        PollFailed: the connection failed on the way.
    """
    home = httpx2.URL(base_url)
    url = httpx2.URL(location)
    for _ in range(REDIRECTS):
        await _refuse_private(name, url, home)
        headers = dict(auth) if _origin(url) == _origin(home) else {}
        try:
            async with web.stream("GET", url, headers=headers, follow_redirects=False) as answer:
                if answer.next_request is not None:
                    url = answer.next_request.url
                    continue
                if answer.status_code != OK:
                    raise NotReady(name, f"{url.host} answered {answer.status_code}")
                yield Content(chunks_of(name, answer), content_length(answer.headers))
                return
        except httpx2.HTTPError as error:
            raise PollFailed(name, f"the download from {url.host} failed: {error or type(error).__name__}") from error
    raise NotReady(name, "too many redirects")


async def chunks_of(name: str, answer: httpx2.Response) -> AsyncIterator[bytes]:
    """The body as it comes.

    Raises:
        PollFailed: the connection broke off.
    """
    try:
        async for chunk in answer.aiter_bytes():
            yield chunk
    except httpx2.HTTPError as error:
        raise PollFailed(name, f"the download broke off: {error or type(error).__name__}") from error


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


async def _refuse_private(name: str, url: httpx2.URL, home: httpx2.URL) -> None:
    if _origin(url) == _origin(home) or await _is_private(home.host):
        return
    if url.scheme not in {"http", "https"} or await _is_private(url.host):
        raise NotReady(name, f"it names a private address, {url.host}, which is not read")


async def _is_private(host: str) -> bool:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(not ipaddress.ip_address(entry[4][0]).is_global for entry in found)
