"""The server's own time for a job, how exact durations are, and differences too small to be told from none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.takes import Moments, resolution, timings
from tests.commands.terminal import run
from tests.endpoints.scripted import Answer, ScriptedServer
from tests.generation.asking import ask, ended
from tests.simulation import KEY, endpoint_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import OpenServices

SMALL = ("--seconds", "1", "--size", "96x64")
WRONG_CLOCK = 1_000_000_000
"""Many years off: only what lies between a server's times says anything here."""


def server(clip: bytes, **times: Any) -> ScriptedServer:  # noqa: ANN401  # any JSON
    job = {"id": "JOB", "model": "MODEL"}
    status: tuple[Answer, ...] = (
        (200, {**job, "status": "in_progress"}),
        (200, {**job, "status": "completed", **times}),
    )
    return ScriptedServer((200, {**job, "status": "queued"}), status, (200, clip))


@pytest.mark.parametrize(
    ("times", "is_servers"),
    [
        ({"created_at": WRONG_CLOCK, "completed_at": WRONG_CLOCK}, True),
        ({"created": WRONG_CLOCK + 0.25, "finished_at": WRONG_CLOCK + 0.5}, True),
        ({}, False),
        ({"created_at": WRONG_CLOCK}, False),
        ({"created_at": WRONG_CLOCK, "completed_at": WRONG_CLOCK - 5}, False),
        ({"created_at": WRONG_CLOCK, "completed_at": WRONG_CLOCK + 86_400}, False),
        ({"created_at": "yesterday", "completed_at": []}, False),
    ],
)
def test_a_jobs_time_is_the_servers_where_it_can_be(
    times: dict[str, Any],
    is_servers: bool,  # noqa: FBT001  # a parameter of the test
    opened: OpenServices,
    stock_clip: bytes,
) -> None:
    with server(stock_clip, **times) as there:
        services = opened(endpoint_at(there.base_url))
        for take in ended(services, ask(services)):
            noticed = take.moments.completed - take.moments.submitted  # type: ignore[operator]  # both are there
            look = take.moments.completed - take.moments.last_unfinished  # type: ignore[operator]
            assert 0 < look <= noticed
            assert take.resolution.total_s == pytest.approx(look)
            if is_servers:
                assert take.timings.job_s in {0.0, 0.25}
                assert take.resolution.job_s == (1.0 if take.timings.job_s == 0 else 0.0)
            else:
                assert take.timings.job_s == pytest.approx(noticed)
                assert take.resolution.job_s == pytest.approx(look)
        services.close()


def test_a_take_of_an_earlier_release_says_nothing_of_its_resolution() -> None:
    moments = Moments(0.0, submitting=0.0, submitted=1.0, completed=9.0, saved=10.0)
    assert timings(moments, 5.0).job_s == 8.0
    assert resolution(moments, 5.0).total_s is None
    assert resolution(moments, 5.0).download_s == 0.0


def test_results_and_the_report_say_how_exact_durations_are(tmp_path: Path, stock_clip: bytes) -> None:
    """Both arms take equally long here, whatever the clock says: less than one look at the job."""
    home = tmp_path / "home"
    with server(stock_clip, created_at=WRONG_CLOCK, completed_at=WRONG_CLOCK) as there:
        known = {"OPENAI_BASE_URL": there.base_url, "OPENAI_API_KEY": KEY, "SORA_COMPARE_POLL_S": "0.5"}
        assert run("compare", "a ball", *SMALL, home=home, **known).code == 0
    timed = run("results", "--json", home=home).document["timings"]
    assert timed["job_s"]["A"]["by_server"] == 1
    assert timed["job_s"]["A"]["resolution_s"] == 1.0
    assert timed["job_s"]["difference"]["is_below_resolution"]
    assert timed["total_s"]["A"]["resolution_s"] > 0.3
    words = run("results", home=home).out
    assert "the job at the server: no difference (below the resolution of 1.00 s)" in words
    assert "by the server's own clock for 2 of 2 takes." in words
    assert "durations that end with it are exact to" in words
    run("report", "--to", str(tmp_path / "report.html"), home=home)
    assert "no difference (below the resolution of 1.00 s)" in (tmp_path / "report.html").read_text("utf-8")
