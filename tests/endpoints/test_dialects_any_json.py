"""Whatever JSON a server sends, the outcome is known and nothing is raised."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.endpoints import dialects
from sora_compare.endpoints.dialects import JobStatus, job_in_error, jobs_in_list, read_error, read_job
from sora_compare.endpoints.failures import requested_wait

NAMES = st.sampled_from(
    [
        *dialects.ID_FIELDS, *dialects.STATUS_FIELDS, *dialects.WRAPPERS, *dialects.CREATED_FIELDS, "progress", "model",
        *dialects.COMPLETED_FIELDS, *dialects.ERROR_FIELDS, *dialects.CODE_FIELDS, "prompt", "url", "video_url",
        "outputs", "urls", "metadata", "simulated",
    ]
)  # fmt: skip
TEXTS = (
    st.text(st.characters(), max_size=20)
    | st.sampled_from([word for words in dialects.WORDS.values() for word in words])
    | st.sampled_from(
        ["45%", "0.45", "1e400", "nan", "-inf%", "2026-10-03T05:20:00Z", "https://a.example/x", "http://["]
    )
    | st.just("\ud800")
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=8),
    max_leaves=40,
)


def sent(body: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """The body as it arrives: through JSON text, as Python reads it."""
    return json.loads(json.dumps(body))


def is_keepable(text: object) -> bool:
    """Whether the text can be written to a database and to a page."""
    return isinstance(text, str) and text == text.encode().decode()


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_is_a_job_with_sound_fields_or_none(body: Any) -> None:  # noqa: ANN401
    job = read_job(sent(body))
    if job is None:
        return
    assert job.status in JobStatus
    assert all(is_keepable(text) for text in (job.id, job.word, job.message, job.code or "", job.model or ""))
    assert job.progress is None or (isinstance(job.progress, int) and 0 <= job.progress <= 100)
    for moment in (job.created, job.completed):
        assert moment is None or math.isfinite(moment)
    assert all(location.startswith(("http://", "https://")) for location in job.locations)
    is_over = job.status in {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.EXPIRED}
    assert is_over or not (job.is_moderated or job.message)


@given(JSON)
@settings(max_examples=100, deadline=None)
def test_any_json_is_an_error_with_a_message_of_bounded_length(body: Any) -> None:  # noqa: ANN401
    message, code = read_error(sent(body))
    assert is_keepable(message)
    assert len(message) <= dialects.TEXT_LIMIT + len("code ")
    assert code is None or is_keepable(code)


@given(JSON, st.text(max_size=10))
@settings(max_examples=60, deadline=None)
def test_any_json_in_an_error_answer_is_this_job_or_none(body: Any, job_id: str) -> None:  # noqa: ANN401
    job = job_in_error(sent(body), job_id)
    assert job is None or (job.id == job_id and job.word)


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_any_json_is_a_list_of_jobs_that_have_ids(body: Any) -> None:  # noqa: ANN401
    assert all(job.id for job in jobs_in_list(sent(body)))


@given(st.dictionaries(st.sampled_from(["openai-poll-after-ms", "retry-after"]), TEXTS | st.integers().map(str)))
@settings(max_examples=100, deadline=None)
def test_any_header_is_a_bounded_wait_or_none(headers: dict[str, str]) -> None:
    wait = requested_wait(headers)
    assert wait is None or 0 <= wait <= 300


def test_an_error_nested_as_deep_as_json_goes_is_read() -> None:
    for opening, closing in (("[", "]"), ('{"error":', "}"), ('{"message":', "}"), ('{"detail":[', "]}")):
        depth = 400
        body = json.loads(f'{{"id": "j", "status": "failed", "error": {opening * depth}"x"{closing * depth}}}')
        job = read_job(body)
        assert job is not None
        assert job.status is JobStatus.FAILED
