"""What to bring in: from a manifest (CSV or JSONL) or from the names of files in a folder."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sora_compare.domain.requests import PROMPT_LIMIT
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VIDEO_ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v")
FIELDS = ("file", "prompt", "model", "arm", "tags")
MANIFEST_LIMIT = 5_000_000
"""Bytes; a larger manifest is refused."""
UNKNOWN_MODEL = "unknown"
ARM_OF_MODEL = {DEFAULT_A: ArmLabel.A, DEFAULT_B: ArmLabel.B}
SIDE_IN_NAME = re.compile(
    rf"^(?P<name>.*?)[\s._-]*(?P<side>{re.escape(DEFAULT_A)}|{re.escape(DEFAULT_B)}|(?<![A-Za-z0-9])[AaBb])$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One file to bring in: where it was named, the file, and what is known of it."""

    where: str
    file: Path
    prompt: str
    arm: ArmLabel
    model: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One row or file that cannot be brought in, and why."""

    where: str
    sentence: str


def find(path: Path) -> list[Found | LeftOut]:
    """What a folder or a manifest offers, in its order.

    Raises:
        UsageError: it cannot be read or offers nothing.
    """
    try:
        offered = list(in_folder(sorted(path.iterdir())) if path.is_dir() else in_manifest(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its name.") from error
    if not offered:
        raise UsageError(f"{path} holds no video file ({', '.join(VIDEO_ENDINGS)}).")
    return offered


def in_folder(files: Iterable[Path]) -> Iterator[Found | LeftOut]:
    """Files named like `a cat.A.mp4` or `a cat sora-2-2025-12-08.mp4`; `a cat.txt` may hold the prompt."""
    for file in files:
        if file.suffix.lower() not in VIDEO_ENDINGS:
            continue
        named = SIDE_IN_NAME.match(file.stem)
        if named is None or not named["name"]:
            yield LeftOut(file.name, f"its name does not end in A, B, {DEFAULT_A} or {DEFAULT_B}: rename it.")
            continue
        side = named["side"]
        arm = ARM_OF_MODEL.get(side) or ArmLabel(side.upper())
        model = side if side in ARM_OF_MODEL else UNKNOWN_MODEL
        yield Found(file.name, file, _prompt_beside(file, named["name"]), arm, model)


def _prompt_beside(file: Path, name: str) -> str:
    beside = file.with_name(f"{name}.txt")
    if beside.is_file():
        return beside.read_text("utf-8", errors="replace").strip()[:PROMPT_LIMIT]
    return re.sub(r"[\s._-]+", " ", name).strip()


def in_manifest(path: Path) -> Iterator[Found | LeftOut]:
    """Rows of a CSV or JSONL manifest; files are looked for beside it."""
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows}
    if path.suffix.lower() not in readers:
        raise UsageError(f"“{path.name}” is no manifest: give a folder, or a .csv or .jsonl file.")
    with path.open("rb") as file:
        content = file.read(MANIFEST_LIMIT + 1)
    if len(content) > MANIFEST_LIMIT:
        raise UsageError(f"“{path.name}” is larger than {MANIFEST_LIMIT // 1_000_000} MB: split it.")
    for line, row in readers[path.suffix.lower()](content.decode("utf-8-sig", errors="replace")):
        where = f"line {line}"
        yield row if isinstance(row, LeftOut) else _row(where, row, path.parent)


def _csv_rows(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    line = 2
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        yield line, LeftOut(f"line {line}", f"not CSV from here on ({error}).")


def _jsonl_rows(text: str) -> Iterator[tuple[int, Any]]:
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip():
            continue
        try:
            yield line, json.loads(content)
        except (ValueError, RecursionError) as error:
            yield line, LeftOut(f"line {line}", f"not JSON ({error}).")


def _row(where: str, row: Any, folder: Path) -> Found | LeftOut:  # noqa: ANN401  # whatever the file holds
    if not isinstance(row, dict):
        return LeftOut(where, "it is no set of fields.")
    told = {name: _text(row.get(name)) for name in ("file", "prompt", "model", "arm")}
    if not told["file"] or not told["prompt"]:
        return LeftOut(where, "it needs a file and a prompt.")
    if len(told["prompt"]) > PROMPT_LIMIT:
        return LeftOut(where, f"the prompt has more than {PROMPT_LIMIT:,} characters.")
    label = told["arm"].upper()
    arm = ArmLabel(label) if label in tuple(ArmLabel) else ARM_OF_MODEL.get(told["model"])
    if arm is None:
        return LeftOut(where, f"it needs an arm (A or B), or a model that tells it ({DEFAULT_A}, {DEFAULT_B}).")
    file = folder / told["file"]
    if not file.is_file():
        return LeftOut(where, f"there is no file {told['file']}.")
    tags = row.get("tags")
    words = tags if isinstance(tags, list) else _text(tags).replace(";", ",").split(",")
    kept = tuple(dict.fromkeys(_text(word).lower() for word in words if _text(word)))
    return Found(where, file, told["prompt"], arm, told["model"] or UNKNOWN_MODEL, kept)


def _text(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int | float) else ""
