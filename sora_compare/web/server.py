"""What the app's server does besides pages: its life from start to end, clips, health, and security headers."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import sys
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sora_compare.access.browsers import BrowserCookie
from sora_compare.access.people import is_loopback
from sora_compare.clips.files import MEDIA_TYPES
from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.errors import SoraCompareError, UnknownRecord
from sora_compare.services import close_services, services
from sora_compare.settings import trusts_proxies
from sora_compare.web.base_path import BasePath
from sora_compare.web.gate import OURS, Gate
from sora_compare.web.links import LINK_ROUTES
from sora_compare.web.proxies import ForwardedHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sora_compare.access.people import People
    from sora_compare.services import Services

SHELL = str(Path(__file__).resolve().parents[1] / "ui" / "shell" / "frame.py")
EVERY_ADDRESS = (None, "", "0.0.0.0", "::")  # noqa: S104  # what such a bind is called, not a bind
LEAST_FREE_BYTES = 1_000_000_000
SLOW_MODULES = ("pandas", "plotly.graph_objects", "sora_compare.evidence.findings")
"""Tables, charts and results load them at first use, which takes a second or two."""
A_YEAR = "private, max-age=31536000, immutable"
A_DAY = "private, max-age=86400"

log = logging.getLogger(__name__)


# Life


def life(
    bound_address: Callable[[], str | None], port: Callable[[], int], base_path: Callable[[], str]
) -> Callable[[object], AbstractAsyncContextManager[dict[str, object]]]:
    """The lifespan of a server that will listen on that address (None: on all) and port, below that path."""
    return partial(_lifespan, bound_address, port, base_path)


@asynccontextmanager
async def _lifespan(
    bound_address: Callable[[], str | None], port: Callable[[], int], base_path: Callable[[], str], _: object
) -> AsyncIterator[dict[str, object]]:
    """Open everything before the first page, keep it for the life of the server, close it at its end.

    Settings or a data folder that cannot be used do not end the server: every page says what is wrong.
    """
    try:
        opened = await asyncio.to_thread(services)
    except SoraCompareError as error:
        log.error("%s", error)  # noqa: TRY400  # the sentence says it all; a traceback would bury it
        yield {}
        return
    _print_how_to_open(opened, bound_address(), f"{port()}{base_path()}")
    warming = asyncio.create_task(asyncio.to_thread(_warm, opened))
    try:
        yield {}
    finally:
        await warming
        await asyncio.to_thread(close_services)


def _print_how_to_open(opened: Services, address: str | None, port_and_path: str) -> None:
    """Where others can reach the server, only the owner's link opens it: printed once, as Jupyter does."""
    if is_loopback(address or "") and not opened.settings.owner_token:
        return
    host = socket.gethostname() if address in EVERY_ADDRESS else address
    link = f"http://{host}:{port_and_path}/api/owner?token="
    if opened.settings.owner_token:
        how = f"put the SORA_COMPARE_OWNER_TOKEN that you set behind {link}"
    else:
        how = f"{link}{opened.sessions.owner_token}"
    sys.stderr.write(f"\nTo open the app as its owner: {how}\n\n")


def _warm(opened: Services) -> None:
    """Start what the first pages and the first comparison will need, so that they need not wait."""
    if opened.settings.default_endpoint == SIMULATOR:
        try:
            opened.simulator.base_url()
        except SoraCompareError as error:
            log.warning("%s", error)
    opened.worker.warm()
    for name in SLOW_MODULES:
        import_module(name)
    try:
        opened.results.index.ratings()
    except SoraCompareError as error:
        log.warning("%s", error)


# Clips


def clip(request: Request) -> Response:
    """`/clips/<sha256>` or `/clips/<sha256>.mp4`: the bytes as they were received, with ranges."""
    sha256 = request.path_params["name"].partition(".")[0]
    return _file(request, lambda: services().files.path(sha256), sha256, A_YEAR)


