"""The table of outcomes: whose doing each is, and what is left out of every share."""

from __future__ import annotations

import pytest

from sora_compare.domain.outcomes import (
    CAUSE_OF_KIND,
    Cause,
    cause_of,
    cause_of_code,
    is_of_model,
    left_out,
    left_out_sentence,
)
from sora_compare.domain.problems import ProblemKind, kind_of_refusal
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.domain.takes import ON_THE_WAY, ArmLabel, Moments, Origin, Problem, Take, TakeState

S, P = TakeState, Problem
REQUEST = ClipRequest("sora-2-2025-12-08", "a cat", ClipSettings(8, "1280x720"))


def take(state: TakeState, problem: Problem | None = None, **more: object) -> Take:
    details: dict[str, object] = {"moments": Moments(1.0, submitting=2.0, ended=9.0), "origin": Origin.LIVE, **more}
    return Take("t", "c", ArmLabel.A, "lab", request=REQUEST, fingerprint="f", state=state, problem=problem, **details)  # type: ignore[arg-type]  # fields of Take


def test_every_kind_and_every_outcome_is_somebodys_doing() -> None:
    assert set(CAUSE_OF_KIND) == set(ProblemKind)
    assert all(cause_of(take(state)) in Cause for state in TakeState)
    assert {cause_of(take(state)) for state in ON_THE_WAY} == {Cause.UNKNOWN}


@pytest.mark.parametrize(
    ("state", "kind", "cause"),
    [
        (S.COMPLETED, None, Cause.MODEL),
        (S.MODERATED, None, Cause.MODEL),
        (S.FAILED, ProblemKind.FAILED, Cause.MODEL),
        (S.FAILED, ProblemKind.REFUSED, Cause.MODEL),
        (S.STOPPED_POLLING, ProblemKind.OVERDUE, Cause.SERVER),
        (S.EXPIRED, ProblemKind.GONE, Cause.SERVER),
        (S.AMBIGUOUS, ProblemKind.SERVER_ERROR, Cause.SERVER),
        (S.NOT_SAVED, ProblemKind.NO_FILE, Cause.SERVER),
        (S.FAILED, ProblemKind.KEY, Cause.OURS),
        (S.FAILED, ProblemKind.QUOTA, Cause.OURS),
        (S.FAILED, ProblemKind.RATE_LIMIT, Cause.OURS),
        (S.FAILED, ProblemKind.UNREACHABLE, Cause.OURS),
        (S.FAILED, ProblemKind.REFERENCE_IMAGE, Cause.OURS),
        (S.NOT_SAVED, ProblemKind.DISK_FULL, Cause.OURS),
        (S.NOT_SAVED, ProblemKind.TOO_LARGE, Cause.OURS),
        (S.STOPPED_POLLING, ProblemKind.CANCELLED, Cause.OURS),
        (S.STOPPED_POLLING, ProblemKind.KEY, Cause.OURS),
        (S.CANCELLED, None, Cause.OURS),
        (S.AMBIGUOUS, ProblemKind.NO_ANSWER, Cause.UNKNOWN),
    ],
)
def test_an_outcome_is_the_doing_of(state: TakeState, kind: ProblemKind | None, cause: Cause) -> None:
    one = take(state, P("sentence", kind=kind) if kind else None)
    assert cause_of(one) is cause
    assert is_of_model(one) is (cause in {Cause.MODEL, Cause.SERVER})


