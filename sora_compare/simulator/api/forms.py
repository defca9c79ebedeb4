"""The bodies that a create request may come in, read into one table of fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from sora_compare.simulator.api.problems import InvalidValue, Problem

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST_BODY = 64_000_000
NESTED = re.compile(r"(\w+)\[(\w*)\]")
JSON_FIELDS = {"storyboard", "style_tuning", "cameos"}


@dataclass(frozen=True, slots=True)
class Form:
    """What came: plain fields, and files by their field."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)


async def read_form(request: Request) -> Form:
    """Read a JSON or multipart body.

    Raises:
        Problem: too large, malformed, or in another format.
    """
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise Problem(413, f"The request is larger than {LARGEST_BODY // 1_000_000} MB.", code="request_too_large")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return Form(_json_object(await request.body()))
    if kind in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        return await _read_multipart(request)
    raise Problem(415, f"Unsupported content type '{kind}'. Send application/json or multipart/form-data.")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise Problem(400, f"We could not parse the JSON body of your request: {error}.") from error
    if not isinstance(data, dict):
        raise Problem(400, "The JSON body of your request must be an object.")
    return data


async def _read_multipart(request: Request) -> Form:
    form = Form()
    try:
        async with request.form() as parts:
            for key, value in parts.multi_items():
                if isinstance(value, UploadFile):
                    form.files.setdefault(key.removesuffix("[]"), []).append(await value.read())
                else:
                    _put(form.fields, key, value)
    except MultiPartException as error:
        raise Problem(400, f"We could not parse the multipart body of your request: {error.message}") from error
    for name in JSON_FIELDS & form.fields.keys():
        form.fields[name] = _decoded(name, form.fields[name])
    return form


def _put(fields: dict[str, Any], key: str, value: str) -> None:
    """Put `name`, `name[]` or `name[key]` where a JSON body would have it."""
    nested = NESTED.fullmatch(key)
    if nested is None:
        fields[key] = [fields[key], value] if isinstance(fields.get(key), str) and key in JSON_FIELDS else value
    elif not nested[2]:
        fields.setdefault(nested[1], []).append(value)
    else:
        fields.setdefault(nested[1], {})[nested[2]] = value


def _decoded(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name == "cameos" and not value.lstrip().startswith("["):
        return [value]
    try:
        return json.loads(value)
    except ValueError as error:
        raise InvalidValue(name, f"'{name}' is not valid JSON: {error}.", "invalid_json") from error
