"""Fetching a finished clip: from an address that a server named, or from the job's content route."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from sora_compare.endpoints.bounds import DOWNLOAD
from sora_compare.endpoints.failures import content_length, kind_of_broken, of_download
from sora_compare.endpoints.protocol import Content
from sora_compare.errors import NotReady, PollFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sora_compare.settings import Secret

STEPS = 5
"""Redirects followed before giving up."""
OK = 200
LONGEST_ERROR = 65_536
"""Bytes read of an answer that is no clip."""
NEVER_A_CLIP = ("text/html", "application/json")
CLIP_ADDRESS = re.compile(r"https?://[^\s\"'<>]+\.(?:mp4|webm|mov)[^\s\"'<>]*")
"""SGLang's content route answers 400 with the clip's address in the message when the file lies in a cloud store."""


@asynccontextmanager
async def open_location(
    name: str, location: str, base_url: str, key: Secret, web: httpx2.AsyncClient
) -> AsyncIterator[Content]:
    """Open an address; the key goes to the base URL's own origin and nowhere else.

    From a public endpoint, private addresses are refused at every step: an answer must not make us read our own
    network.

    Raises:
        NotReady: the address does not give the file.
        ContentRefused: for what the clip shows.
        PollFailed: the connection failed on the way.
    """
    home, url = httpx2.URL(base_url), _parsed(name, location)
    for _ in range(STEPS):
        await _refuse_private(name, url, home)
        is_ours = bool(key) and _origin(url) == _origin(home)
        headers = {"Authorization": f"Bearer {key.reveal()}"} if is_ours else {}
        try:
            async with web.stream(
                "GET", url, headers=headers, follow_redirects=False, extensions=dict(DOWNLOAD)
            ) as answer:
                if answer.next_request is not None:
                    url = answer.next_request.url
                elif _is_clip(answer):
                    yield Content(chunks_of(name, answer), content_length(answer.headers))
                    return
                else:
                    url = _parsed(name, await _named_instead(name, answer, key))
        except httpx2.HTTPError as error:
            reason = f"the download from {url.host} failed: {error or type(error).__name__}"
            raise PollFailed(name, reason, kind=kind_of_broken(error)) from error
    raise NotReady(name, "too many redirects")


def _parsed(name: str, location: str) -> httpx2.URL:
    try:
        return httpx2.URL(location)
    except httpx2.InvalidURL as error:
        raise NotReady(name, "it names an address that is none") from error


def _is_clip(answer: httpx2.Response) -> bool:
    return answer.status_code == OK and not answer.headers.get("content-type", "").startswith(NEVER_A_CLIP)


async def _named_instead(name: str, answer: httpx2.Response, key: Secret) -> str:
    """The clip's address in an answer that is no clip.

    Raises:
        NotReady: it names none.
        ContentRefused: it says that the clip is withheld for what it shows.
    """
    text = b""
    async for chunk in answer.aiter_bytes():
        text += chunk
        if len(text) > LONGEST_ERROR:
            break
    whole = httpx2.Response(answer.status_code, headers={"content-type": "text/plain"}, content=text[:LONGEST_ERROR])
    found = CLIP_ADDRESS.search(whole.text) if whole.is_client_error else None
    if found is None:
        raise of_download(name, answer.url.host, whole, key)
    return found.group()


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
    except (OSError, UnicodeError):
        # No such name, or none that can be one: connecting will say so.
        return False
    return any(not ipaddress.ip_address(entry[4][0]).is_global for entry in found)
