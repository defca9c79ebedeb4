"""The outermost layer of the server: counts requests, names them, and lets the ordered faults happen."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

from sora_compare.simulator.api.connections import break_connection

if TYPE_CHECKING:
    from collections import Counter

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sora_compare.simulator.api.faults import Faults, Rule

HTML = b"<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1><p>The upstream server did not answer."
NO_JOBS = b'{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}'
BLANKS = b" " * 65_536
LEAVES_S = 0.05


def route_of(method: str, path: str) -> str:
    """The name of a videos route, or an empty text."""
    parts = path.strip("/").split("/")
    if parts[:2] != ["v1", "videos"] or parts[2:] == ["cameos"]:
        return ""
    names = {("POST", 2): "create", ("GET", 2): "list", ("GET", 3): "retrieve", ("DELETE", 3): "delete"}
    if method == "GET" and len(parts) == 4 and parts[3] == "content":  # noqa: PLR2004 - v1, videos, id, content
        return "content"
    return names.get((method, len(parts)), "")


class Mishaps:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, faults: Faults, requests: Counter[str]) -> None:
        self._app, self._faults, self._requests = app, faults, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or fail to, as the rules say."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = route_of(scope["method"], scope["path"])
        named = _Named(send)
        rule = None
        if route:
            self._requests[route] += 1
            rule = self._faults.strike(route)
        if rule is None:
            await self._app(scope, receive, named)
        else:
            self._requests[f"{route}:{rule.fault}"] += 1
            await self._happen(rule, scope, receive, named)

    async def _happen(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        if rule.fault.startswith("accept_then_"):
            await self._app(scope, receive, _discard)
        kind = rule.fault.removeprefix("accept_then_")
        if kind == "drop":
            await _break(scope, receive)
        elif kind == "hang":
            await _until_gone(receive, rule.seconds)
            await _break(scope, receive)
        elif kind == "status":
            await _answer(send, rule.code, _body(rule.body, rule.code), rule.body, rule.headers)
        elif kind == "endless":
            await _blanks(receive, send, rule.seconds)
        elif kind in {"expire_link", "wrong_type", "replica"}:
            await _send_invalid(kind, scope, send)
        else:
            await self._distort(rule, scope, receive, send)

    async def _distort(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Held()
        if rule.fault == "slow":
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, held)
        if rule.fault == "truncate":
            await _send_part(held, rule, send)
            if rule.is_declared_whole:
                # The part has to leave before the connection breaks, or the client sees no answer at all.
                await asyncio.sleep(LEAVES_S)
                await _break(scope, receive)
        else:
            await _send_stuck(held, rule, send)


class _Named:
    """Adds x-request-id to the answer."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            name = (b"x-request-id", f"req_{secrets.token_hex(16)}".encode())
            message = {**message, "headers": [*message["headers"], name]}
        await self._send(message)


class _Held:
    """Keeps an answer back, whole."""

    def __init__(self) -> None:
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    async def release(self, send: Send, body: bytes, *, declared: int, is_whole: bool = True) -> None:
        """Send with another body, announcing `declared` bytes."""
        kept = [(name, value) for name, value in self.start["headers"] if name.lower() != b"content-length"]
        headers = [*kept, (b"content-length", str(declared).encode())]
        await send({**self.start, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": not is_whole})


async def _send_invalid(kind: str, scope: Scope, send: Send) -> None:
    """An answer that does not depend on the app."""
    if kind == "expire_link":
        await _answer(send, 404, _error("The content of this video has expired.", "video_expired"), "json", {})
    elif kind == "wrong_type":
        await _answer(send, 200, HTML, "html", {})
    elif route_of(scope["method"], scope["path"]) == "list":
        await _answer(send, 200, NO_JOBS, "json", {})
    else:
        await _answer(send, 404, _error("Video not found.", "not_found"), "json", {})


async def _blanks(receive: Receive, send: Send, seconds: float) -> None:
    """Send JSON's white space until the client goes, as fast as it reads."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    gone = asyncio.create_task(_until_gone(receive, seconds))
    while not gone.done():
        await send({"type": "http.response.body", "body": BLANKS, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _discard(message: Message) -> None:
    """Let nobody hear the answer."""


async def _until_gone(receive: Receive, seconds: float) -> None:
    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return


async def _break(scope: Scope, receive: Receive) -> None:
    break_connection(scope["client"])
    await _until_gone(receive, LEAVES_S)


async def _send_part(held: _Held, rule: Rule, send: Send) -> None:
    part = held.body[: int(len(held.body) * rule.share)]
    if rule.is_declared_whole:
        await held.release(send, part, declared=len(held.body), is_whole=False)
    else:
        await held.release(send, part, declared=len(part))


async def _send_stuck(held: _Held, rule: Rule, send: Send) -> None:
    data = json.loads(held.body)
    if data.get("object") == "video":
        data |= {"status": "in_progress", "progress": rule.progress, "completed_at": None, "error": None}
    body = json.dumps(data).encode()
    await held.release(send, body, declared=len(body))


async def _answer(send: Send, code: int, body: bytes, kind: str, headers: dict[str, str]) -> None:
    content_type = {"json": b"application/json", "html": b"text/html; charset=utf-8"}.get(kind, b"text/plain")
    sent = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    sent += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": code, "headers": sent})
    await send({"type": "http.response.body", "body": body})


def _body(kind: str, code: int) -> bytes:
    return {"json": _error(f"The simulator was told to answer {code}.", "injected_fault"), "html": HTML}.get(kind, b"")


def _error(message: str, code: str) -> bytes:
    return json.dumps({"error": {"message": message, "type": "server_error", "param": None, "code": code}}).encode()
