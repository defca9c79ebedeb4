"""Where the browser finds a clip and the pictures made from it: the server's own routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from sora_compare.domain.clips import needs_preview, sheet_layout
from sora_compare.errors import UnknownRecord
from sora_compare.ui.components.player import Sprites
from sora_compare.ui.shell.addresses import path_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.clips import Clip


def playable_url(files: ClipFiles, clip: Clip) -> str:
    """The clip itself, or its preview where browsers do not play it well."""
    if needs_preview(clip) and _is_there(files.preview, clip):
        return path_of(f"/clips/{clip.sha256}/preview.mp4")
    return path_of(f"/clips/{clip.sha256}{clip.extension}")


def download_url(clip: Clip) -> str:
    """The bytes as they were received."""
    return path_of(f"/clips/{clip.sha256}/download")


def poster_url(files: ClipFiles, clip: Clip) -> str | None:
    """The clip's thumbnail; None until it is made."""
    return path_of(f"/clips/{clip.sha256}/poster.jpg") if _is_there(files.thumbnail, clip) else None


def sprites(files: ClipFiles, clip: Clip) -> Sprites | None:
    """The clip's sheet of hover thumbnails; None until it is made."""
    if not _is_there(files.sprite, clip):
        return None
    layout = sheet_layout(clip.width, clip.height, clip.duration_s)
    return Sprites(path_of(f"/clips/{clip.sha256}/sprite.jpg"), layout.columns, layout.tiles, layout.interval_s)


def _is_there(find: Callable[[str], Path], clip: Clip) -> bool:
    try:
        find(clip.sha256)
    except UnknownRecord:
        return False
    return True


def thumbnail_html(files: ClipFiles, clip: Clip | None, words: str) -> Markup:
    """HTML of a thumbnail, or of a frame with words where there is none; everything in it is escaped."""
    style = "width:100%;aspect-ratio:16/9;border-radius:6px;object-fit:contain;background:#0b0d0f;display:block"
    url = poster_url(files, clip) if clip else None
    if url:
        image = Markup('<img src="{}" alt="{}" loading="lazy" decoding="async" style="{}">')
        return image.format(url, words, style)
    frame = f"{style};display:flex;align-items:center;justify-content:center;color:#aab4be;font-size:.85rem"
    return Markup('<div role="img" aria-label="{}" style="{}">{}</div>').format(words, frame, words)
