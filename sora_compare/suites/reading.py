"""Reading a suite from CSV, JSONL or YAML; a broken row is named by its line and the others are kept."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

from sora_compare.domain.comparisons import BrokenRow, Suite, SuitePrompt
from sora_compare.domain.requests import PROMPT_LIMIT, pixels
from sora_compare.errors import UsageError
from sora_compare.suites.rows import Row, csv_rows, jsonl_rows, yaml_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUILT_IN = "article"
FIELDS = ("prompt", "tags", "seconds", "size", "seed", "style", "repeats")
FILE_LIMIT = 5_000_000
"""Bytes; a larger file is refused."""
YAML_LIMIT = 300_000
"""Bytes; YAML takes one to three seconds per 100 kB to read, depending on how dense it is."""
ROW_LIMIT = 5_000
LONGEST_CLIP_S = 120
LARGEST_SEED = 2**63 - 1
MOST_REPEATS = 100
TAG_LIMIT, TAG_LENGTH = 20, 40

READERS: dict[str, tuple[Callable[[str], Iterator[Row]], int]] = {
    "csv": (csv_rows, FILE_LIMIT),
    "jsonl": (jsonl_rows, FILE_LIMIT),
    "yaml": (yaml_rows, YAML_LIMIT),
    "yml": (yaml_rows, YAML_LIMIT),
}
"""By the ending of a file's name: what reads it, and how many bytes of it."""


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
    rows, limit = READERS[ending]
    if len(content) > limit:
        raise UsageError(f"“{name}” is larger than {limit // 1000:,} kB: split it{_other_format(ending)}.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"“{name}” is not UTF-8 text (byte {error.start + 1}): save it as UTF-8.") from error
    prompts: list[SuitePrompt] = []
    broken: list[BrokenRow] = []
    for line, row in rows(text):
        kept = row if isinstance(row, BrokenRow) else _prompt(line, row)
        if isinstance(kept, BrokenRow):
            broken.append(kept)
        else:
            prompts.append(kept)
        if len(prompts) + len(broken) > ROW_LIMIT:
            raise UsageError(f"“{name}” has more than {ROW_LIMIT:,} rows: split it.")
    if not prompts:
        first = f" Line {broken[0].line}: {broken[0].sentence}" if broken else ""
        raise UsageError(f"“{name}” has no prompt that can be used.{first}")
    return Suite(name, tuple(prompts), tuple(broken))


def _other_format(ending: str) -> str:
    return ", or give it as CSV or JSONL" if READERS[ending][1] < FILE_LIMIT else ""


def _prompt(line: int, row: Any) -> SuitePrompt | BrokenRow:  # noqa: ANN401  # whatever the file holds
    try:
        return _read_prompt(line, {"prompt": row} if isinstance(row, str) else row)
    except ValueError as error:
        return BrokenRow(line, str(error))


def _read_prompt(line: int, row: Any) -> SuitePrompt:  # noqa: ANN401  # whatever the file holds
    if not isinstance(row, dict):
        raise ValueError("it is neither a text nor a set of fields.")  # noqa: TRY004  # a row's fault, not a caller's
    strange = [str(name) for name in row if name not in FIELDS]
    if strange:
        raise ValueError(f"there is no field “{strange[0][:TAG_LENGTH]}”: use {', '.join(FIELDS)}.")
    return SuitePrompt(
        line,
        _text(row.get("prompt")),
        _tags(row.get("tags")),
        seconds=_whole(row, "seconds", 1, LONGEST_CLIP_S),
        size=_size(row.get("size")),
        seed=_whole(row, "seed", 0, LARGEST_SEED),
        style=_style(row.get("style")),
        repeats=_whole(row, "repeats", 1, MOST_REPEATS),
    )


def _text(data: object) -> str:
    if not isinstance(data, str) or not data.strip():
        raise ValueError("the prompt is missing.")
    if len(data) > PROMPT_LIMIT:
        raise ValueError(f"the prompt has {len(data):,} characters, more than {PROMPT_LIMIT:,}.")
    return _whole_characters(data.strip(), "prompt")


def _whole_characters(text: str, field: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"the {field} holds half a character, such as a cut emoji: write it again.") from None
    return text


def _tags(data: object) -> tuple[str, ...]:
    words = data if isinstance(data, list) else str(data or "").replace(";", ",").split(",")
    if not all(isinstance(word, str | int | float) for word in words) or isinstance(data, dict):
        raise ValueError("the tags are neither words with commas between them nor a list of words.")
    tags = tuple(dict.fromkeys(str(word).strip().lower() for word in words if str(word).strip()))
    if len(tags) > TAG_LIMIT or any(len(tag) > TAG_LENGTH for tag in tags):
        raise ValueError(f"give at most {TAG_LIMIT} tags of at most {TAG_LENGTH} characters.")
    return tuple(_whole_characters(tag, "tag") for tag in tags)


def _style(data: object) -> str | None:
    if data in (None, ""):
        return None
    if not isinstance(data, str) or len(data) > TAG_LENGTH:
        raise ValueError(f"the style is no word of at most {TAG_LENGTH} characters.")
    return _whole_characters(data.strip(), "style") or None


def _whole(row: dict[str, Any], name: str, low: int, high: int) -> int | None:
    found = row.get(name)
    if found in (None, ""):
        return None
    text = str(found).strip()
    is_number = not isinstance(found, bool) and text.isdecimal() and len(text) <= len(str(high))
    if not is_number or not low <= int(text) <= high:
        raise ValueError(f"{name} is “{text[:TAG_LENGTH]}”: give a whole number from {low} to {high:,}.")
    return int(text)


def _size(data: object) -> str | None:
    if data in (None, ""):
        return None
    text = str(data).strip()[:TAG_LENGTH]
    try:
        pixels(text)
    except ValueError:
        raise ValueError(f"size is “{text}”: write it as 1280x720.") from None
    return text