def clip_download(request: Request) -> Response:
    """`/clips/<sha256>/download`: the same bytes, to be saved under a name that tells nothing of the model."""
    sha256 = request.path_params["sha256"]
    return _file(request, lambda: services().files.path(sha256), sha256, A_YEAR, is_download=True)


def clip_part(request: Request) -> Response:
    """`/clips/<sha256>/poster.jpg`, `sprite.jpg`, `preview.mp4`: what was made from the clip."""
    sha256, part = request.path_params["sha256"], request.path_params["part"]
    files = services().files
    found = {"poster.jpg": files.thumbnail, "sprite.jpg": files.sprite, "preview.mp4": files.preview}
    if part not in found:
        return _not_found()
    return _file(request, lambda: found[part](sha256), f"{sha256}-{part}", A_DAY)


def _file(request: Request, find: Callable[[], Path], tag: str, cache: str, *, is_download: bool = False) -> Response:
    try:
        path = find()
    except UnknownRecord:
        return _not_found()
    headers = {"Cache-Control": cache, "ETag": f'"{tag}"'}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    name = f"clip-{tag[:12]}{path.suffix}" if is_download else None
    return FileResponse(path, headers=headers, media_type=MEDIA_TYPES[path.suffix], filename=name)


def _not_found() -> Response:
    return JSONResponse({"error": "There is no such file."}, status_code=404)


# Health


def health(_: Request) -> Response:
    """200 when takes can be made and kept, else 503; `reasons` says what is wrong, for people."""
    try:
        opened = services()
        found = _health_report(opened)
    except SoraCompareError as error:
        return JSONResponse({"status": "bad", "reasons": [str(error)]}, status_code=503)
    reasons = found["reasons"]
    status = "bad" if reasons else "degraded" if found["left_out"] else "ok"
    return JSONResponse({"status": status, **found}, status_code=503 if reasons else 200)


def _health_report(opened: Services) -> dict[str, object]:
    runner = opened.runner.health
    free = shutil.disk_usage(opened.settings.home).free
    reasons = []
    if not runner.is_alive:
        reasons.append("The runner has ended: start the app again.")
    if runner.waits_for:
        reasons.append(runner.waits_for)
    if not opened.coordination.lease_owner("runner"):
        reasons.append("No runner holds the lease: takes wait.")
    if free < LEAST_FREE_BYTES:
        reasons.append(f"The disk of the data folder has {free / 1e9:.1f} GB left: free some space.")
    opened.store.drafts.save("health", {"written": True})
    return {
        "reasons": reasons,
        "left_out": opened.store.damaged.sentence,
        "runner": {"alive": runner.is_alive, "holds_lease": runner.is_holder, "under_way": runner.under_way},
        "free_bytes": free,
    }


def no_such_route(_: Request) -> Response:
    """Anything else under our own prefixes."""
    return JSONResponse({"error": "There is no such address."}, status_code=404)


ROUTES = [
    Route("/clips/{sha256}/download", clip_download),
    Route("/clips/{sha256}/{part}", clip_part),
    Route("/clips/{name}", clip),
    Route("/api/health", health),
    *LINK_ROUTES,
    Route("/clips/{rest:path}", no_such_route),
    Route("/api/{rest:path}", no_such_route),
]


# Headers

# Streamlit's page starts with an inline script, styles itself inline, and compiles Plotly's and Vega's
# expressions at run time; blob: is how components and workers arrive.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss: blob: data:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}


class SecurityHeaders:
    """Adds the headers to every answer; plain ASGI, since a wrapper with buffers would hold up downloads."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def middleware(
    people: Callable[[], People], base_path: Callable[[], str], has_tls: Callable[[], bool]
) -> list[Middleware]:
    """Headers outside, the gate inside: a refusal has the headers too."""
    return [
        Middleware(SecurityHeaders),
        Middleware(ForwardedHeaders, trusts_proxies=trusts_proxies, has_tls=has_tls),
        Middleware(BrowserCookie),
        Middleware(BasePath, base_path=base_path, ours=OURS),
        Middleware(Gate, people=people, base_path=base_path),
    ]
