"""Serves a padded file, whole or in one range, with headers that tell nothing of the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

if TYPE_CHECKING:
    from starlette.requests import Request

    from sora_compare.clips.padding import PaddedFile

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def padded_response(request: Request, file: PaddedFile, *, media_type: str, tag: str) -> Response:
    """Answer a GET or HEAD: 200, 206, 304 or 416 as RFC 9110 has it; several ranges at once get the whole."""
    etag = f'"{tag}"'
    headers = {"Cache-Control": "private, max-age=21600", "ETag": etag, "Accept-Ranges": "bytes"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range", "") if request.headers.get("if-range", etag) == etag else ""
    start, stop = _range(asked, file.length)
    if start >= stop:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{file.length}"})
    is_part = _RANGE.fullmatch(asked) is not None
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.length}"
    headers["Content-Length"] = str(stop - start)
    blocks = iter(()) if request.method == "HEAD" else file.read(start, stop)
    return StreamingResponse(blocks, status_code=206 if is_part else 200, headers=headers, media_type=media_type)


def _range(asked: str, length: int) -> tuple[int, int]:
    """From where up to where; the whole for what is no single range. Empty when it lies behind the end."""
    found = _RANGE.fullmatch(asked)
    first, last = found.groups() if found else ("0", "")
    if first:
        return int(first), min(length, int(last) + 1 if last else length)
    return max(0, length - int(last or 0)), length
