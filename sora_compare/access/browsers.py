"""Which browser asks: a random cookie that every page brings, so that names and forms belong to one browser."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BROWSER_COOKIE = "sora_compare_browser"
BROWSER_AGE_S = 365 * 86_400
ID_BYTES = 16
_ID = re.compile(r"[0-9a-f]{32}")


def new_browser_id() -> str:
    """An id that nobody can guess, in hexadecimal."""
    return secrets.token_hex(ID_BYTES)


def browser_id(cookie: str | None) -> str | None:
    """The id in a browser's cookie; None when it has none, or one that we did not make."""
    return cookie if cookie and _ID.fullmatch(cookie) else None


class BrowserCookie:
    """Gives every page its cookie, which lasts for a year after the last visit; plain ASGI, as downloads want it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back, with the cookie if it is a page."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie_for(request))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie_for(request: Request) -> str:
    answer = Response()
    answer.set_cookie(
        BROWSER_COOKIE,
        browser_id(request.cookies.get(BROWSER_COOKIE)) or new_browser_id(),
        max_age=BROWSER_AGE_S,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer.headers["set-cookie"]
