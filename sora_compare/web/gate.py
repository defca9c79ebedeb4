"""The gate in front of our own routes, of exports and of websockets: who asks is decided once, before any of them runs.

Streamlit's pages are guarded by the shell, with the same rule (ui/shell/access.py).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse

from sora_compare.access.people import People, RequestIdentity, Role, is_loopback
from sora_compare.errors import SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sora_compare.access.people import Person
    from sora_compare.access.signing import Signing
    from sora_compare.settings import Settings

ALIVE = "/api/alive"
"""Open to everybody, and answered without a look at anything that could be waiting."""
OPEN_TO_LINKS = ("/join/", "/r/", "/api/owner", "/api/enter", "/api/leave", ALIVE)
"""Routes that check a token of their own."""
LEAVE_SESSION = "/api/sessions/leave"
FOR_REVIEWERS = ("/m/", LEAVE_SESSION)
"""Routes for reviewers and owners; they check that what is asked for is the reviewer's own."""
OURS = ("/clips/", "/api/", "/join/", "/r/", "/m/")
STREAMLITS = ("/media/", "/_stcore/metrics")
"""What Streamlit would give to everybody: downloads of owners' pages, and figures of the server."""
PERSON, PEOPLE = "sora_compare.person", "sora_compare.people"
REFUSAL = "This is not open to you. Open the app with the owner's link, or with your invitation."
POLICY_VIOLATION = 1008
DEFAULT_PORTS = {"http": 80, "https": 443}
THREADS = 8


def people_for(
    settings: Settings,
    signing: Signing,
    owner_token: str,
    bound_address: str | None,
    ended: Container[str] = frozenset(),
) -> People:
    """The rule for a server bound to that address, None for every one.

    Args:
        settings: tokens and owners that were set.
        signing: of cookies.
        owner_token: the one that opens the app now.
        bound_address: where the server listens.
        ended: ids of cookies that were ended.
    """
    is_private = is_loopback(bound_address or "")
    trusts = is_private and not settings.owner_token and not settings.owners
    return People(signing, trusts_this_machine=trusts, owner_token=owner_token, owners=settings.owners, ended=ended)


class Gate:
    """Refuses what is not for whoever asks; plain ASGI, so that downloads are not held up."""

    def __init__(self, app: ASGIApp, people: Callable[[], People], base_path: Callable[[], str]) -> None:
        self.app = app
        self._people = people
        self._base_path = base_path

    @cached_property
    def _threads(self) -> CapacityLimiter:
        """Threads of its own: routes that wait for the store must not keep everybody at the door."""
        return CapacityLimiter(THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] == "websocket" and not is_same_origin(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "foreign origin"})
            return
        if scope["type"] == "http" and self._is_guarded(scope["path"]):
            refusal = await to_thread.run_sync(self._refusal, scope, limiter=self._threads)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_guarded(self, path: str) -> bool:
        is_streamlits = path.removeprefix(self._base_path()).startswith(STREAMLITS)
        return is_streamlits or (path.startswith(OURS) and path != ALIVE)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        """The answer to who may not pass; for others the scope holds who they are."""
        try:
            people = self._people()
            person = people.who(identity(Request(scope)))
        except SoraCompareError as error:
            return JSONResponse({"error": str(error)}, status_code=503)
        is_open = scope["path"].startswith(OPEN_TO_LINKS)
        # Streamlit lets pages of every loopback port read its answers; a form that hides its page names no origin.
        if not _may(person, scope["path"]) or not (is_open or is_same_origin(HTTPConnection(scope))):
            return JSONResponse({"error": REFUSAL}, status_code=403)
        scope[PERSON], scope[PEOPLE] = person, people
        return None


def _may(person: Person, path: str) -> bool:
    if person.role is Role.OWNER or path.startswith(OPEN_TO_LINKS):
        return True
    return person.role is Role.REVIEWER and path.startswith(FOR_REVIEWERS)


def is_same_origin(request: HTTPConnection) -> bool:
    """Whether a browser's page comes from the very host and port it asks; programs that name no origin may pass."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        page = urlsplit(origin)
        here = urlsplit(f"{page.scheme}://{request.headers.get('host', '')}")
        default = DEFAULT_PORTS.get(page.scheme)
        return bool(page.hostname) and (page.hostname, page.port or default) == (here.hostname, here.port or default)
    except ValueError:
        return False


def identity(request: Request) -> RequestIdentity:
    """What the rule looks at, of an HTTP request."""
    client = request.client.host if request.client else None
    return RequestIdentity(client=client, headers=request.headers, cookies=request.cookies)
