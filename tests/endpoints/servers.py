"""One small server per dialect, on a real socket: each row of the dialect table as data, one app that obeys it.

What happens to a job is written in its prompt: "[fails]", "[blocked]", "[strange]", "[stale link]", "[page]",
"[cut]", "[hiccup]". Anything else ends well. A job takes one step at each status request.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.endpoints.dialect_table import DIALECTS, Order

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

MOVIE = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400
PAGE = "<!doctype html><h1>Sign in</h1>"


class Served:
    """An app on a free port, in a thread of its own."""

    def __init__(self, app: Starlette) -> None:
        config = uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.origin = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


class Warehouse(Served):
    """Another origin, where files lie; remembers the headers it was sent."""

    def __init__(self) -> None:
        self.movie = MOVIE
        self.reset()
        super().__init__(Starlette(routes=[Route("/{name}", self._file)]))

    def reset(self) -> None:
        """Forget what was asked."""
        self.headers: list[dict[str, str]] = []
        self.expired: set[str] = set()

    async def _file(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if request.path_params["name"] in self.expired:
            return Response("expired", status_code=410)
        return delivered(request.query_params.get("as", ""), self.movie)


class DialectServer(Served):
    """A server that speaks one dialect; see this module."""

    def __init__(self, profile: str, warehouse: Warehouse, key: str) -> None:
        self.profile, self.dialect, self.warehouse = profile, DIALECTS[profile], warehouse
        self.reset()
        self._key = key
        root = "/v1/videos"
        super().__init__(
            Starlette(
                routes=[
                    Route(root, self._kept(self._create), methods=["POST"]),
                    Route(root, self._kept(self._list), methods=["GET"]),
                    Route(root + "/{id}", self._kept(self._status), methods=["GET"]),
                    Route(root + "/{id}", self._kept(self._delete), methods=["DELETE"]),
                    Route(root + "/{id}/content", self._kept(self._content), methods=["GET"]),
                ]
            )
        )
        self.base_url = f"{self.origin}/v1"

    def reset(self) -> None:
        """Forget every job."""
        self.orders: dict[str, Order] = {}
        self.requests: Counter[str] = Counter()

    def _kept(self, route: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            self.requests[f"{request.method} {route.__name__.strip('_')}"] += 1
            wanted = f"Bearer {self._key}" if self._key else None
            if request.headers.get("authorization") != wanted:
                return JSONResponse({"error": {"message": "wrong key"}}, 401)
            answer: Response = await route(request)
            return answer

        return guarded

    async def _create(self, request: Request) -> Response:
        kind = request.headers["content-type"].partition(";")[0]
        if kind not in self.dialect.takes:
            return JSONResponse({"detail": f"{kind} is not taken here"}, 415)
        form = await request.json() if kind == "application/json" else await fields_of(request)
        if self.dialect.length not in form:
            return JSONResponse({"detail": [{"loc": ["body"], "msg": f"{self.dialect.length} is missing"}]}, 422)
        order = Order(len(self.orders) + 1, form, kind, time.time())
        self.orders[order.id] = order
        return JSONResponse(self._told(order, self.dialect.words[0]), self.dialect.created)

    def _told(self, order: Order, word: str) -> dict[str, Any]:
        kind = "page" if order.asks_for("page") else "cut" if order.asks_for("cut") else ""
        return self.dialect.says(order, word, f"{self.warehouse.origin}/{order.number}-{order.looks}?as={kind}")

    async def _status(self, request: Request) -> Response:
        order = self._order(request)
        if order is None:
            return JSONResponse({"error": {"message": "no such video"}}, 404)
        order.looks += 1
        queued, running, done, failed, blocked = self.dialect.words
        if order.looks == 1 and order.asks_for("hiccup"):
            return HTMLResponse("<html>bad gateway", 500)
        if order.looks < 3:
            word = "re_sharding" if order.asks_for("strange") else (queued, running)[order.looks - 1]
            return JSONResponse(self._told(order, word))
        if order.asks_for("fails"):
            return JSONResponse({**self._told(order, failed), **self.dialect.failure}, self.dialect.failed_status)
        if order.asks_for("blocked"):
            return JSONResponse({**self._told(order, blocked), **self.dialect.block}, self.dialect.failed_status)
        if order.asks_for("stale link") and order.looks == 3:
            self.warehouse.expired.add(f"{order.number}-{order.looks}")
        return JSONResponse(self._told(order, done))

    async def _list(self, _: Request) -> Response:
        if not self.dialect.has_list:
            return JSONResponse({"detail": "Not Found"}, 404)
        newest = [self._told(order, self.dialect.words[0]) for order in reversed(self.orders.values())]
        return JSONResponse({"object": "list", "data": newest, "has_more": False})

    async def _delete(self, request: Request) -> Response:
        order = self._order(request)
        if order is None:
            return JSONResponse({"error": {"message": "no such video"}}, 404)
        order.is_deleted = True
        return JSONResponse({"id": order.id, "object": "video.deleted", "deleted": True, "status": "deleted"})

    async def _content(self, request: Request) -> Response:
        order = self._order(request)
        if order is None or self.dialect.is_elsewhere:
            return JSONResponse({"error": {"message": "no such video"}}, 404)
        order.downloads += 1
        if order.looks < 3:
            return JSONResponse(self.dialect.not_ready[1], self.dialect.not_ready[0])
        if order.asks_for("stale link") and order.downloads == 1:
            return JSONResponse({"error": {"message": "the link has expired"}}, 404)
        if self.dialect.content_fails:
            address = f"{self.warehouse.origin}/cloud.mp4?as={'cut' if order.asks_for('cut') else ''}"
            if order.asks_for("page"):
                return HTMLResponse(PAGE)
            return JSONResponse({"detail": f"The file is in the cloud: {address}"}, self.dialect.content_fails)
        kind = "page" if order.asks_for("page") else "cut" if order.asks_for("cut") else ""
        return delivered(kind, self.warehouse.movie)

    def _order(self, request: Request) -> Order | None:
        return self.orders.get(request.path_params["id"])


async def fields_of(request: Request) -> dict[str, Any]:
    """The fields of a form; a file becomes its name, type and bytes."""
    async with request.form() as form:
        return {
            name: (value.filename, value.content_type, await value.read()) if isinstance(value, UploadFile) else value
            for name, value in form.items()
        }


def delivered(kind: str, movie: bytes) -> Response:
    """The movie, or a page in its place, or a part of it with the connection broken afterwards."""
    if kind == "page":
        return HTMLResponse(PAGE)
    if kind == "cut":
        return StreamingResponse(_cut(movie), media_type="video/mp4", headers={"content-length": str(len(movie))})
    return Response(movie, media_type="video/mp4")


async def _cut(movie: bytes) -> AsyncIterator[bytes]:
    yield movie[: len(movie) // 2]
    raise ConnectionAbortedError
