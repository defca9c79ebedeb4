"""Every outcome of a take, with the runner in one process and a server on a real socket."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import pytest

from sora_compare.domain.takes import Origin, TakeState
from sora_compare.endpoints.profiles import ANYTHING
from sora_compare.errors import UsageError
from tests.endpoints.dialect_table import DIALECTS
from tests.endpoints.servers import DialectServer, Warehouse
from tests.generation.asking import A_MODEL, B_MODEL, ask, ended, reached, takes_of
from tests.simulation import KEY, QUICK, Simulation, endpoint_at, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.takes import Take
    from sora_compare.services import Services
    from tests.conftest import OpenServices

S = TakeState
ALWAYS_500 = {"fault": "status", "code": 500, "body": "html"}


@pytest.fixture
def services(simulation: Simulation, opened: OpenServices) -> Services:
    return opened(endpoint_at(simulation.base_url))


def states(takes: list[Take]) -> list[TakeState]:
    return [take.state for take in takes]


def test_both_takes_run_at_once_and_are_saved_whole(simulation: Simulation, services: Services) -> None:
    a, b = ended(services, ask(services))
    assert states([a, b]) == [S.COMPLETED, S.COMPLETED]
    assert (a.echoed_model, b.echoed_model) == (A_MODEL, B_MODEL)
    assert (a.moments.submitting or 0) < (b.moments.submitted or 0)
    assert (b.moments.submitting or 0) < (a.moments.submitted or 0)
    for take in (a, b):
        assert take.clip is not None
        path = services.files.path(take.clip.sha256)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == take.clip.sha256
        assert (take.clip.width, take.clip.height) == (96, 64)
    assert simulation.jobs_created == 2


def test_every_step_has_its_moment_and_they_are_in_order(services: Services) -> None:
    for take in ended(services, ask(services)):
        m = take.moments
        steps = [m.planned, m.submitting, m.submitted, m.first_progress, m.completed, m.first_frame, m.saved, m.ended]
        assert None not in steps
        assert steps == sorted(step for step in steps if step is not None)
        timings = take.timings
        assert timings.total_s is not None
        assert timings.total_s == pytest.approx(m.saved - m.submitting)  # type: ignore[operator]  # none is None


def test_the_audit_trail_tells_the_whole_request_and_the_outcome(services: Services) -> None:
    (a, _) = ended(services, ask(services, "a ball"))
    events = [one for one in services.store.audit_trail() if one.get("take") == a.id]
    assert events[0]["event"] == "take submitted"
    assert events[0]["request"]["prompt"] == "a ball"
    last = events[-1]
    assert (last["event"], last["state"], last["job_id"]) == ("take ended", "completed", a.job_id)
    assert last["request_id"]
    assert KEY not in str(list(services.store.audit_trail()))


def test_one_arm_refused_leaves_the_other_and_says_why(simulation: Simulation, services: Services) -> None:
    a, b = ended(services, ask(services, models=("no-such-model", B_MODEL)))
    assert states([a, b]) == [S.FAILED, S.COMPLETED]
    assert a.problem is not None
    assert "no-such-model" in a.problem.sentence
    assert simulation.jobs_created == 1


def test_a_failed_arm_is_retried_alone(simulation: Simulation, services: Services) -> None:
    simulation.faults({"on": "create", "fault": "status", "code": 400, "times": 1})
    comparison = ask(services)
    failed = next(take for take in ended(services, comparison) if take.state is S.FAILED)
    again = services.actions.retry(failed.id)
    assert (again.attempt, again.arm) == (1, failed.arm)
    assert sorted(states(ended(services, comparison))) == sorted([S.COMPLETED, S.COMPLETED, S.FAILED])
    assert services.store.takes.get(failed.id) == failed, "the earlier attempt stays as it was"
    assert simulation.jobs_created == 2


def test_the_model_failing_and_moderation_are_outcomes_with_a_reason(
    simulation: Simulation, services: Services
) -> None:
    failed = ended(services, ask(services, "a ball [failure]"))
    blocked = ended(services, ask(services, "a ball [moderation]"))
    assert states(failed) == [S.FAILED] * 2
    assert states(blocked) == [S.MODERATED] * 2
    for take in (*failed, *blocked):
        assert take.problem is not None
        assert take.problem.code in {"video_generation_failed", "moderation_blocked"}
        assert take.problem.request_id, "without it nobody at the server can look it up"
    assert simulation.jobs_created == 4


# The same request costs once


def test_the_same_request_is_served_from_the_cache(simulation: Simulation, services: Services) -> None:
    first = ended(services, ask(services))
    second = ended(services, ask(services))
    assert simulation.jobs_created == 2
    assert [take.cached_from for take in second] == [take.id for take in first]
    assert [take.clip for take in second] == [take.clip for take in first]
    assert second[0].timings.total_s is None, "a cached take has no timings of its own"


def test_the_same_request_twice_at_the_same_moment_costs_once(simulation: Simulation, services: Services) -> None:
    comparisons = []
    threads = [threading.Thread(target=lambda: comparisons.append(ask(services))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    takes = [take for comparison in comparisons for take in ended(services, comparison)]
    assert states(takes) == [S.COMPLETED] * 8
    assert simulation.jobs_created == 2
    assert sum(take.cached_from is None for take in takes) == 2


def test_when_the_first_of_two_fails_the_second_asks_itself(simulation: Simulation, services: Services) -> None:
    simulation.faults({"on": "create", "fault": "status", "code": 400, "times": 2})
    takes = [*ended(services, one := ask(services)), *ended(services, two := ask(services))]
    del one, two
    assert sorted(states(takes)) == sorted([S.FAILED, S.FAILED, S.COMPLETED, S.COMPLETED])
    assert simulation.jobs_created == 2


def test_fresh_ones_are_made_when_asked_for(simulation: Simulation, services: Services) -> None:
    ended(services, ask(services))
    again = ended(services, ask(services, is_fresh=True))
    assert simulation.jobs_created == 4
    assert all(take.cached_from is None for take in again)


def test_another_prompt_or_repeat_is_another_request(simulation: Simulation, services: Services) -> None:
    ended(services, ask(services, "a ball", repeats=2))
    ended(services, ask(services, "a cube"))
    assert simulation.jobs_created == 6


def test_a_clip_that_is_no_longer_on_disk_is_made_again(simulation: Simulation, services: Services) -> None:
    (first, _) = ended(services, ask(services))
    assert first.clip is not None
    services.files.path(first.clip.sha256).unlink()
    (second, _) = ended(services, ask(services))
    assert second.cached_from is None
    assert simulation.jobs_created == 3


# Answers lost on the way


@pytest.mark.parametrize("fault", ["accept_then_hang", "accept_then_drop", "accept_then_status"])
def test_a_job_whose_answer_was_lost_is_found_and_never_made_twice(
    fault: str, simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "create", "fault": fault, "times": 1, "code": 502, "body": "html"})
    takes = ended(services, ask(services))
    assert states(takes) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2
    assert len({take.job_id for take in takes}) == 2
    assert [take.echoed_model for take in takes] == [A_MODEL, B_MODEL]


def test_several_lost_answers_of_the_same_request_find_a_job_each(simulation: Simulation, services: Services) -> None:
    simulation.faults({"on": "create", "fault": "accept_then_drop", "times": 6})
    takes = ended(services, ask(services, repeats=3))
    assert states(takes) == [S.COMPLETED] * 6
    assert len({take.job_id for take in takes}) == 6 == simulation.jobs_created


def test_a_lost_answer_without_a_job_stays_ambiguous_until_somebody_decides(
    simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "create", "fault": "drop", "times": 2})
    before = simulation.requests("create")
    comparison = ask(services, "a ball that nobody made")
    takes = ended(services, comparison)
    assert states(takes) == [S.AMBIGUOUS] * 2
    assert simulation.requests("create") - before == 2, "an ambiguous create was sent again by itself"
    assert all("may or may not exist" in take.problem.sentence for take in takes if take.problem)
    services.actions.resume(takes[0].id)
    assert states(ended(services, comparison)) == [S.AMBIGUOUS] * 2
    assert simulation.jobs_created == 0
    services.actions.retry(takes[0].id)
    assert states(ended(services, comparison)) == [S.AMBIGUOUS, S.COMPLETED, S.AMBIGUOUS]
    assert simulation.jobs_created == 1


def test_an_ambiguous_take_finds_its_job_once_the_list_answers(simulation: Simulation, services: Services) -> None:
    simulation.faults(
        {"on": "create", "fault": "accept_then_drop", "times": 2},
        {"on": "list", **ALWAYS_500},
    )
    comparison = ask(services)
    takes = ended(services, comparison)
    assert states(takes) == [S.AMBIGUOUS] * 2
    simulation.faults()
    for take in takes:
        services.actions.resume(take.id)
    assert states(ended(services, comparison)) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


def test_a_request_of_other_settings_is_not_taken_for_the_lost_one(simulation: Simulation, services: Services) -> None:
    """A job with the same prompt and model but another length lies in the list and belongs to nobody here."""
    with httpx2.Client(headers={"Authorization": f"Bearer {KEY}"}, trust_env=False) as web:
        other = {"model": A_MODEL, "prompt": "a longer ball", "seconds": "2", "size": "96x64"}
        web.post(f"{simulation.base_url}/videos", json=other).raise_for_status()
    simulation.faults({"on": "create", "fault": "drop", "times": 2})
    assert states(ended(services, ask(services, "a longer ball"))) == [S.AMBIGUOUS] * 2


# Asked to wait


def test_a_rate_limit_is_waited_out_as_long_as_the_server_asks(simulation: Simulation, services: Services) -> None:
    simulation.faults(
        {"on": "create", "fault": "status", "code": 429, "times": 2, "headers": {"retry-after": "1"}, "body": "html"}
    )
    takes = ended(services, ask(services))
    assert states(takes) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2
    waited = [take for take in takes if take.retries]
    assert sum(take.retries for take in takes) == 2
    assert all((take.moments.submitting or 0) - take.moments.planned >= 1.0 for take in waited)


def test_a_limit_that_never_ends_is_a_failure_that_says_so(simulation: Simulation, services: Services) -> None:
    simulation.faults({"on": "create", "fault": "status", "code": 429})
    takes = ended(services, ask(services))
    assert states(takes) == [S.FAILED] * 2
    assert all("slow down" in take.problem.sentence for take in takes if take.problem)
    assert simulation.jobs_created == 0


# Watching


def test_bad_status_answers_are_only_a_notice(simulation: Simulation, services: Services) -> None:
    simulation.faults(
        {"on": "retrieve", "fault": "status", "code": 500, "times": 2},
        {"on": "retrieve", "fault": "drop", "times": 2, "after": 2},
        {"on": "retrieve", "fault": "wrong_type", "times": 2, "after": 4},
        {"on": "retrieve", "fault": "status", "code": 404, "times": 1, "after": 7},
    )
    takes = ended(services, ask(services))
    assert states(takes) == [S.COMPLETED] * 2
    assert simulation.struck() >= 7
    assert simulation.jobs_created == 2


def test_past_the_deadline_watching_stops_and_can_go_on(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url, watch_limit_s=0.4))
    simulation.faults({"on": "retrieve", "fault": "stick_at", "progress": 99})
    comparison = ask(services)
    takes = ended(services, comparison)
    assert states(takes) == [S.STOPPED_POLLING] * 2
    assert [take.progress for take in takes] == [99, 99]
    simulation.faults()
    for take in takes:
        services.actions.resume(take.id)
    assert states(ended(services, comparison)) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


def test_a_job_that_was_done_while_nobody_watched_is_fetched_also_after_the_deadline(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    """A program that was off for longer than the watch limit asks once before it gives up."""
    endpoint = endpoint_at(simulation.base_url, watch_limit_s=0.6, poll_interval_s=0.1)
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    first = opened(endpoint)
    comparison = ask(first)
    for take in takes_of(first, comparison):
        reached(first, take.id, S.RUNNING)
    first.runner.stop()
    simulation.faults()
    time.sleep(0.8)
    second = opened(endpoint, home=tmp_path / "home")
    assert states(ended(second, comparison)) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


def test_a_job_that_the_server_forgot_is_expired(simulation: Simulation, services: Services) -> None:
    simulation.faults({"on": "retrieve", "fault": "replica"}, {"on": "list", "fault": "replica"})
    takes = ended(services, ask(services))
    assert states(takes) == [S.EXPIRED] * 2
    assert all("no longer knows the job" in take.problem.sentence for take in takes if take.problem)


def test_replicas_that_know_no_job_end_none(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url), retry_policy=dataclasses.replace(QUICK, gone_after_s=60.0))
    simulation.faults(
        *({"on": route, "fault": "replica", "times": 16} for route in ("retrieve", "content")),
        {"on": "list", "fault": "replica"},
    )
    assert states(ended(services, ask(services))) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


@pytest.mark.parametrize("listing", [[], [{"on": "list", "fault": "status", "code": 500}]])
def test_a_job_is_not_gone_while_the_list_has_it_or_cannot_tell(
    simulation: Simulation, services: Services, listing: list[dict[str, object]]
) -> None:
    simulation.faults({"on": "retrieve", "fault": "replica"}, *listing)
    before, comparison = simulation.requests("list"), ask(services)
    wait_until(lambda: simulation.requests("list") >= before + 4)
    assert not any(take.is_ended for take in takes_of(services, comparison))
    simulation.faults()
    assert states(ended(services, comparison)) == [S.COMPLETED] * 2


@pytest.mark.parametrize("code", [409, 425])
def test_content_that_is_not_ready_is_waited_for_beyond_the_tries_of_a_fetch(
    simulation: Simulation, services: Services, code: int
) -> None:
    simulation.faults({"on": "content", "fault": "status", "code": code, "times": 30})
    assert states(ended(services, ask(services))) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


# Cancelling


def test_cancelled_before_it_is_sent_costs_nothing(simulation: Simulation, opened: OpenServices) -> None:
    services = opened(endpoint_at(simulation.base_url, concurrency=1))
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    comparison = ask(services)
    wait_until(lambda: any(take.state is S.RUNNING for take in takes_of(services, comparison)))
    waiting = next(take for take in takes_of(services, comparison) if take.state is S.PLANNED)
    services.actions.cancel(waiting.id)
    assert reached(services, waiting.id, S.CANCELLED).problem is not None
    assert simulation.jobs_created == 1


def test_where_nothing_can_be_cancelled_watching_stops_and_says_that_it_may_be_billed(
    simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    comparison = ask(services)
    for take in takes_of(services, comparison):
        reached(services, take.id, S.RUNNING)
        services.actions.cancel(take.id)
    takes = ended(services, comparison)
    assert states(takes) == [S.STOPPED_POLLING] * 2
    assert all("may still be billed" in take.problem.sentence for take in takes if take.problem)


def test_where_jobs_can_be_cancelled_they_are(opened: OpenServices) -> None:
    with Warehouse() as warehouse, DialectServer("vllm-omni", warehouse, KEY) as server:
        services = opened(endpoint_at(server.base_url, profile="vllm-omni", poll_interval_s=0.3))
        comparison = ask(services)
        for take in takes_of(services, comparison):
            reached(services, take.id, S.QUEUED, S.RUNNING)
            services.actions.cancel(take.id)
        assert states(ended(services, comparison)) == [S.CANCELLED] * 2
        assert all(order.is_deleted for order in server.orders.values())
        services.close()


# Fetching


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "truncate"}, {"fault": "truncate", "declared_whole": False}, {"fault": "wrong_type"},
        {"fault": "expire_link"}, {"fault": "drop"}, {"fault": "status", "code": 502, "body": "html"},
    ],
)  # fmt: skip
def test_a_clip_that_comes_broken_is_fetched_again(
    fault: dict[str, object], simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "content", "times": 2, **fault})
    takes = ended(services, ask(services))
    assert states(takes) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2
    assert simulation.struck() == 2


def test_a_clip_that_never_comes_is_done_but_not_saved_and_can_be_fetched_later(
    simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "content", "fault": "truncate"})
    comparison = ask(services)
    takes = ended(services, comparison)
    assert states(takes) == [S.NOT_SAVED] * 2
    assert all("costs nothing" in take.problem.sentence for take in takes if take.problem)
    simulation.faults()
    for take in takes:
        services.actions.resume(take.id)
    assert states(ended(services, comparison)) == [S.COMPLETED] * 2
    assert simulation.jobs_created == 2


def test_one_wrong_no_such_job_while_fetching_loses_no_clip(simulation: Simulation, services: Services) -> None:
    simulation.faults(
        {"on": "content", "fault": "drop", "times": 2},
        {"on": "retrieve", "fault": "status", "code": 404, "times": 1, "after": 6},
    )
    comparison = ask(services)
    assert states(ended(services, comparison)) == [S.COMPLETED] * 2


def test_a_fresh_retry_asked_for_in_two_processes_at_the_same_moment_pays_once(
    simulation: Simulation, opened: OpenServices, tmp_path: Path
) -> None:
    """Two services on one folder share nothing but the store, as two processes do."""
    first = opened(endpoint_at(simulation.base_url))
    done = ended(first, ask(first))[0]
    second = opened(endpoint_at(simulation.base_url), home=tmp_path / "home", with_runner=False)
    both = threading.Barrier(2)

    def asked(services: Services) -> str:
        both.wait()
        return services.actions.retry(done.id, is_fresh=True).id

    with ThreadPoolExecutor() as pool:
        found = set(pool.map(asked, (first, second)))
    assert len(found) == 1
    again = reached(first, found.pop(), S.COMPLETED)
    assert (again.attempt, simulation.jobs_created) == (1, 3)
    assert first.actions.retry(done.id, is_fresh=True).id == again.id, "a page that still shows the earlier one"
    assert first.actions.retry(again.id, is_fresh=True).attempt == 2, "another one, asked for knowingly"


def test_what_has_an_outcome_is_neither_gone_on_with_nor_retried_while_under_way(
    simulation: Simulation, services: Services
) -> None:
    simulation.faults({"on": "retrieve", "fault": "stick_at"})
    (under_way, _) = takes_of(services, ask(services))
    with pytest.raises(UsageError, match="still under way"):
        services.actions.retry(under_way.id)
    simulation.faults()
    done = reached(services, under_way.id, S.COMPLETED)
    with pytest.raises(UsageError, match="no job to go on with"):
        services.actions.resume(done.id)


# Every dialect, all the way


@pytest.mark.parametrize("profile", DIALECTS)
def test_a_pair_from_every_dialect_is_saved(profile: str, opened: OpenServices, stock_clip: bytes) -> None:
    with Warehouse() as warehouse, DialectServer(profile, warehouse, KEY) as server:
        warehouse.movie = stock_clip
        services = opened(endpoint_at(server.base_url, profile=profile, models={"*": ANYTHING}))
        takes = ended(services, ask(services))
        assert states(takes) == [S.COMPLETED] * 2
        assert {take.clip.sha256 for take in takes if take.clip} == {hashlib.sha256(stock_clip).hexdigest()}
        assert len(server.orders) == 2
        assert all(take.origin is Origin.LIVE for take in takes)
        services.close()
