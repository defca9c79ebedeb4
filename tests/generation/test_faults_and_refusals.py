"""Refusals for the content and faults of our own, all the way from a real socket to the shares of the results."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from sora_compare.clips.files import ClipFiles
from sora_compare.clips.images import save_image
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.outcomes import Cause, cause_of
from sora_compare.domain.problems import ProblemKind
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.endpoints.profiles import ANYTHING
from sora_compare.errors import NoRoom
from sora_compare.generation import limits as circuit_breaker
from sora_compare.statistics.outcomes import shares
from tests.endpoints.scripted import Answer, ScriptedServer
from tests.generation.asking import A_MODEL, B_MODEL, ask, ended
from tests.simulation import endpoint_at

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take
    from tests.conftest import OpenServices
    from tests.simulation import Simulation

S = TakeState
QUEUED: Answer = (200, {"id": "JOB", "status": "queued"})
DONE: Answer = (200, {"id": "JOB", "status": "completed"})


def error(code: str | None, message: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    return {"error": {"code": code, "message": message, **more}}


def failed_with(code: str | None, message: str) -> Answer:
    return 200, {"id": "JOB", "status": "failed", **error(code, message)}


def outcome(opened: OpenServices, server: ScriptedServer, **settings: Any) -> list[Take]:  # noqa: ANN401  # of an endpoint
    services = opened(endpoint_at(server.base_url, models={"*": ANYTHING}, **settings))
    takes = ended(services, ask(services))
    services.close()
    return takes


SENTINEL = error("sentinel_block", "This request was blocked by our safety system.", type="invalid_request_error")
INNER = error(
    "content_filter",
    "The prompt triggered the content management policy.",
    innererror={"code": "ResponsibleAIPolicyViolation"},
)
REFUSALS = [
    (400, SENTINEL),
    (400, INNER),
    (400, error("invalid_request", "It cannot be done.", innererror={"code": "ResponsibleAIPolicyViolation"})),
    (403, error("moderation_blocked", "no")),
    (422, error(None, "The prompt was stopped by the content filter.")),
    (422, {"detail": "Refused by moderation."}),
    (451, error(None, "It violates our content policy.")),
    (200, error("content_policy_violation", "no")),
]


@pytest.mark.parametrize("create", REFUSALS)
def test_a_create_that_is_refused_for_its_content_is_moderated(opened: OpenServices, create: Answer) -> None:
    with ScriptedServer(create) as server:
        takes = outcome(opened, server)
    assert [take.state for take in takes] == [S.MODERATED] * 2
    assert {cause_of(take) for take in takes} == {Cause.MODEL}
    assert shares(takes, ArmLabel.A).refused.mean == 1.0


@pytest.mark.parametrize(
    "content",
    [
        (400, error("content_filter", "The generated video was filtered by the content policy.")),
        (451, error(None, "Withheld: it violates our content policy.")),
        (422, error("failed", "no", innererror={"code": "moderation_blocked"})),
    ],
)
def test_a_finished_clip_that_is_withheld_is_moderated_and_not_asked_for_again(
    opened: OpenServices, content: Answer
) -> None:
    with ScriptedServer(QUEUED, (DONE,), content) as server:
        takes = outcome(opened, server)
        assert server.content_requests == 2, "withheld for good: one request for each take"
    assert [take.state for take in takes] == [S.MODERATED] * 2
    assert all("etch it again" not in take.problem.sentence for take in takes if take.problem)


def test_a_status_request_that_is_refused_for_the_content_is_moderated(opened: OpenServices) -> None:
    with ScriptedServer(QUEUED, ((400, error("content_filter", "no")),)) as server:
        assert [take.state for take in outcome(opened, server)] == [S.MODERATED] * 2


OURS: list[tuple[Answer, Answer | None, ProblemKind]] = [
    ((401, error("invalid_api_key", "Incorrect API key provided.")), None, ProblemKind.KEY),
    ((403, error("permission_denied", "Your project may not use this.")), None, ProblemKind.KEY),
    ((402, error(None, "Pay first.")), None, ProblemKind.QUOTA),
    ((429, error("insufficient_quota", "You exceeded your current quota.")), None, ProblemKind.QUOTA),
    ((200, {"code": 1002, "msg": "the balance is too low"}), None, ProblemKind.QUOTA),
    ((429, error("rate_limit_exceeded", "Slow down.")), None, ProblemKind.RATE_LIMIT),
    (QUEUED, failed_with("invalid_api_key", "Incorrect API key provided."), ProblemKind.KEY),
    (QUEUED, failed_with("insufficient_quota", "You exceeded your current quota."), ProblemKind.QUOTA),
    (QUEUED, failed_with(None, "Upstream said: incorrect API key provided."), ProblemKind.KEY),
    (QUEUED, failed_with("rate_limit_exceeded", "Too many."), ProblemKind.RATE_LIMIT),
]


@pytest.mark.parametrize(("create", "status", "kind"), OURS)
def test_our_key_quota_and_rate_limit_count_against_no_model(
    opened: OpenServices, create: Answer, status: Answer | None, kind: ProblemKind
) -> None:
    with ScriptedServer(create, (status,) if status else ()) as server:
        takes = outcome(opened, server)
    assert [take.state for take in takes] == [S.FAILED] * 2
    assert [take.problem and take.problem.kind for take in takes] == [kind] * 2
    found = shares(takes, ArmLabel.A)
    assert (found.n, found.completed.mean, found.left_out, found.missing) == (0, None, {"ours": 1}, 1)


def test_a_job_that_failed_counts_against_its_model(opened: OpenServices) -> None:
    with ScriptedServer(QUEUED, (failed_with("video_generation_failed", "It broke."),)) as server:
        takes = outcome(opened, server)
    assert shares(takes, ArmLabel.B).failed.mean == 1.0


def test_a_host_that_nobody_knows_counts_against_no_model(
    opened: OpenServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuit_breaker, "FIRST_OPEN_S", 0.01)
    monkeypatch.setattr(circuit_breaker, "LONGEST_OPEN_S", 0.05)
    services = opened(endpoint_at("http://nowhere.invalid/v1", models={"*": ANYTHING}))
    takes = ended(services, ask(services))
    assert [take.problem and take.problem.kind for take in takes] == [ProblemKind.UNREACHABLE] * 2
    assert shares(takes, ArmLabel.A).left_out == {"ours": 1}


def test_a_watch_that_ended_because_our_key_was_refused_counts_against_no_model(opened: OpenServices) -> None:
    with ScriptedServer(QUEUED, ((401, error("invalid_api_key", "no")),)) as server:
        takes = outcome(opened, server, watch_limit_s=0.4)
    assert [take.state for take in takes] == [S.STOPPED_POLLING] * 2
    assert shares(takes, ArmLabel.A).left_out == {"ours": 1}


def test_a_watch_that_ended_while_the_job_hung_counts_against_its_model(opened: OpenServices) -> None:
    with ScriptedServer(QUEUED, (QUEUED,)) as server:
        takes = outcome(opened, server, watch_limit_s=0.4)
    assert shares(takes, ArmLabel.A).timed_out.mean == 1.0


def test_a_full_disk_counts_against_no_model(
    simulation: Simulation, opened: OpenServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = opened(endpoint_at(simulation.base_url))

    def full(files: ClipFiles, _: str) -> None:
        raise NoRoom(files.root) from OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(ClipFiles, "incoming", full)
    takes = ended(services, ask(services))
    assert [take.state for take in takes] == [S.NOT_SAVED] * 2
    assert shares(takes, ArmLabel.A).left_out == {"ours": 1}


def test_a_reference_image_that_is_gone_sends_nothing_and_says_so(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url))
    Image.new("RGB", (96, 64)).save(picture := io.BytesIO(), "PNG")
    image = save_image(services.files, picture.getvalue())
    settings = ClipSettings(seconds=1, size="96x64", image=image)
    arms = Arm(ArmLabel.A, "lab", A_MODEL), Arm(ArmLabel.B, "lab", B_MODEL)
    plan = services.planner.plan("a ball", settings, arms)
    services.files.path(image.sha256).unlink()
    takes = ended(services, services.send(plan))
    assert [take.state for take in takes] == [S.FAILED] * 2
    assert all(take.problem and "Nothing was sent" in take.problem.sentence for take in takes)
    assert shares(takes, ArmLabel.A).left_out == {"ours": 1}
    assert simulation.jobs_created == 0
