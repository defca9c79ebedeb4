"""The clips behind a report: thumbnails inside the file, prompts, settings and hashes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.takes import ArmLabel, Take, latest_attempts
from sora_compare.errors import UnknownRecord
from sora_compare.reports.report_json import to_jsonable
from sora_compare.reports.report_parts import Section, Table, paragraph, section, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.comparisons import Comparison
    from sora_compare.evidence.findings import Findings

MOST_PICTURED = 40
"""Pairs shown with thumbnails (about 30 kB each); all are listed with their hashes."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One arm's clip: its thumbnail as a data URL, empty where there is none, and what is to be known of it."""

    arm: str
    picture: str
    words: str


@dataclass(frozen=True, slots=True)
class PairOfClips:
    """A prompt with its tags, its settings as JSON, and the clips of both arms."""

    prompt: str
    settings: str
    figures: Sequence[Figure]
    template: str = "clips"


def clip_sections(findings: Findings, files: ClipFiles | None) -> list[Section | None]:
    """The pictured pairs, and the table of every take."""
    if not findings.takes:
        return []
    of: dict[str, list[Take]] = {}
    for take in findings.takes:
        of.setdefault(take.comparison_id, []).append(take)
    pairs = [_pair(one, of.get(one.id, []), files) for one in findings.comparisons[:MOST_PICTURED]]
    left = len(findings.comparisons) - MOST_PICTURED
    more = paragraph(f"{left} more pairs are listed below without pictures." if left > 0 else "", "soft")
    return [section("Prompts and clips", *pairs, more), section("Every take", _takes(findings))]


def _pair(comparison: Comparison, takes: list[Take], files: ClipFiles | None) -> PairOfClips:
    latest = latest_attempts(takes)
    shown = [latest[0, arm] for arm in ArmLabel if (0, arm) in latest]
    settings = json.dumps(to_jsonable(comparison.settings), ensure_ascii=False, sort_keys=True)
    tags = f" ({', '.join(comparison.tags)})" if comparison.tags else ""
    return PairOfClips(comparison.prompt + tags, settings, [_figure(take, files) for take in shown])


def _figure(take: Take, files: ClipFiles | None) -> Figure:
    name = f"{take.arm}: {take.request.model}, {str(take.state).replace('_', ' ')}, {take.origin}"
    why = f" {take.problem.sentence}" if take.problem else ""
    return Figure(str(take.arm), _picture(take, files), f"{name}.{why}")


def _picture(take: Take, files: ClipFiles | None) -> str:
    if files is None or take.clip is None:
        return ""
    try:
        data = files.thumbnail(take.clip.sha256).read_bytes()
    except (UnknownRecord, OSError):
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"


def _takes(findings: Findings) -> Table | None:
    rows = [
        (
            take.comparison_id, str(take.arm), take.repeat, take.attempt, take.endpoint, take.request.model,
            _echoed(take), str(take.origin), str(take.state).replace("_", " "),
            take.clip.sha256 if take.clip else "",
        )
        for take in findings.takes
    ]  # fmt: skip
    columns = (
        "comparison", "arm", "pair", "attempt", "endpoint", "model", "echoed model", "origin", "state",
        "clip (SHA-256)",
    )  # fmt: skip
    caption = (
        "The echoed model is what the endpoint said; it proves nothing, and (!) marks another than the one asked for"
    )
    return table(caption, columns, rows, figures_from=99)


def _echoed(take: Take) -> str:
    return f"{take.other_model} (!)" if take.other_model else take.echoed_model or ""
