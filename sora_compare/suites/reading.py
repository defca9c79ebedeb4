"""Reading a suite from CSV, JSONL or YAML; a broken row is named by its line and the others are kept."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from sora_compare.domain.requests import PROMPT_LIMIT, pixels
from sora_compare.domain.suites import BrokenRow, Suite, SuitePrompt
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUILT_IN = "article"
FIELDS = ("prompt", "tags", "seconds", "size", "seed", "style", "repeats")
FILE_LIMIT = 5_000_000
"""Bytes; a larger file is refused."""
ROW_LIMIT = 5_000
LONGEST_CLIP_S = 120
MOST_REPEATS = 100

Row = tuple[int, Any]
"""The line a row starts at, and what it holds; a row that could not be read is a BrokenRow."""


def built_in_suite() -> Suite:
    """The shipped suite: every row of the article's physics and quality tables."""
    return read_suite("article.yaml", resources.files("sora_compare.suites").joinpath("data/article.yaml").read_bytes())


def suite_file(path: Path) -> Suite:
    """Read a suite from a file.

    Raises:
        UsageError: the file cannot be read, or holds no usable prompt.
    """
    try:
        with path.open("rb") as file:
            return read_suite(path.name, file.read(FILE_LIMIT + 1))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check its name.") from error


def read_suite(name: str, content: bytes) -> Suite:
    """Read a suite from a file's bytes; the name's ending tells the format.

    Raises:
        UsageError: the format is not known, the file is too large or not text, or no prompt in it is usable.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in READERS:
        raise UsageError(f"“{name}” is no suite: give a .csv, .jsonl, .yaml or .yml file.")
    if len(content) > FILE_LIMIT:
        raise UsageError(f"“{name}” is larger than {FILE_LIMIT // 1_000_000} MB: split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"“{name}” is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    prompts: list[SuitePrompt] = []
    broken: list[BrokenRow] = []
    for line, row in READERS[ending](text):
        kept = row if isinstance(row, BrokenRow) else _prompt(line, row)
        if isinstance(kept, BrokenRow):
            broken.append(kept)
        else:
            prompts.append(kept)
    if len(prompts) > ROW_LIMIT:
        raise UsageError(f"“{name}” has {len(prompts):,} prompts, more than {ROW_LIMIT:,}: split it.")
    if not prompts:
        first = f" Line {broken[0].line}: {broken[0].sentence}" if broken else ""
        raise UsageError(f"“{name}” has no prompt that can be used.{first}")
    return Suite(name, tuple(prompts), tuple(broken))


def _csv_rows(text: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        if "prompt" not in (reader.fieldnames or []):
            raise UsageError("The first line of the CSV must name the columns, among them “prompt”.")
        line = reader.line_num + 1
        for row in reader:
            yield line, {name: value for name, value in row.items() if name is not None and value not in ("", None)}
            line = reader.line_num + 1
    except csv.Error as error:
        yield reader.line_num, BrokenRow(reader.line_num, f"not CSV from here on ({error}).")


def _jsonl_rows(text: str) -> Iterator[Row]:
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip():
            continue
        try:
            yield line, json.loads(content)
        except (ValueError, RecursionError) as error:
            yield line, BrokenRow(line, f"not JSON ({error}).")


def _yaml_rows(text: str) -> Iterator[Row]:
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        yield line, BrokenRow(line, f"not YAML ({getattr(error, 'problem', None) or error}).")
        return
    if isinstance(document, yaml.MappingNode):
        lists = [value for key, value in document.value if getattr(key, "value", None) == "prompts"]
        document = lists[0] if lists else None
    if not isinstance(document, yaml.SequenceNode):
        raise UsageError("The YAML must be a list of prompts, or have one under “prompts”.")
    loader = yaml.SafeLoader("")
    for node in document.value:
        line = node.start_mark.line + 1
        try:
            yield line, loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            yield line, BrokenRow(line, f"not usable ({error}).")


READERS: dict[str, Callable[[str], Iterator[Row]]] = {
    "csv": _csv_rows,
    "jsonl": _jsonl_rows,
    "yaml": _yaml_rows,
    "yml": _yaml_rows,
}


def _prompt(line: int, row: Any) -> SuitePrompt | BrokenRow:  # noqa: ANN401  # whatever the file holds
    if isinstance(row, str):
        row = {"prompt": row}
    if not isinstance(row, dict):
        return BrokenRow(line, "it is neither a text nor a set of fields.")
    strange = [str(name) for name in row if name not in FIELDS]
    if strange:
        return BrokenRow(line, f"there is no field “{strange[0]}”: use {', '.join(FIELDS)}.")
    prompt = row.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        return BrokenRow(line, "the prompt is missing.")
    if len(prompt) > PROMPT_LIMIT:
        return BrokenRow(line, f"the prompt has {len(prompt):,} characters, more than {PROMPT_LIMIT:,}.")
    try:
        return SuitePrompt(
            line,
            prompt.strip(),
            _tags(row.get("tags")),
            seconds=_whole(row, "seconds", 1, LONGEST_CLIP_S),
            size=_size(row.get("size")),
            seed=_whole(row, "seed", 0, 2**63 - 1),
            style=str(row["style"]).strip() if row.get("style") else None,
            repeats=_whole(row, "repeats", 1, MOST_REPEATS),
        )
    except ValueError as error:
        return BrokenRow(line, str(error))


def _tags(told: Any) -> tuple[str, ...]:  # noqa: ANN401  # whatever the file holds
    words = told if isinstance(told, list) else str(told or "").replace(";", ",").split(",")
    return tuple(dict.fromkeys(str(word).strip().lower() for word in words if str(word).strip()))


def _whole(row: dict[str, Any], name: str, low: int, high: int) -> int | None:
    told = row.get(name)
    if told is None:
        return None
    try:
        number = int(str(told).strip())
    except ValueError:
        number = low - 1
    if isinstance(told, bool) or not low <= number <= high:
        raise ValueError(f"{name} is “{told}”: give a whole number from {low} to {high:,}.")
    return number


def _size(told: Any) -> str | None:  # noqa: ANN401  # whatever the file holds
    if told is None:
        return None
    try:
        pixels(str(told).strip())
    except ValueError:
        raise ValueError(f"size is “{told}”: write it as 1280x720.") from None
    return str(told).strip()
