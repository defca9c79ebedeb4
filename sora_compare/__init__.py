"""Compare two dated snapshots of a video model, side by side, and defend the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.releases.version_manager import SoraVersionManager

__all__ = ["SoraVersionManager"]


def __getattr__(name: str) -> object:
    """Load the public class when it is first asked for: importing the package alone stays light."""
    if name == "SoraVersionManager":
        from sora_compare.releases.version_manager import SoraVersionManager  # noqa: PLC0415  # see above

        return SoraVersionManager
    raise AttributeError(name)
