"""Answers that servers in the wild have given and that once ended a take wrongly, from a real socket to the outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.takes import TakeState
from sora_compare.endpoints.profiles import ANYTHING
from sora_compare.evidence.tables import take_to_dict
from tests.clips.conftest import write_clip
from tests.endpoints.scripted import Answer, ScriptedServer
from tests.generation.asking import ask, ended
from tests.simulation import QUICK, endpoint_at

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.takes import Take
    from tests.conftest import OpenServices

S = TakeState
QUEUED: Answer = (200, {"id": "JOB", "object": "video", "status": "queued"})
RUNNING: Answer = (200, {"id": "JOB", "status": "in_progress"})
DONE: Answer = (200, {"id": "JOB", "status": "completed"})
FILE = "http://HOST/file/JOB.mp4"


def wrapped(status: str, **more: Any) -> Answer:  # noqa: ANN401  # JSON
    return 200, {"code": "success", "data": {"task_id": "JOB", "status": status, **more}}


def task(status: str, **more: Any) -> Answer:  # noqa: ANN401  # JSON
    return 200, {"id": "JOB", "task": {"id": "JOB", "status": status, **more}}


UNKNOWN: Answer = (404, {"error": {"code": "not_found", "message": "video not found"}})
COMPLETED: dict[str, tuple[Answer, tuple[Answer, ...]]] = {
    "one replica of several does not know the job for a while": (QUEUED, (RUNNING, *[UNKNOWN] * 4, DONE)),
    "job and address inside data, no content route": (
        wrapped("SUBMITTED"),
        (wrapped("IN_PROGRESS", progress="30%", result_url=""), wrapped("SUCCESS", progress="100%", result_url=FILE)),
    ),
    "the word succeed, the address in video_url": (
        (200, {"id": "JOB", "status": "submitted"}),
        ((200, {"id": "JOB", "status": "processing"}), (200, {"id": "JOB", "status": "succeed", "video_url": FILE})),
    ),
    "status and content inside task": (
        task("queued"), (task("running"), task("succeeded", content={"video_url": FILE})),
    ),
    "another size and length than asked for": (
        (200, {"id": "JOB", "status": "queued", "size": "1280x704", "seconds": "5"}),
        ((200, {"id": "JOB", "status": "completed", "size": "1280x704", "seconds": "5"}),),
    ),
}  # fmt: skip


def outcome(opened: OpenServices, server: ScriptedServer) -> list[Take]:
    # What is missing for a moment must not be gone only because the machine is busy.
    policy = replace(QUICK, gone_after_s=60.0)
    services = opened(endpoint_at(server.base_url, models={"*": ANYTHING}), retry_policy=policy)
    takes = ended(services, ask(services))
    services.close()
    return takes


@pytest.mark.parametrize("case", COMPLETED)
def test_a_job_that_completes_is_completed(opened: OpenServices, stock_clip: bytes, case: str) -> None:
    create, status = COMPLETED[case]
    names_a_file = "file/JOB" in str(status)
    content: Answer = (404, {"error": {"message": "no content route"}}) if names_a_file else (200, stock_clip)
    with ScriptedServer(create, status, content, file=stock_clip) as server:
        takes = outcome(opened, server)
    assert [take.state for take in takes] == [S.COMPLETED] * 2
    assert all(take.clip and take.clip.bytes == len(stock_clip) for take in takes)


def test_the_word_fail_is_an_end_with_the_servers_reason(opened: OpenServices) -> None:
    failed: Answer = (200, {"id": "JOB", "status": "fail", "error": {"message": "GPU out of memory"}})
    with ScriptedServer(QUEUED, (failed,)) as server:
        takes = outcome(opened, server)
    assert [take.state for take in takes] == [S.FAILED] * 2
    assert all("GPU out of memory" in take.problem.sentence for take in takes if take.problem)


def test_the_id_may_stand_outside_and_the_status_inside(opened: OpenServices, stock_clip: bytes) -> None:
    create: Answer = (200, {"id": "JOB", "task": {"status": "queued"}})
    done: Answer = (200, {"id": "JOB", "task": {"status": "succeeded"}})
    with ScriptedServer(create, (done,), (200, stock_clip)) as server:
        assert [take.state for take in outcome(opened, server)] == [S.COMPLETED] * 2


def test_a_clip_of_another_size_and_length_than_asked_for_is_flagged_where_the_arms_are_compared(
    opened: OpenServices, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=48, fps=24, size=(96, 48)).read_bytes()
    create, (done,) = COMPLETED["another size and length than asked for"]
    record = {**done[1], "video_url": FILE}
    with ScriptedServer(create, ((200, record),), file=clip) as server:
        services = opened(endpoint_at(server.base_url, models={"*": ANYTHING}))
        takes = ended(services, ask(services))
    assert {take.deviations for take in takes} == {("96x48 instead of 96x64", "2 s instead of 1 s")}
    assert take_to_dict(takes[0], services.files)["deviations"] == list(takes[0].deviations)
    sentence = " ".join(services.results.findings().warnings)
    for arm in "AB":
        assert (
            f"1 of 1 clips of arm {arm} are not as asked for (96x48 instead of 96x64, 2 s instead of 1 s)" in sentence
        )
