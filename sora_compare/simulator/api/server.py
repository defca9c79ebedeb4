"""The routes of the simulator."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sora_compare.errors import ConfigurationError
from sora_compare.simulator.api.catalogue import MODELS, model_objects
from sora_compare.simulator.api.contract import Rules, checked_cameo, checked_request
from sora_compare.simulator.api.faults import Faults, rules_from
from sora_compare.simulator.api.forms import read_form
from sora_compare.simulator.api.mishaps import Mishaps
from sora_compare.simulator.api.problems import InvalidValue, KeyInvalid, KeyMissing, NotAllowed, Problem
from sora_compare.simulator.studio.workers import RenderFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from sora_compare.simulator.api.videos import Videos

REFUSED_KEY = "sk-bad"
LARGEST_PAGE = 100
FIRST_PAGE = 20
LONGEST_POLL_MS = 10_000
MEDIA_TYPES = {"video": "video/mp4", "thumbnail": "image/webp", "spritesheet": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Api:
    """The routes over the jobs."""

    videos: Videos
    rules: Rules
    faults: Faults
    requests: Counter[str] = field(default_factory=Counter)

    async def create(self, request: Request) -> Response:
        """POST /v1/videos."""
        form = await read_form(request)
        cameos = self.videos.known_cameos() if form.fields.get("cameos") else {}
        asked, reference = checked_request(form, self.rules, cameos)
        job = await self.videos.create(asked, reference)
        return JSONResponse(job.as_video(time.time()))

    async def retrieve(self, request: Request) -> Response:
        """GET /v1/videos/{id}."""
        now = time.time()
        job = self.videos.job(request.path_params["id"])
        wait_ms = min(LONGEST_POLL_MS, max(50, round(250 * job.plan.due_s / 10)))
        headers = {"openai-poll-after-ms": str(wait_ms)} if job.is_unfinished(now) else {}
        return JSONResponse(job.as_video(now), headers=headers)

    async def index(self, request: Request) -> Response:
        """GET /v1/videos."""
        limit = request.query_params.get("limit", str(FIRST_PAGE))
        order = request.query_params.get("order", "desc")
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= LARGEST_PAGE):
            raise InvalidValue("limit", f"Invalid 'limit': '{limit}'. Send a whole number from 1 to {LARGEST_PAGE}.")
        if order not in {"asc", "desc"}:
            raise NotAllowed("order", order, ("asc", "desc"))
        return JSONResponse(self.videos.page(int(limit), request.query_params.get("after"), order))

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/videos/{id}."""
        video_id = request.path_params["id"]
        await self.videos.delete(video_id)
        return JSONResponse({"id": video_id, "object": "video.deleted", "deleted": True})

    async def content(self, request: Request) -> Response:
        """GET /v1/videos/{id}/content, with ranges."""
        variant = request.query_params.get("variant", "video")
        if variant not in MEDIA_TYPES:
            raise NotAllowed("variant", variant, tuple(MEDIA_TYPES))
        path = await self.videos.content(request.path_params["id"], variant)
        return FileResponse(path, media_type=MEDIA_TYPES[variant])

    async def create_cameo(self, request: Request) -> Response:
        """POST /v1/videos/cameos."""
        cameo = await self.videos.add_cameo(*checked_cameo(await read_form(request)))
        return JSONResponse(
            {
                "id": cameo.id,
                "object": "cameo",
                "name": cameo.name,
                "description": cameo.description,
                "created_at": cameo.created_at,
            }
        )

    async def models(self, _: Request) -> Response:
        """GET /v1/models."""
        return JSONResponse({"object": "list", "data": model_objects()})

    async def model(self, request: Request) -> Response:
        """GET /v1/models/{name}."""
        name = request.path_params["name"]
        if name not in MODELS:
            raise Problem(404, f"The model '{name}' does not exist.", param="model", code="model_not_found")
        return JSONResponse(next(one for one in model_objects() if one["id"] == name))

    async def show_faults(self, _: Request) -> Response:
        """GET /simulator/faults."""
        return JSONResponse({"rules": self.faults.to_dicts()})

    async def put_faults(self, request: Request) -> Response:
        """PUT /simulator/faults."""
        try:
            self.faults.replace(rules_from(json.loads(await request.body())))
        except (ConfigurationError, ValueError) as error:
            raise Problem(400, str(error), code="invalid_faults") from error
        return JSONResponse({"rules": self.faults.to_dicts()})

    async def counts(self, _: Request) -> Response:
        """GET /simulator/counts."""
        return JSONResponse({"jobs_created": self.videos.created, "requests": dict(self.requests)})


def build_app(api: Api, *, ready: Callable[[], None], closed: Callable[[], None]) -> Starlette:
    """The ASGI app; `ready` and `closed` run with the server's loop."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        ready()
        try:
            yield
        finally:
            await api.videos.close()
            closed()

    return Starlette(
        routes=_routes(api),
        lifespan=lifespan,
        middleware=[Middleware(Mishaps, faults=api.faults, requests=api.requests)],
        exception_handlers={Problem: _answer_problem, HTTPException: _answer_http, RenderFailed: _answer_failure},
    )


def _routes(api: Api) -> list[Route]:
    table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        ("POST", "/v1/videos", api.create),
        ("GET", "/v1/videos", api.index),
        ("POST", "/v1/videos/cameos", api.create_cameo),
        ("GET", "/v1/videos/{id}", api.retrieve),
        ("DELETE", "/v1/videos/{id}", api.delete),
        ("GET", "/v1/videos/{id}/content", api.content),
        ("GET", "/v1/models", api.models),
        ("GET", "/v1/models/{name}", api.model),
        ("GET", "/simulator/faults", api.show_faults),
        ("PUT", "/simulator/faults", api.put_faults),
        ("GET", "/simulator/counts", api.counts),
    ]
    return [Route(path, _with_key(endpoint), methods=[method]) for method, path, endpoint in table]


def _with_key(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise KeyMissing
        if key.strip().startswith(REFUSED_KEY):
            raise KeyInvalid
        return await endpoint(request)

    return guarded


async def _answer_problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - registered for this class alone
    return problem.response()


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    message = f"Invalid URL ({request.method} {request.url.path})"
    return Problem(error.status_code, message, code="unknown_url", headers=dict(error.headers or {})).response()


async def _answer_failure(_: Request, error: Exception) -> Response:
    return Problem(500, f"The simulator could not make the file: {error}.", kind="server_error").response()