@pytest.mark.parametrize(
    ("state", "problem", "cause"),
    [
        (S.FAILED, P("lab refused the request (401): the key is not accepted.", "invalid_api_key"), Cause.OURS),
        (S.FAILED, P("lab refused the request (429): no credit.", "insufficient_quota"), Cause.OURS),
        (S.FAILED, P("The job failed at lab: no credit.", "billing_hard_limit_reached"), Cause.OURS),
        (S.FAILED, P("lab cannot be reached (it asks to slow down (429)). Check its base URL."), Cause.OURS),
        (S.FAILED, P("lab cannot be reached (no connection). Check its base URL."), Cause.OURS),
        (S.FAILED, P("The job failed at lab: it broke.", "video_generation_failed"), Cause.MODEL),
        (S.FAILED, None, Cause.MODEL),
        (S.NOT_SAVED, P("The job is done but … The disk that holds /d is full: …"), Cause.OURS),
        (S.NOT_SAVED, P("The job is done but its clip is not saved. lab has no file yet."), Cause.SERVER),
        (S.STOPPED_POLLING, P("lab cannot cancel a job: watching stopped, and it may still be billed."), Cause.OURS),
        (S.STOPPED_POLLING, P("lab did not finish within 30 minutes of watching."), Cause.SERVER),
        (S.AMBIGUOUS, P("lab did not answer the request (no answer in time), so a job may exist."), Cause.UNKNOWN),
        (S.AMBIGUOUS, P("lab did not answer the request (error 502: an HTML page), so …"), Cause.SERVER),
    ],
)
def test_takes_that_were_kept_before_there_were_kinds_are_still_told_apart(
    state: TakeState, problem: Problem | None, cause: Cause
) -> None:
    assert cause_of(take(state, problem)) is cause


def test_a_clip_that_was_made_and_is_gone_when_we_come_is_nobodys_known_fault() -> None:
    moments = Moments(1.0, submitting=2.0, completed=5.0, ended=99.0)
    assert cause_of(take(S.EXPIRED, P("gone", kind=ProblemKind.GONE), moments=moments)) is Cause.UNKNOWN


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (400, ("sentinel_block", "This request was blocked by our safety system."), ProblemKind.CONTENT),
        (400, ("invalid_request", "ResponsibleAIPolicyViolation"), ProblemKind.CONTENT),
        (422, (None, "The prompt triggered the content management policy."), ProblemKind.CONTENT),
        (451, (None, "Blocked by moderation"), ProblemKind.CONTENT),
        (403, ("content_filter", ""), ProblemKind.CONTENT),
        (400, ("unknown_parameter", "Unknown parameter: 'safety_identifier'."), ProblemKind.REFUSED),
        (422, (None, "seconds must be a string"), ProblemKind.REFUSED),
        (403, ("permission_denied", ""), ProblemKind.KEY),
        (402, (None, ""), ProblemKind.QUOTA),
        (429, ("insufficient_quota", ""), ProblemKind.QUOTA),
        (404, ("model_not_found", "The model does not exist"), ProblemKind.REFUSED),
        (503, (None, ""), ProblemKind.SERVER_ERROR),
    ],
)
def test_a_refusal_is_told_by_its_words_and_then_by_its_status(
    status: int, words: tuple[str | None, ...], kind: ProblemKind
) -> None:
    assert kind_of_refusal(status, *words) is kind


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (None, Cause.MODEL),
        ("video_generation_failed", Cause.MODEL),
        ("moderation_blocked", Cause.MODEL),
        ("invalid_api_key", Cause.OURS),
        ("insufficient_quota", Cause.OURS),
        ("rate_limit_exceeded", Cause.OURS),
        ("ours", Cause.OURS),
        ("unknown", Cause.UNKNOWN),
    ],
)
def test_a_job_that_a_service_reports_is_told_by_its_code(code: str | None, cause: Cause) -> None:
    assert cause_of_code(code) is cause


def test_what_is_left_out_is_counted_by_cause() -> None:
    takes = [
        take(S.COMPLETED),
        take(S.FAILED),
        take(S.CANCELLED),
        take(S.FAILED, P("no", kind=ProblemKind.KEY)),
        take(S.AMBIGUOUS),
        take(S.RUNNING),
        take(S.COMPLETED, cached_from="t0"),
        take(S.COMPLETED, origin=Origin.IMPORTED, moments=Moments(1.0)),
        take(S.FAILED, moments=Moments(1.0, ended=2.0)),
    ]
    found = left_out(takes)
    assert found == {
        "ours": 2, "unknown": 1, "under way": 1, "served from an earlier one": 1, "imported": 1, "not sent": 1,
    }  # fmt: skip
    assert left_out_sentence({}) == ""
    assert left_out_sentence({"under way": 1}) == "1 take is left out: 1 under way."
    assert left_out_sentence(found).startswith("7 takes are left out: 2 by our own doing (key, quota, ")
