"""What a proxy says of the browser behind it: believed only where the operator named the proxy.

uvicorn believes `X-Forwarded-For` and `-Proto` from 127.0.0.1 without being told to, and Streamlit starts it so: any
program on the machine could make up addresses. With FORWARDED_ALLOW_IPS uvicorn believes whom it names; without, this
puts back what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from sora_compare.access.people import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

SCHEMES = {("http", False): "http", ("http", True): "https", ("websocket", False): "ws", ("websocket", True): "wss"}


class ForwardedHeaders:
    """Sets client, scheme and host of a request to what may be believed; plain ASGI."""

    def __init__(self, app: ASGIApp, *, trusts_proxies: Callable[[], bool], has_tls: Callable[[], bool]) -> None:
        self.app = app
        self._trusts_proxies = trusts_proxies
        self._has_tls = has_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] in {"http", "websocket"}:
            if self._trusts_proxies():
                _take_host(scope)
            else:
                self._undo(scope)
        await self.app(scope, receive, send)

    def _undo(self, scope: Scope) -> None:
        headers, client = Headers(scope=scope), scope.get("client")
        if client and any(client[0] in message for message in headers.getlist("x-forwarded-for")):
            scope["client"] = (LOOPBACK, 0)
        if "x-forwarded-proto" in headers:
            scope["scheme"] = SCHEMES[scope["type"], self._has_tls()]


def _take_host(scope: Scope) -> None:
    """The host that the browser asked for, where the proxy asks under another name."""
    host = Headers(scope=scope).get("x-forwarded-host", "").partition(",")[0].strip()
    if host:
        others = [(name, value) for name, value in scope["headers"] if name != b"host"]
        scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
