# ruff: noqa: INP001  # a script beside the package, run by its path
"""A small video service that takes its model from a version policy: lock, canary and rollback without a deployment.

    DEPLOY_ENV=production python examples/video_service.py --port 8000 --policy examples/sora-policy.toml

    curl -s localhost:8000/version?user=anna
    curl -s localhost:8000/videos -d '{"user": "anna", "prompt": "An orange cat naps in the sun", "seconds": 4}'
    curl -s localhost:8000/outcomes -d '{"model": "sora-2-2025-12-08", "is_completed": false}'

OPENAI_BASE_URL and OPENAI_API_KEY name the server that makes the clips; without them the built-in simulator does.
Elsewhere, while it runs:

    export SORA_COMPARE_POLICY=examples/sora-policy.toml
    python -m sora_compare versions canary start production sora-2-2025-12-08 --force --reason "better on motion"
    python -m sora_compare versions rollback production
"""

from __future__ import annotations

import argparse
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from sora_compare import SoraVersionManager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


async def version(request: Request) -> JSONResponse:
    """Which model a user gets: decided in memory, so it may be asked for every request."""
    manager: SoraVersionManager = request.app.state.manager
    model = manager.model_for(key=request.query_params.get("user"))
    return JSONResponse({"environment": manager.env, "model": model})


async def videos(request: Request) -> JSONResponse:
    """Ask for a clip; the user's id is the key of the canary, and the use is logged."""
    told = await request.json()
    manager: SoraVersionManager = request.app.state.manager
    result = await run_in_threadpool(
        manager.generate_video, told["prompt"], key=str(told["user"]), seconds=told.get("seconds", 4)
    )
    if not result["success"]:
        return JSONResponse({"error": result["error"], "model": result["model_version"]}, status_code=502)
    return JSONResponse({"job": result["response"].id, "model": result["model_version"]}, status_code=202)


async def outcomes(request: Request) -> JSONResponse:
    """Tell how a job ended: what the guard rails of a canary watch. A broken one rolls back by itself."""
    told = await request.json()
    manager: SoraVersionManager = request.app.state.manager
    await run_in_threadpool(
        manager.report_outcome, told["model"], is_completed=bool(told["is_completed"]), total_s=told.get("total_s")
    )
    return JSONResponse({"canary": manager.releases.environment(manager.env).canary is not None})


def app_with(policy: str) -> Starlette:
    """The service; the manager is opened and closed with it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        with SoraVersionManager(policy=policy) as manager:
            app.state.manager = manager
            yield

    routes = [
        Route("/version", version),
        Route("/videos", videos, methods=["POST"]),
        Route("/outcomes", outcomes, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An example service with a version policy.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--policy", default="examples/sora-policy.toml")
    given = parser.parse_args()
    uvicorn.run(app_with(given.policy), host="127.0.0.1", port=given.port, log_level="warning")
