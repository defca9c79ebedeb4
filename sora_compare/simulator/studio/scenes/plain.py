"""An empty backdrop, for servers that do not render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.simulator.studio.drawing.pictures import dithered, gradient

if TYPE_CHECKING:
    from sora_compare.simulator.studio.drawing.canvas import Canvas, Point
    from sora_compare.simulator.studio.scenes.scene import SceneRequest
    from sora_compare.simulator.studio.sound import Track


class Plain:
    """The same grey in every frame, without sound."""

    def __init__(self, request: SceneRequest) -> None:
        self._picture = dithered(gradient(request.width, request.height, [(0, "#5b6675"), (1, "#3c4551")]), 1)

    def draw(self, canvas: Canvas, t: float) -> None:  # noqa: ARG002 - it never changes
        """Draw the backdrop."""
        canvas.load(self._picture)

    def sound(self, track: Track) -> None:
        """Silence."""

    def subject(self, t: float) -> Point:  # noqa: ARG002 - there is none
        """The middle."""
        return 0.0, 0.0
