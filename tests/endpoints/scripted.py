"""A server on a real socket with written answers: one for the create, some for the status, one for content."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.endpoints.servers import Served

if TYPE_CHECKING:
    from starlette.requests import Request

Answer = tuple[int, Any]
"""HTTP status and JSON body, or a clip's bytes.

JOB in a body stands for the job's id, MODEL for the one asked for, HOST for the server's own address.
"""


class ScriptedServer(Served):
    """Answers every create alike; each job's status goes through `status`, of which the last answer repeats."""

    def __init__(
        self, create: Answer, status: tuple[Answer, ...] = (), content: Answer = (404, {}), *, file: bytes = b""
    ) -> None:
        self._file = file
        self._create, self._status, self._content = create, status, content
        self._looks: dict[str, int] = {}
        self._models: dict[str, str] = {}
        self.content_requests = 0
        root = "/v1/videos"
        super().__init__(
            Starlette(
                routes=[
                    Route(root, self._on_create, methods=["POST"]),
                    Route(root, self._on_list, methods=["GET"]),
                    Route(root + "/{id}", self._on_status, methods=["GET"]),
                    Route(root + "/{id}/content", self._on_content, methods=["GET"]),
                    Route("/file/{name}", self._on_file, methods=["GET"]),
                ]
            )
        )
        self.base_url = f"{self.origin}/v1"

    async def _on_create(self, request: Request) -> Response:
        form = await request.json() if "json" in request.headers["content-type"] else await request.form()
        job = f"job_{len(self._looks) + 1}"
        self._looks[job], self._models[job] = 0, str(form["model"])
        return self._told(self._create, job)

    async def _on_list(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": []})

    async def _on_status(self, request: Request) -> Response:
        job = request.path_params["id"]
        look = min(self._looks[job], len(self._status) - 1)
        self._looks[job] += 1
        return self._told(self._status[look], job)

    async def _on_content(self, request: Request) -> Response:
        self.content_requests += 1
        return self._told(self._content, request.path_params["id"])

    async def _on_file(self, _: Request) -> Response:
        return Response(self._file, media_type="video/mp4")

    def _told(self, answer: Answer, job: str) -> Response:
        status, body = answer
        if isinstance(body, bytes):
            return Response(body, status, media_type="video/mp4")
        text = json.dumps(body).replace("JOB", job).replace("MODEL", self._models.get(job, ""))
        text = text.replace("HOST", self.origin.removeprefix("http://"))
        return Response(text, status, {"x-request-id": "req_test"}, "application/json")
