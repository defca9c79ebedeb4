"""The path below which a proxy shows the app, such as "/compare": our own routes lie there as well.

Streamlit puts its own routes below `server.baseUrlPath`, and leaves an app's at the root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

BASE_PATH = "sora_compare.base_path"
"""In the scope of a request: the path, or empty."""


class BasePath:
    """Takes the base path off requests for our own routes; at the root they are found as before. Plain ASGI."""

    def __init__(self, app: ASGIApp, base_path: Callable[[], str], ours: tuple[str, ...]) -> None:
        self.app = app
        self._base_path = base_path
        self._ours = ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http":
            base = self._base_path()
            path = scope["path"].removeprefix(base)
            is_ours = path.startswith(self._ours)
            scope = {**scope, BASE_PATH: base, **({"path": path, "raw_path": path.encode()} if is_ours else {})}
        await self.app(scope, receive, send)
