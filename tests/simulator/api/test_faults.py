"""Faults on demand: each strikes as ordered, and the counts tell what was really made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from sora_compare.errors import ConfigurationError
from sora_compare.simulator.api.faults import FAULTS, Faults, rules_from
from sora_compare.simulator.process import SimulatorProcess
from tests.simulation import wait_until
from tests.simulator.conftest import KEY, SMALL, control, create

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASKED: dict[str, Any] = {"prompt": "testcard", **SMALL}


@pytest.fixture(scope="module")
def stock() -> Iterator[SimulatorProcess]:
    with SimulatorProcess("--lenient", "--no-render", "--stability", "off", speed=2000) as running:
        yield running


@pytest.fixture
def web(stock: SimulatorProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=stock.base_url, headers={"Authorization": f"Bearer {KEY}"}, timeout=10) as client:
        yield client
        order(client)


def order(web: httpx2.Client, *rules: dict[str, Any]) -> None:
    answer = web.put(control(str(web.base_url).rstrip("/"), "faults"), json={"rules": list(rules)})
    assert answer.status_code == 200, answer.text


def counts(web: httpx2.Client) -> dict[str, Any]:
    data: dict[str, Any] = web.get(control(str(web.base_url).rstrip("/"), "counts")).json()
    return data


def completed(web: httpx2.Client) -> str:
    video = create(web)
    while web.get(f"/videos/{video['id']}").json()["status"] != "completed":
        pass
    return str(video["id"])


@pytest.mark.parametrize(("fault", "error", "made"), [
    ("accept_then_hang", httpx2.ReadTimeout, 1),
    ("accept_then_drop", httpx2.RemoteProtocolError, 1),
    ("hang", httpx2.ReadTimeout, 0),
    ("drop", httpx2.RemoteProtocolError, 0),
])  # fmt: skip
def test_a_lost_answer_may_or_may_not_have_made_a_job(
    web: httpx2.Client, fault: str, error: type[Exception], made: int
) -> None:
    order(web, {"on": "create", "fault": fault, "times": 1})
    before = counts(web)["jobs_created"]
    with pytest.raises((error, httpx2.ReadError)):
        web.post("/videos", json=ASKED, timeout=0.5 if error is httpx2.ReadTimeout else 10)
    wait_until(lambda: counts(web)["jobs_created"] == before + made)
    assert web.post("/videos", json=ASKED).status_code == 200


@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_any_status_with_any_body_and_headers(web: httpx2.Client, body: str) -> None:
    order(
        web, {"on": "create", "fault": "status", "code": 429, "body": body, "headers": {"retry-after": "3"}, "times": 1}
    )
    before = counts(web)["jobs_created"]
    answer = web.post("/videos", json=ASKED)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert {"json": b'{"error"', "html": b"<!doctype", "empty": b""}[body] == answer.content[
        : len(b'{"error"')
    ].replace(b"<!doctyp", b"<!doctype")
    assert answer.headers["x-request-id"]
    assert counts(web)["jobs_created"] == before


def test_an_error_may_come_although_the_job_was_made(web: httpx2.Client) -> None:
    order(web, {"on": "create", "fault": "accept_then_status", "code": 502, "body": "html", "times": 1})
    before = counts(web)["jobs_created"]
    assert web.post("/videos", json=ASKED).status_code == 502
    assert counts(web)["jobs_created"] == before + 1


def test_a_truncated_file_breaks_off_or_pretends_to_be_whole(web: httpx2.Client) -> None:
    video = completed(web)
    whole = web.get(f"/videos/{video}/content").content
    order(web, {"on": "content", "fault": "truncate", "times": 1})
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        web.get(f"/videos/{video}/content")
    order(web, {"on": "content", "fault": "truncate", "share": 0.25, "declared_whole": False, "times": 1})
    part = web.get(f"/videos/{video}/content")
    assert part.content == whole[: len(whole) // 4]
    assert int(part.headers["content-length"]) == len(part.content)
    assert web.get(f"/videos/{video}/content").content == whole


def test_a_page_instead_of_a_clip_and_an_expired_link(web: httpx2.Client) -> None:
    video = completed(web)
    order(
        web, {"on": "content", "fault": "wrong_type", "times": 1}, {"on": "content", "fault": "expire_link", "times": 1}
    )
    page = web.get(f"/videos/{video}/content")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    gone = web.get(f"/videos/{video}/content")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "video_expired")
    assert web.get(f"/videos/{video}/content").status_code == 200


def test_a_job_sticks_at_its_progress_as_long_as_ordered(web: httpx2.Client) -> None:
    video = completed(web)
    order(web, {"on": "retrieve", "fault": "stick_at", "progress": 99, "times": 3})
    seen = [web.get(f"/videos/{video}").json() for _ in range(4)]
    assert [one["status"] for one in seen] == ["in_progress"] * 3 + ["completed"]
    assert seen[0]["progress"] == 99


@pytest.mark.parametrize(("fault", "made"), [("endless", 0), ("accept_then_endless", 1)])
def test_an_answer_without_end_lasts_until_the_client_goes(web: httpx2.Client, fault: str, made: int) -> None:
    order(web, {"on": "create", "fault": fault, "times": 1})
    before = counts(web)["jobs_created"]
    with web.stream("POST", "/videos", json=ASKED) as answer:
        chunks = answer.iter_raw(1_000_000)
        assert [set(next(chunks)) for _ in range(20)] == [{ord(" ")}] * 20
    assert counts(web)["jobs_created"] == before + made


def test_an_answer_without_end_ends_after_its_seconds(web: httpx2.Client) -> None:
    order(web, {"on": "list", "fault": "endless", "seconds": 0.1, "times": 1})
    with web.stream("GET", "/videos") as answer:
        assert all(not chunk.strip() for chunk in answer.iter_raw())


def test_a_replica_knows_no_job(web: httpx2.Client) -> None:
    video = completed(web)
    order(web, *({"on": route, "fault": "replica", "times": 1} for route in ("retrieve", "content", "list")))
    paths = (f"/videos/{video}", f"/videos/{video}/content", "/videos")
    first, again = ([web.get(path) for path in paths] for _ in range(2))
    assert [answer.status_code for answer in first] == [404, 404, 200]
    assert first[2].json()["data"] == []
    assert [answer.status_code for answer in again] == [200, 200, 200]
    assert video in {job["id"] for job in again[2].json()["data"]}


def test_rules_wait_and_strike_by_chance_repeatably() -> None:
    waiting = Faults(rules_from([{"on": "list", "fault": "drop", "after": 2, "times": 2}]))
    assert [waiting.strike("list") is not None for _ in range(6)] == [False, False, True, True, False, False]
    chance = [{"on": "create", "fault": "drop", "p": 0.3, "seed": 5}]
    first, second = Faults(rules_from(chance)), Faults(rules_from(chance))
    struck = [first.strike("create") is not None for _ in range(1000)]
    assert struck == [second.strike("create") is not None for _ in range(1000)]
    assert 250 < sum(struck) < 350


@pytest.mark.parametrize(("rule", "words"), [
    ({"on": "create"}, "“fault” must be one of"), ({"on": "x", "fault": "drop"}, "“on” must be one of"),
    ({"on": "create", "fault": "drop", "often": 1}, "“often” is not a field"),
    ({"on": "create", "fault": "drop", "times": "x"}, "“times” cannot be"), ("drop", "not an object"),
    ({"on": "create", "fault": "status", "body": "xml"}, "“body” must be"),
])  # fmt: skip
def test_a_rule_that_makes_no_sense_is_refused_by_name(web: httpx2.Client, rule: object, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        rules_from([rule])
    answer = web.put(control(str(web.base_url).rstrip("/"), "faults"), json=[rule])
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_rules_come_from_a_file_too_and_all_faults_are_known(tmp_path: Path) -> None:
    rules = [{"on": "models", "fault": "drop"}]
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(rules))
    with pytest.raises(ConfigurationError, match="“on” must be one of"):
        SimulatorProcess("--faults", str(path))
    path.write_text(json.dumps([{"on": "list", "fault": fault} for fault in FAULTS]))
    with SimulatorProcess("--faults", str(path), "--no-render") as running:
        headers = {"Authorization": f"Bearer {KEY}"}
        shown = httpx2.get(control(running.base_url, "faults"), headers=headers).json()["rules"]
    assert [rule["fault"] for rule in shown] == list(FAULTS)


def test_too_many_unfinished_jobs_answer_429(tmp_path: Path) -> None:
    with SimulatorProcess("--no-render", "--lenient", "--max-jobs", "2", state=tmp_path, speed=1) as running:
        answers = [
            httpx2.post(f"{running.base_url}/videos", json=ASKED, headers={"Authorization": f"Bearer {KEY}"})
            for _ in range(3)
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == "rate_limit_exceeded"
    assert int(answers[2].headers["retry-after"]) >= 1


def test_without_rendering_each_job_still_gets_its_own_valid_clip(web: httpx2.Client) -> None:
    clips = [web.get(f"/videos/{completed(web)}/content").content for _ in range(2)]
    assert clips[0] != clips[1]
    assert all(clip[4:8] == b"ftyp" and b"free" in clip[-60:] for clip in clips)
