"""The player's page parts, as Streamlit wants them: one text each of HTML, CSS and JavaScript."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

# Streamlit loads inline JavaScript from a blob, where an import of a neighbouring file cannot resolve, and files of
# its own only from installed packages. So the files are sections of one module, in the order in which they build on
# each other; only main.js exports.
SECTIONS = (
    "time.js",
    "picture.js",
    "drift.js",
    "played.js",
    "clocks.js",
    "lock.js",
    "sound.js",
    "views.js",
    "timeline.js",
    "markers.js",
    "keys.js",
    "transport.js",
    "place.js",
    "main.js",
)


def html() -> str:
    """The markup of one player."""
    return _read("player.html")


def css() -> str:
    """The styles of one player, kept from the page by a shadow root."""
    return _read("player.css")


def javascript() -> str:
    """All sections as one module that exports the mounting function."""
    return "\n".join(f"// ---- {name}\n{_read(name)}" for name in SECTIONS) + "\n//# sourceURL=player.js\n"


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
