"""Fetching a finished clip: from an address that a server named, or from the job's content route."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from sora_compare.domain.problems import ProblemKind
from sora_compare.endpoints.addresses import is_link_local, is_public, resolved
from sora_compare.endpoints.bounds import DOWNLOAD
from sora_compare.endpoints.failures import content_length, kind_of_broken, of_download
from sora_compare.endpoints.protocol import Content
from sora_compare.errors import NotReady, PollFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from ipaddress import IPv4Address, IPv6Address

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

    From a public endpoint, private addresses are refused at every step, and those of one cable from any: an answer must
    not make us read our own network. A name is looked up once, and what was checked is what is connected to.

    Raises:
        NotReady: the address does not give the file.
        ContentRefused: for what the clip shows.
        PollFailed: the connection failed on the way.
    """
    home, url = httpx2.URL(base_url), _parsed(name, location)
    for _ in range(STEPS):
        address = await _checked(name, url, home)
        is_ours = bool(key) and _origin(url) == _origin(home)
        headers = {"Authorization": f"Bearer {key.reveal()}"} if is_ours else {}
        try:
            async with web.stream(
                "GET",
                url if address is None else url.copy_with(host=str(address)),
                headers={**headers, "Host": url.netloc.decode("ascii")},
                follow_redirects=False,
                extensions={**DOWNLOAD, "sni_hostname": url.host},
            ) as answer:
                if answer.next_request is not None:
                    url = _parsed(name, str(url.join(answer.headers["location"])))
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


async def _checked(name: str, url: httpx2.URL, home: httpx2.URL) -> IPv4Address | IPv6Address | None:
    """The address to connect to, so that the name cannot mean another one by then; None for the server's own.

    Raises:
        NotReady: it leads where a server's answer must not lead us.
        PollFailed: the name has no address.
    """
    if _origin(url) == _origin(home):
        return None
    if url.scheme not in {"http", "https"}:
        raise NotReady(name, f"it names an address of another kind, {url.scheme}:, which is not read")
    found = await resolved(url.host)
    if not found:
        reason = f"the download from {url.host} failed: no server has that name"
        raise PollFailed(name, reason, kind=ProblemKind.UNREACHABLE)
    is_home_public = all(is_public(one) for one in await resolved(home.host))
    if any(is_link_local(one) or (is_home_public and not is_public(one)) for one in found):
        raise NotReady(name, f"it names a private address, {url.host}, which is not read")
    return found[0]
