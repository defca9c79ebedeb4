"""Every rule of how servers say things, as a table; the rules are listed in docs/endpoints.md."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sora_compare.endpoints.dialects import (
    Job,
    JobStatus,
    job_in_error,
    jobs_in_list,
    read_error,
    read_job,
    read_progress,
    read_time,
    status_of,
)

QUEUED, RUNNING, DONE, FAILED = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.DONE, JobStatus.FAILED
CANCELLED, EXPIRED, UNKNOWN = JobStatus.CANCELLED, JobStatus.EXPIRED, JobStatus.UNKNOWN

WORDS = {
    QUEUED: ["queued", "pending", "submitted", "created", "waiting", "not_start", "unknown"],
    RUNNING: ["in_progress", "processing", "running", "preprocessing", "generating"],
    DONE: ["completed", "succeeded", "success", "done", "ready"],
    FAILED: ["failed", "error", "rejected"],
    CANCELLED: ["cancelled", "canceled", "deleted"],
    EXPIRED: ["expired"],
}
SPELLINGS = [("QUEUED", QUEUED), ("SUCCESS", DONE), ("In Progress", RUNNING), ("in-progress", RUNNING),
             (" Completed ", DONE), ("NOT_START", QUEUED)]  # fmt: skip


def read(body: object) -> Job:
    job = read_job(body)
    assert job is not None
    return job


@pytest.mark.parametrize(("word", "status"), [(word, status) for status, words in WORDS.items() for word in words])
def test_a_known_word_means_its_status(word: str, status: JobStatus) -> None:
    assert status_of(word) is status


@pytest.mark.parametrize(("word", "status"), SPELLINGS)
def test_case_dashes_and_blanks_do_not_matter(word: str, status: JobStatus) -> None:
    assert status_of(word) is status


@pytest.mark.parametrize("word", ["", "warming_up", "paused", "успех", "completed?"])
def test_any_other_word_is_unknown_and_never_an_end(word: str) -> None:
    assert status_of(word) is UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        {"id": "j1", "status": "queued"},
        {"task_id": "j1", "status": "queued"},
        {"job_id": "j1", "state": "queued"},
        {"data": {"id": "j1", "status": "queued"}},
        {"code": 0, "msg": "success", "data": {"task_id": "j1", "task_status": "SUBMITTED"}},
        {"result": {"video_id": "j1", "status": "pending"}},
    ],
)
def test_the_id_is_found_where_servers_put_it(body: dict[str, Any]) -> None:
    job = read(body)
    assert (job.id, job.status) == ("j1", QUEUED)


def test_a_number_is_an_id_too_and_true_is_none() -> None:
    assert read({"id": 123456789012345678, "status": "queued"}).id == "123456789012345678"
    assert read({"id": True, "status": "queued"}).id == ""


def test_an_id_is_opaque_and_kept_whole() -> None:
    """LiteLLM packs provider, deployment and upstream id into one long id; a shortened one would find no job."""
    long = "video_" + "bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVy" * 40
    assert read({"id": long, "status": "queued"}).id == long


@pytest.mark.parametrize("body", [None, "text", 3, [], {}, {"object": "list", "data": []}, {"data": "x"}, {"id": None}])
def test_what_holds_neither_id_nor_status_is_no_job(body: object) -> None:
    assert read_job(body) is None


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (1791000000, 1791000000.0),
        (1791000000.25, 1791000000.25),
        ("1791000000", 1791000000.0),
        (1791000000123, 1791000000.123),
        ("1791000000123", 1791000000.123),
        ("2026-10-03T05:20:00Z", 1791004800.0),
        ("2026-10-03T07:20:00+02:00", 1791004800.0),
        ("2026-10-03T05:20:00", 1791004800.0),
        (None, None),
        (0, None),
        (-5, None),
        (True, None),
        ("", None),
        ("soon", None),
        (math.inf, None),
        (math.nan, None),
        ([1], None),
    ],
)
def test_times_come_as_seconds_milliseconds_and_dates(data: object, seconds: float | None) -> None:
    assert read_time(data) == seconds


@pytest.mark.parametrize(
    ("data", "percent"),
    [
        (None, None), ("", None), ("soon", None), (True, None), (math.nan, None), (math.inf, None), ("nan%", None),
        (0, 0), (45, 45), (100, 100), (45.7, 45), (0.45, 45), ("45%", 45), ("45 %", 45), ("45", 45), ("0.45", 45),
        ("0.5%", 0), (1, 1), ("1", 1), ("1%", 1), (1.0, 100), (140, 100), (-3, 0), ("100.0%", 100),
    ],
)  # fmt: skip
def test_progress_becomes_a_percentage_or_unknown(data: object, percent: int | None) -> None:
    assert read_progress(data) == percent


@pytest.mark.parametrize("status", ["queued", "in_progress", "weird"])
def test_progress_never_decides_that_a_job_is_done(status: str) -> None:
    assert read({"id": "j", "status": status, "progress": 100}).status is not DONE


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"error": None}, "", None),
        ({"error": "no memory left"}, "no memory left", None),
        ({"error": {"message": "no memory left"}}, "no memory left", None),
        ({"error": {"message": "Blocked.", "code": "moderation_blocked"}}, "Blocked.", "moderation_blocked"),
        ({"error": {"code": 5003, "message": "busy"}}, "busy", "5003"),
        ({"error": {"code": "oom"}}, "code oom", "oom"),
        ({"error": {"message": "m", "type": "server_error"}}, "m", "server_error"),
        ({"detail": "Video not found"}, "Video not found", None),
        (
            {"detail": [{"loc": ["body", "seconds"], "msg": "too long"}, {"msg": "bad size"}]},
            "too long; bad size",
            None,
        ),
        ({"error": ["first", {"message": "second"}]}, "first; second", None),
        ({"code": 1002, "msg": "balance is too low"}, "balance is too low", "1002"),
        ({"fail_reason": "上游超时"}, "上游超时", None),
        ({"error": {"error": {"message": "wrapped twice"}}}, "wrapped twice", None),
        ("plain text", "plain text", None),
        ([], "", None),
        (7, "", None),
        ({}, "", None),
    ],
)
def test_errors_come_in_every_shape(body: object, message: str, code: str | None) -> None:
    assert read_error(body) == (message, code)


@pytest.mark.parametrize(
    "error",
    [
        {"code": "moderation_blocked", "message": "Blocked."},
        {"code": "content_policy_violation", "message": "x"},
        {"code": "content_filter", "message": "x"},
        {"message": "Rejected by the safety system."},
        "sensitive_content detected",
    ],
)
def test_a_refusal_by_moderation_is_told_from_a_failure(error: object) -> None:
    assert read({"id": "j", "status": "failed", "error": error}).is_moderated
    assert not read({"id": "j", "status": "in_progress", "error": error}).is_moderated


def test_a_failure_of_the_server_is_no_moderation() -> None:
    assert not read({"id": "j", "status": "failed", "error": {"code": "oom", "message": "out of memory"}}).is_moderated


URL = "https://files.example/clip.mp4"


@pytest.mark.parametrize(
    "where",
    [
        {"url": URL}, {"video_url": URL}, {"output_url": URL}, {"metadata": {"url": URL}},
        {"outputs": {"video_url": URL}}, {"data": [{"url": URL}]}, {"data": {"url": URL}}, {"urls": [URL]},
        {"unsigned_urls": [URL]},
    ],
)  # fmt: skip
def test_the_file_is_found_where_servers_put_it(where: dict[str, Any]) -> None:
    assert read({"id": "j", "status": "completed", **where}).locations == (URL,)


def test_a_location_in_a_wrapped_answer_is_found() -> None:
    job = read({"code": 0, "data": {"task_id": "j", "task_status": "SUCCESS", "outputs": {"video_url": URL}}})
    assert job.locations == (URL,)


@pytest.mark.parametrize("where", ["file:///etc/passwd", "ftp://x/y", "data:video/mp4;base64,AA", "", 5, None, ["x"]])
def test_what_is_no_web_address_is_no_location(where: object) -> None:
    assert read({"id": "j", "status": "completed", "url": where}).locations == ()


def test_locations_are_asked_in_the_order_of_the_rules_and_once() -> None:
    other = "https://files.example/other.mp4"
    assert read({"id": "j", "status": "done", "video_url": other, "url": URL, "urls": [URL]}).locations == (URL, other)


def test_an_error_answer_about_our_job_is_a_normal_answer() -> None:
    """vLLM-Omni answers HTTP 500 with the job as body when the job has failed."""
    body = {"id": "j", "status": "failed", "error": {"code": 500, "message": "out of memory"}}
    job = job_in_error(body, "j")
    assert job is not None
    assert (job.status, job.message, job.code) == (FAILED, "out of memory", "500")
    assert job_in_error(body, "another") is None
    assert job_in_error({"id": "j", "error": {"message": "x"}}, "j") is None
    assert job_in_error({"error": {"message": "upstream died"}}, "j") is None


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [{"id": "a", "status": "queued"}, {"id": "b", "status": "done"}]},
        [{"id": "a"}, {"id": "b"}],
        {"data": [{"id": "a"}, None, 3, "x", {"status": "queued"}, {"task_id": "b"}]},
    ],
)
def test_a_list_gives_its_jobs_and_leaves_out_what_is_none(body: object) -> None:
    assert [job.id for job in jobs_in_list(body)] == ["a", "b"]


@pytest.mark.parametrize("body", [None, {}, {"data": None}, {"data": {"a": 1}}, "x", 4])
def test_what_is_no_list_has_no_jobs(body: object) -> None:
    assert jobs_in_list(body) == []


def test_a_server_that_says_it_simulates_is_believed() -> None:
    assert read({"id": "j", "status": "queued", "simulated": True}).is_simulated
    assert not read({"id": "j", "status": "queued", "simulated": "no"}).is_simulated


def test_letters_that_no_database_can_keep_are_replaced() -> None:
    """A lone half of a surrogate pair is legal in JSON and cannot be written as UTF-8."""
    job = read({"id": "j\ud800", "status": "failed", "model": "m\udfff", "error": {"message": "bad \ud83d luck"}})
    for text in (job.id, job.model or "", job.message, job.word):
        text.encode()
