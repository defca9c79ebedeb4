"""How servers in the wild say things, in tables: any JSON a server may send becomes a `Job` or an error.

The rules and their sources are listed in docs/endpoints.md. Nothing here talks to a network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sora_compare.domain.problems import ProblemKind
from sora_compare.endpoints.error_codes import kind_of_job_error

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_LIMIT = 500
"""Characters kept of a server's own words; ids are opaque and kept whole."""
DEEPEST_ERROR = 12  # levels of nesting in which an error's message is looked for
PERCENT = 100
SECONDS_END = 100_000_000_000
"""Numbers above are milliseconds: as seconds they would lie after the year 5000."""


class JobStatus(StrEnum):
    """What a server's status word means."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


WORDS: dict[JobStatus, tuple[str, ...]] = {
    JobStatus.QUEUED: ("queued", "pending", "submitted", "created", "waiting", "not_start", "unknown"),
    JobStatus.RUNNING: ("in_progress", "processing", "running", "preprocessing", "generating"),
    JobStatus.DONE: ("completed", "succeeded", "succeed", "success", "done", "ready"),
    JobStatus.FAILED: ("failed", "fail", "error", "rejected", "failure"),
    JobStatus.CANCELLED: ("cancelled", "canceled", "deleted"),
    JobStatus.EXPIRED: ("expired",),
}
STATUS_OF_WORD = {word: status for status, words in WORDS.items() for word in words}

ID_FIELDS = ("id", "task_id", "job_id", "video_id")
STATUS_FIELDS = ("status", "state", "task_status")
WRAPPERS = ("data", "result", "response", "task")
CREATED_FIELDS = ("created_at", "created", "submit_time")
COMPLETED_FIELDS = ("completed_at", "finish_time", "finished_at")
ERROR_FIELDS = ("error", "detail", "fail_reason", "failure_reason", "errors", "message", "msg")
MESSAGE_FIELDS = ("message", "msg", "detail", "reason", "error", "title")
CODE_FIELDS = ("code", "type", "status_code")
STATED_ERRORS = ("error", "errors", "fail_reason")
NO_ERROR_CODES = ("0", "200", "201", "202", "success", "ok")
LOCATION_PATHS: tuple[tuple[str | int, ...], ...] = (
    ("url",),
    ("video_url",),
    ("output_url",),
    ("result_url",),
    ("content", "video_url"),
    ("metadata", "url"),
    ("outputs", "video_url"),
    ("data", 0, "url"),
    ("data", "url"),
    ("data", "video_url"),
    ("urls", 0),
    ("unsigned_urls", 0),
)


@dataclass(frozen=True, slots=True)
class Job:
    """A server's answer about one job, in our words.

    Attributes:
        id: opaque; "" when the answer held none.
        word: the server's own status word.
        progress: 0..100, or None when unknown; never decides "done".
        created: seconds since the epoch, or None.
        locations: where the file may be, before asking for the content.
        problem_kind: why it ended without a clip; None while it goes on and when it is done.
        is_simulated: whether the server says that it only simulates.
        poll_after_s: the server's hint when to ask again.
    """

    id: str
    status: JobStatus
    word: str = ""
    progress: int | None = None
    model: str | None = None
    prompt: str | None = None
    size: str | None = None
    seconds: float | None = None
    seed: int | None = None
    created: float | None = None
    completed: float | None = None
    message: str = ""
    code: str | None = None
    locations: tuple[str, ...] = ()
    problem_kind: ProblemKind | None = None
    is_simulated: bool = False
    poll_after_s: float | None = None
    request_id: str | None = None

    @property
    def is_moderated(self) -> bool:
        """Whether it was refused for its prompt or its result."""
        return self.problem_kind is ProblemKind.CONTENT


def read_job(body: object) -> Job | None:
    """The job in a JSON answer, or None when it holds neither an id nor a status."""
    fields = _unwrapped(body)
    if fields is None:
        return None
    word = _first_text(fields, STATUS_FIELDS)
    message, code = read_error(fields)
    if not message and fields is not body:
        message, code = refusal_in(body)
    status = status_of(word)
    is_over = status in {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.EXPIRED}
    return Job(
        id=_first_text(fields, ID_FIELDS, limit=None)
        or _first_text(cast("dict[str, Any]", body), ID_FIELDS, limit=None),
        status=status,
        word=word,
        progress=read_progress(fields.get("progress")),
        model=_text(fields.get("model")) or None,
        prompt=fields["prompt"] if isinstance(fields.get("prompt"), str) else None,
        size=_text(fields.get("size")) or None,
        seconds=_number(fields.get("seconds")),
        seed=seed if isinstance(seed := fields.get("seed"), int) else None,
        created=_first_time(fields, CREATED_FIELDS),
        completed=_first_time(fields, COMPLETED_FIELDS),
        message=message if is_over else "",
        code=code if is_over else None,
        locations=tuple(dict.fromkeys((*_locations(fields), *_locations(body)))),
        problem_kind=kind_of_job_error(body, code, message) if is_over else None,
        is_simulated=fields.get("simulated") is True,
    )


def status_of(word: str) -> JobStatus:
    """The meaning of a status word; UNKNOWN for a word not in the table."""
    return STATUS_OF_WORD.get(word.strip().casefold().replace("-", "_").replace(" ", "_"), JobStatus.UNKNOWN)


def read_progress(data: object) -> int | None:
    """0..100 from 45, 0.45, "45%", "0.45"; None when it says nothing."""
    if isinstance(data, str):
        text = data.strip()
        try:
            number = float(text.removesuffix("%"))
        except ValueError:
            return None
        if text.endswith("%"):
            return _clamped(number)
        data = int(text) if text.isdecimal() else number
    if isinstance(data, bool) or not isinstance(data, int | float):
        return None
    is_share = isinstance(data, float) and 0 < data <= 1
    return _clamped(data * PERCENT if is_share else data)


def _clamped(number: float) -> int | None:
    if isinstance(number, float) and not math.isfinite(number):
        return None
    return int(min(PERCENT, max(0, number)))


def read_time(data: object) -> float | None:
    """Seconds since the epoch from seconds, milliseconds, their texts, or an ISO date; None otherwise."""
    if isinstance(data, str):
        return _time_in_text(data.strip())
    if isinstance(data, bool) or not isinstance(data, int | float) or not 0 < data < SECONDS_END * 1000:
        return None
    return data / 1000 if data >= SECONDS_END else float(data)


def _time_in_text(text: str) -> float | None:
    try:
        return read_time(float(text))
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (OverflowError, ValueError):
        return None


def read_error(body: object, *, levels: int = DEEPEST_ERROR) -> tuple[str, str | None]:
    """Message and code from any of the shapes errors come in; an empty message when there is none."""
    if isinstance(body, str):
        return _text(body), None
    if isinstance(body, list) and levels:
        parts = [read_error(item, levels=levels - 1)[0] for item in body[:3]]
        return "; ".join(part for part in parts if part)[:TEXT_LIMIT], None
    if not isinstance(body, dict) or not levels:
        return "", None
    for name in ERROR_FIELDS:
        if body.get(name):
            message, code = _error_value(body[name], levels - 1)
            return message, code or _code(body)
    return "", None


def _error_value(value: object, levels: int) -> tuple[str, str | None]:
    if not isinstance(value, dict):
        return read_error(value, levels=levels)
    code = _code(value)
    for name in MESSAGE_FIELDS:
        message = read_error(value.get(name), levels=levels)[0]
        if message:
            return message, code
    return (f"code {code}" if code else ""), code


def _code(fields: dict[str, Any]) -> str | None:
    return next((_text(fields[name]) for name in CODE_FIELDS if _text(fields.get(name))), None)


def refusal_in(body: object) -> tuple[str, str | None]:
    """Message and code of a refusal that came as a good answer (HTTP 200); an empty message when it is none."""
    if not isinstance(body, dict):
        return "", None
    message, code = read_error(body)
    is_stated = any(body.get(name) for name in STATED_ERRORS)
    is_by_code = bool(_text(body.get("code"))) and _text(body.get("code")).casefold() not in NO_ERROR_CODES
    return (message, code) if is_stated or is_by_code else ("", None)


def job_in_error(body: object, job_id: str) -> Job | None:
    """The job in the body of an HTTP error, when it is about this job: a normal answer of some servers."""
    job = read_job(body)
    return job if job and job.id == job_id and job.word else None


def jobs_in_list(body: object) -> list[Job]:
    """The jobs of a list answer; entries that are none are left out."""
    entries = body.get("data") if isinstance(body, dict) else body
    found = [read_job(entry) for entry in entries] if isinstance(entries, list) else []
    return [job for job in found if job and job.id]


def _unwrapped(body: object) -> dict[str, Any] | None:
    """The fields of the job, from inside `data` and the like where the answer is wrapped."""
    if not isinstance(body, dict):
        return None
    candidates = [body, *(body[name] for name in WRAPPERS if isinstance(body.get(name), dict))]
    found = (one for names in (STATUS_FIELDS, ID_FIELDS) for one in candidates if _first_text(one, names))
    return next(found, None)


def _locations(body: object) -> Iterator[str]:
    for path in LOCATION_PATHS:
        found = _at(body, path)
        if isinstance(found, str) and found.startswith(("http://", "https://")):
            yield _text(found, limit=None)


def _at(body: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        if isinstance(step, int):
            body = body[step] if isinstance(body, list) and len(body) > step else None
        else:
            body = body.get(step) if isinstance(body, dict) else None
    return body


def _first_text(fields: dict[str, Any], names: tuple[str, ...], *, limit: int | None = TEXT_LIMIT) -> str:
    return next((text for name in names if (text := _text(fields.get(name), limit=limit))), "")


def _first_time(fields: dict[str, Any], names: tuple[str, ...]) -> float | None:
    return next((moment for name in names if (moment := read_time(fields.get(name))) is not None), None)


def _number(data: object) -> float | None:
    try:
        number = float(data) if isinstance(data, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object, *, limit: int | None = TEXT_LIMIT) -> str:
    if isinstance(value, str):
        # JSON may hold half of a surrogate pair, which no database or page can.
        return value.strip()[:limit].encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
