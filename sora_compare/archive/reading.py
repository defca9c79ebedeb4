"""What to bring in: from a manifest (CSV or JSONL) or from the names of files in a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sora_compare.domain.comparisons import BrokenRow
from sora_compare.domain.requests import PROMPT_LIMIT
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import UsageError
from sora_compare.suites.rows import Row, csv_rows, jsonl_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

VIDEO_ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v")
MANIFEST_LIMIT = 5_000_000
"""Bytes; a larger manifest is refused."""
MODEL_LIMIT = 200
NOT_NAMED = ""
"""The model of a clip that nobody named: such a clip is not brought in."""
NAMES_SHOWN = 3
ARM_OF_MODEL = {DEFAULT_A: ArmLabel.A, DEFAULT_B: ArmLabel.B}
SIDE_IN_NAME = re.compile(
    rf"^(?P<name>.*?)[\s._-]*(?P<side>{re.escape(DEFAULT_A)}|{re.escape(DEFAULT_B)}|(?<![A-Za-z0-9])[AaBb])$"
)
READERS: dict[str, Callable[[str], Iterator[Row]]] = {
    ".csv": lambda text: csv_rows(text, needed="file"),
    ".jsonl": jsonl_rows,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One file to bring in: where it was named, the file, and what is known of it; `model` may be NOT_NAMED."""

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


Models = Mapping[ArmLabel, str]
"""The model of each arm's clips that name none themselves; an arm may be missing."""


def find(path: Path, models: Models | None = None) -> list[Found | LeftOut]:
    """What a folder or a manifest offers, in its order; `models` are for clips that name none themselves.

    Raises:
        UsageError: it cannot be read or offers nothing.
    """
    try:
        offered = list(in_folder(sorted(path.iterdir())) if path.is_dir() else in_manifest(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its name.") from error
    if not offered:
        raise UsageError(f"{path} holds no video file ({', '.join(VIDEO_ENDINGS)}).")
    return [_named(one, models or {}) if isinstance(one, Found) else one for one in offered]


def _named(found: Found, models: Models) -> Found:
    return found if found.model else replace(found, model=models.get(found.arm, NOT_NAMED).strip()[:MODEL_LIMIT])


class ModelNotNamed(UsageError):
    """Clips whose model nobody named; nothing was brought in."""

    def __init__(self, clips: Sequence[Found]) -> None:
        shown = ", ".join(one.where for one in clips[:NAMES_SHOWN])
        more = f" and {len(clips) - NAMES_SHOWN} more" if len(clips) > NAMES_SHOWN else ""
        flags = " and ".join(f"--model-{arm.lower()} MODEL" for arm in sorted({one.arm for one in clips}))
        super().__init__(
            f"Which model made {shown}{more} is not said, so nothing was brought in: evidence must name its model. "
            f"Give {flags} (on the Library page: the field of that arm), fill the manifest's column “model”, or end "
            f"the file's name in {DEFAULT_A} or {DEFAULT_B}."
        )


def require_models(offered: Iterable[Found | LeftOut]) -> None:
    """Refuse clips without a model.

    Raises:
        ModelNotNamed: with their names and the ways out.
    """
    unnamed = [one for one in offered if isinstance(one, Found) and not one.model]
    if unnamed:
        raise ModelNotNamed(unnamed)


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
        model = side if side in ARM_OF_MODEL else NOT_NAMED
        yield Found(file.name, file, _prompt_beside(file, named["name"]), arm, model)


def _prompt_beside(file: Path, name: str) -> str:
    beside = file.with_name(f"{name}.txt")
    if beside.is_file():
        return beside.read_text("utf-8", errors="replace").strip()[:PROMPT_LIMIT]
    return re.sub(r"[\s._-]+", " ", name).strip()


def in_manifest(path: Path) -> Iterator[Found | LeftOut]:
    """Rows of a CSV or JSONL manifest; files are looked for beside it.

    Raises:
        UsageError: it is neither, is too large, is not text, or has no column "file".
        OSError: it cannot be read.
    """
    ending = path.suffix.lower()
    if ending not in READERS:
        raise UsageError(f"“{path.name}” is no manifest: give a folder, or a .csv or .jsonl file.")
    with path.open("rb") as file:
        content = file.read(MANIFEST_LIMIT + 1)
    if len(content) > MANIFEST_LIMIT:
        raise UsageError(f"“{path.name}” is larger than {MANIFEST_LIMIT // 1_000_000} MB: split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"“{path.name}” is not UTF-8 text (byte {error.start + 1}): save it as UTF-8.") from error
    for line, row in READERS[ending](text):
        where = f"line {line}"
        yield LeftOut(where, row.sentence) if isinstance(row, BrokenRow) else _row(where, row, path.parent)


def _row(where: str, row: Any, folder: Path) -> Found | LeftOut:  # noqa: ANN401  # whatever the file holds
    try:
        return _found(where, row, folder)
    except ValueError as error:
        return LeftOut(where, str(error))


def _found(where: str, row: Any, folder: Path) -> Found:  # noqa: ANN401  # whatever the file holds
    if not isinstance(row, dict):
        raise ValueError("it is no set of fields.")  # noqa: TRY004  # a row's fault, not a caller's
    record = {name: _text(row.get(name)) for name in ("file", "prompt", "model", "arm")}
    if not record["file"] or not record["prompt"]:
        raise ValueError("it needs a file and a prompt.")
    if len(record["prompt"]) > PROMPT_LIMIT:
        raise ValueError(f"the prompt has more than {PROMPT_LIMIT:,} characters.")
    label = record["arm"].upper()
    arm = ArmLabel(label) if label in tuple(ArmLabel) else ARM_OF_MODEL.get(record["model"])
    if arm is None:
        raise ValueError(f"it needs an arm (A or B), or a model that tells it ({DEFAULT_A}, {DEFAULT_B}).")
    tags = row.get("tags")
    words = tags if isinstance(tags, list) else _text(tags).replace(";", ",").split(",")
    kept = tuple(dict.fromkeys(_text(word).lower() for word in words if _text(word)))
    return Found(
        where, _file_in(folder, record["file"]), record["prompt"], arm, record["model"][:MODEL_LIMIT] or NOT_NAMED, kept
    )


def _file_in(folder: Path, name: str) -> Path:
    """A file below the folder: a manifest comes from anybody and must not reach for other files of this machine."""
    try:
        file = (folder / name).resolve()
        is_inside, is_there = file.is_relative_to(folder.resolve()), file.is_file()
    except (OSError, ValueError) as error:
        raise ValueError(f"the file's name cannot be used ({getattr(error, 'strerror', None) or error}).") from None
    if not is_inside:
        raise ValueError(f"{name} is outside the manifest's folder: put the manifest beside its clips.")
    if not is_there:
        raise ValueError(f"there is no file {name}.")
    return file


def _text(value: object) -> str:
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it holds half a character, such as a cut emoji: write it again.") from None
    return text
