"""The gate in front of our own routes: who asks is decided once, before any of them runs.

Streamlit's pages are guarded by the shell, with the same rule (ui/access.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse

from sora_compare.access.people import Asked, People, Role, is_loopback
from sora_compare.errors import SoraCompareError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sora_compare.access.signing import Signing
    from sora_compare.settings import Settings

OPEN_TO_LINKS = ("/join/", "/r/", "/api/owner", "/api/enter", "/api/leave", "/api/alive")
"""Routes that check a token of their own."""
FOR_REVIEWERS = ("/m/",)
"""Routes for reviewers and owners; they check that an address is the reviewer's own."""
OURS = ("/clips/", "/api/", "/join/", "/r/", "/m/")
PERSON, PEOPLE = "sora_compare.person", "sora_compare.people"
REFUSAL = "This is not open to you. Open the app with the owner's link, or with your invitation."


def people_for(settings: Settings, signing: Signing, owner_token: str, bound_address: str | None) -> People:
    """The rule for a server bound to that address, None for every one; the token is the one that opens it now."""
    is_private = is_loopback(bound_address or "")
    trusts = is_private and not settings.owner_token and not settings.owners
    return People(signing, trusts_this_machine=trusts, owner_token=owner_token, owners=settings.owners)


class Gate:
    """Refuses our routes to those they are not for; plain ASGI, so that downloads are not held up."""

    def __init__(self, app: ASGIApp, people: Callable[[], People]) -> None:
        self.app = app
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403."""
        if scope["type"] == "http" and scope["path"].startswith(OURS):
            try:
                people = self._people()
                person = people.who(asked(Request(scope)))
            except SoraCompareError as error:
                await JSONResponse({"error": str(error)}, status_code=503)(scope, receive, send)
                return
            if not _may(person.role, scope["path"]):
                await JSONResponse({"error": REFUSAL}, status_code=403)(scope, receive, send)
                return
            scope[PERSON], scope[PEOPLE] = person, people
        await self.app(scope, receive, send)


def _may(role: Role, path: str) -> bool:
    if role is Role.OWNER or path.startswith(OPEN_TO_LINKS):
        return True
    return role is Role.REVIEWER and path.startswith(FOR_REVIEWERS)


def asked(request: Request) -> Asked:
    """What the rule looks at, of an HTTP request."""
    client = request.client.host if request.client else None
    return Asked(client=client, headers=request.headers, cookies=request.cookies)
