"""What there is in the store as flat rows and dicts, for CSV, JSON and spreadsheets."""

from __future__ import annotations

import csv
import dataclasses
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sora_compare.domain.reviews import answered, current, independent
from sora_compare.domain.takes import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.reviews import Review
    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store

CLIP_COLUMNS = ("sha256", "bytes", "width", "height", "fps", "frames", "duration_s", "has_audio")
TIMING_COLUMNS = ("queued_s", "render_s", "download_s", "first_frame_s", "total_s")


def take_to_dict(take: Take, files: ClipFiles) -> dict[str, Any]:
    """The take as one JSON object; `other_model` is null unless the echoed model contradicts the one asked for.

    `deviations` names what the clip's size and length are instead of what was asked for.
    """
    timings = dataclasses.asdict(take.timings)
    return {
        "id": take.id,
        "arm": str(take.arm),
        "repeat": take.repeat,
        "attempt": take.attempt,
        "endpoint": take.endpoint,
        "model": take.request.model,
        "echoed_model": take.echoed_model,
        "other_model": take.other_model,
        "deviations": list(take.deviations),
        "status": str(take.state),
        "origin": str(take.origin),
        "simulated": take.origin is Origin.SIMULATED,
        "from_cache": take.cached_from is not None,
        "sent_first": None if take.cached_from else take.is_sent_first,
        "job_id": take.job_id,
        "error": take.problem.sentence if take.problem else None,
        "clip": _clip_to_dict(take, files),
        "timings": {name: timings[name] for name in (*TIMING_COLUMNS, "per_10_s", "job_s")},
    }


def _clip_to_dict(take: Take, files: ClipFiles) -> dict[str, Any] | None:
    if take.clip is None:
        return None
    record = {name: getattr(take.clip, name) for name in CLIP_COLUMNS}
    path = str(files.path(take.clip.sha256)) if files.has(take.clip.sha256) else None
    return {"path": path, **record, "fps": float(take.clip.frame_rate)}


Row = dict[str, Any]

SCORE_COLUMNS = (
    "comparison", "prompt", "repeat", "reviewer", "revision", "is_current", "is_independent", "at", "criterion", "arm",
    "model", "endpoint", "origin", "score", "preference", "is_blind", "is_after_reveal", "saw_others", "kind",
    "session", "item", "other_model", "note",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A cell that starts so, after any white space, is run as a formula by spreadsheets; full-width forms too (OWASP)."""
HIDING_STARTS = ("\t", "\n", "\0")
"""What spreadsheets may drop from a cell's start, so that a formula comes to stand there (OWASP ASVS 1.2.10)."""


def score_rows(store: Store) -> Iterator[Row]:
    """One row per score: every review and revision; an empty score means "not applicable".

    `is_independent` marks the last revision that was given blind, before the reveal and without a look at others'
    scores: it decides. Only the kind "pair" is about the arms; the others (practice, repeat, same_clip) tell how
    steady a reviewer is.
    """
    comparisons = {one.id: one for one in store.comparisons.list()}
    reviews = list(store.reviews.list())
    last = {answered(review): review.revision for review in current(reviews)}
    deciding = {answered(review): review.revision for review in independent(reviews)}
    takes = {take.id: take for take in store.takes.list()}
    for review in reviews:
        by_arm = {takes[name].arm: takes[name] for name in review.takes if name in takes}
        for score in review.scores:
            take = by_arm.get(score.arm)
            yield {
                **_review_to_dict(review, comparisons[review.comparison_id].prompt),
                "is_current": last.get(answered(review)) == review.revision,
                "is_independent": deciding.get(answered(review)) == review.revision,
                "criterion": str(score.criterion),
                "arm": str(score.arm),
                "model": take.request.model if take else None,
                "endpoint": take.endpoint if take else None,
                "origin": str(take.origin) if take else None,
                "score": score.value,
                "other_model": take.other_model if take else None,
            }


def _review_to_dict(review: Review, prompt: str) -> Row:
    return {
        "comparison": review.comparison_id,
        "prompt": prompt,
        "repeat": review.repeat,
        "reviewer": review.reviewer,
        "revision": review.revision,
        "at": moment(review.created),
        "preference": review.preference,
        "is_blind": review.is_blind,
        "is_after_reveal": review.was_revealed,
        "saw_others": review.saw_others,
        "kind": review.kind,
        "session": review.session,
        "item": review.item,
        "note": review.note,
    }


def take_rows(store: Store, files: ClipFiles) -> Iterator[Row]:
    """One row per take, with its timings and its clip's traits in columns of their own."""
    prompts = {one.id: one.prompt for one in store.comparisons.list()}
    for take in store.takes.list():
        record = take_to_dict(take, files)
        clip, timings = record.pop("clip") or {}, record.pop("timings")
        yield {
            "comparison": take.comparison_id,
            "prompt": prompts.get(take.comparison_id, take.request.prompt),
            "planned": moment(take.moments.planned),
            **record,
            "deviations": "; ".join(record["deviations"]),
            **timings,
            **{f"clip_{name}": clip.get(name) for name in ("sha256", "bytes", "width", "height", "fps", "duration_s")},
        }


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def as_csv(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """Rows as CSV, all text in quotes; what a spreadsheet would run as a formula is kept from it by an apostrophe."""
    out, names = io.StringIO(newline=""), list(columns)
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([_inert(name) for name in names])
    writer.writerows([_inert(row.get(name)) for name in names] for row in rows)
    return out.getvalue()


def _inert(value: object) -> object:
    """Text without what starts a formula, and without the carriage returns that some spreadsheets begin a row at."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    is_formula = text.startswith(HIDING_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text
