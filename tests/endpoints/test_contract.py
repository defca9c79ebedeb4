"""One contract, held by the adapter against a server of every dialect over a real socket."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import httpx2
import pytest

from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.requests import ClipRequest, ClipSettings, StoredImage
from sora_compare.endpoints.dialects import Job, JobStatus
from sora_compare.endpoints.downloads import open_location
from sora_compare.endpoints.openai_adapter import OpenAIEndpoint
from sora_compare.endpoints.profiles import profiles
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.errors import JobGone, KeyRefused, NotReady, PollFailed, Refused
from sora_compare.settings import Secret
from tests.endpoints.dialect_table import DIALECTS
from tests.endpoints.servers import MOVIE, DialectServer, Warehouse
from tests.endpoints.sockets import listening, scoring
from tests.simulation import KEY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

OVER = {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.EXPIRED}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture(scope="module")
def running_warehouse() -> Iterator[Warehouse]:
    with Warehouse() as started:
        yield started


@pytest.fixture
def warehouse(running_warehouse: Warehouse) -> Warehouse:
    running_warehouse.reset()
    return running_warehouse


@pytest.fixture(scope="module", params=DIALECTS)
def running_server(request: pytest.FixtureRequest, running_warehouse: Warehouse) -> Iterator[DialectServer]:
    with DialectServer(request.param, running_warehouse, KEY) as started:
        yield started


@pytest.fixture
def server(running_server: DialectServer, warehouse: Warehouse) -> DialectServer:  # noqa: ARG001  # reset with it
    running_server.reset()
    return running_server


@pytest.fixture
async def endpoint(server: DialectServer) -> AsyncIterator[OpenAIEndpoint]:
    made = OpenAIEndpoint(
        Endpoint("lab", server.base_url, profile=server.profile),
        Secret(KEY),
        lambda _: PNG,
        Timeouts(answer_s=5, create_s=5),
    )
    yield made
    await made.aclose()


def asked(prompt: str = "a cat", **settings: object) -> ClipRequest:
    return ClipRequest("sora-2-2025-12-08", prompt, ClipSettings(seconds=4, size="1280x720", **settings))  # type: ignore[arg-type]


async def ended(endpoint: OpenAIEndpoint, job_id: str) -> list[Job]:
    """Every answer up to the one that ends the job."""
    answers: list[Job] = []
    while not answers or answers[-1].status not in OVER:
        assert len(answers) < 10, "the job never ended"
        answers.append(await endpoint.poll(job_id))
    return answers


async def received(endpoint: OpenAIEndpoint, job: Job) -> bytes:
    async with endpoint.content(job) as content:
        data = b"".join([chunk async for chunk in content.chunks])
        assert content.length == len(MOVIE)
    return data


def test_every_profile_has_a_server_here() -> None:
    assert set(DIALECTS) == set(profiles()) - {"simulator"}


async def test_a_job_goes_from_submit_to_the_served_bytes(server: DialectServer, endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked())
    assert job.id == server.orders[job.id].id
    answers = await ended(endpoint, job.id)
    assert [one.status for one in answers][-1] is JobStatus.DONE
    assert all(one.status in {JobStatus.QUEUED, JobStatus.RUNNING} for one in answers[:-1])
    assert all(one.progress is None or 0 <= one.progress <= 100 for one in answers)
    assert await received(endpoint, answers[-1]) == MOVIE
    assert len(server.orders) == 1


async def test_the_request_arrives_as_the_server_wants_it(server: DialectServer, endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked())
    order = server.orders[job.id]
    profile = profiles()[server.profile]
    assert order.content_type == ("application/json" if profile.body == "json" else "multipart/form-data")
    assert str(order.form[server.dialect.length]) == "4"
    assert order.form["prompt"] == "a cat"
    assert order.form["model"] == "sora-2-2025-12-08"
    assert order.form["size"] == "1280x720"
    unwanted = {"seconds", "duration"} - {server.dialect.length}
    assert not unwanted & set(order.form)


async def test_a_reference_image_goes_as_a_file_with_its_type(warehouse: Warehouse) -> None:
    with DialectServer("openai", warehouse, KEY) as server:
        endpoint = OpenAIEndpoint(Endpoint("lab", server.base_url, profile="openai"), Secret(KEY), lambda _: PNG)
        job = await endpoint.submit(asked(image=StoredImage("0" * 64, "image/png", 1280, 720)))
        assert server.orders[job.id].form["input_reference"] == ("reference.png", "image/png", PNG)
        await endpoint.aclose()


async def test_a_failed_job_says_why(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [fails]"))
    last = (await ended(endpoint, job.id))[-1]
    assert last.status is JobStatus.FAILED
    assert last.message == "out of memory"
    assert not last.is_moderated


async def test_a_blocked_job_is_told_from_a_failed_one(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [blocked]"))
    last = (await ended(endpoint, job.id))[-1]
    assert last.status is JobStatus.FAILED
    assert last.is_moderated


async def test_an_unknown_word_is_shown_and_no_end(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [strange]"))
    answers = await ended(endpoint, job.id)
    assert [(one.status, one.word) for one in answers[:-1]] == [(JobStatus.UNKNOWN, "re_sharding")] * 2
    assert answers[-1].status is JobStatus.DONE


async def test_one_bad_status_answer_is_no_end(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [hiccup]"))
    with pytest.raises(PollFailed):
        await endpoint.poll(job.id)
    assert (await ended(endpoint, job.id))[-1].status is JobStatus.DONE


async def test_before_the_end_there_is_no_file_and_that_is_no_failure(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked())
    with pytest.raises(NotReady):
        await received(endpoint, job)


async def test_a_link_that_ran_out_is_had_anew_by_asking_again(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [stale link]"))
    last = (await ended(endpoint, job.id))[-1]
    with pytest.raises(NotReady):
        await received(endpoint, last)
    assert await received(endpoint, await endpoint.poll(job.id)) == MOVIE


async def test_a_page_in_place_of_the_file_is_no_clip(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [page]"))
    last = (await ended(endpoint, job.id))[-1]
    with pytest.raises(NotReady):
        await received(endpoint, last)


async def test_a_download_that_breaks_off_is_noticed(endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked("a cat [cut]"))
    last = (await ended(endpoint, job.id))[-1]
    with pytest.raises(PollFailed):
        await received(endpoint, last)


async def test_the_key_goes_to_the_endpoint_and_to_no_other_origin(
    server: DialectServer, endpoint: OpenAIEndpoint
) -> None:
    job = await endpoint.submit(asked())
    await received(endpoint, (await ended(endpoint, job.id))[-1])
    warehouse = server.warehouse
    assert bool(warehouse.headers) is (server.dialect.is_elsewhere or bool(server.dialect.content_fails))
    assert all(KEY not in str(headers) for headers in warehouse.headers)


async def test_a_lost_answer_is_looked_for_where_there_is_a_list(
    server: DialectServer, endpoint: OpenAIEndpoint
) -> None:
    before = time.time()
    job = await endpoint.submit(asked())
    for other in (asked("a dog"), ClipRequest("sora-2-2025-12-08", "a cat", ClipSettings(8, "720x1280"))):
        await endpoint.submit(other)
    if not server.dialect.has_list:
        with pytest.raises(PollFailed):
            await endpoint.find(asked(), before)
        return
    assert [one.id for one in await endpoint.find(asked(), before)] == [job.id]
    assert await endpoint.find(asked(), before + 3600) == []


@pytest.mark.parametrize("ahead_s", [-7000, 0, 7000])
async def test_a_server_whose_clock_is_wrong_finds_the_job_and_not_an_older_one(ahead_s: int) -> None:
    """What counts is the age of a job by the server's own clock, as its `Date` header tells it."""
    now = time.time() + ahead_s
    job = {"status": "queued", "prompt": "a cat", "model": "sora-2-2025-12-08"}
    jobs = [{**job, "id": "new", "created_at": int(now)}, {**job, "id": "old", "created_at": int(now) - 10}]
    date = formatdate(now, usegmt=True)
    async with listening(scoring(200, {"data": jobs}, {"date": date})) as server:
        endpoint = OpenAIEndpoint(Endpoint("lab", server.base_url), Secret(KEY), lambda _: b"")
        found = [one.id for one in await endpoint.find(asked(), time.time())]
        await endpoint.aclose()
    assert found == ["new"]


async def test_only_a_server_that_cancels_is_asked_to(server: DialectServer, endpoint: OpenAIEndpoint) -> None:
    job = await endpoint.submit(asked())
    assert await endpoint.cancel(job.id) is server.dialect.is_cancelling
    assert server.orders[job.id].is_deleted is server.dialect.is_cancelling


async def test_a_look_at_the_endpoint_costs_nothing(server: DialectServer, endpoint: OpenAIEndpoint) -> None:
    found = await endpoint.check()
    assert found.is_usable, found.sentence
    assert ("lists no jobs" in found.sentence) is not server.dialect.has_list
    assert set(server.requests) == {"GET list"}


async def test_a_job_that_the_server_does_not_know_is_gone(endpoint: OpenAIEndpoint) -> None:
    with pytest.raises(JobGone):
        await endpoint.poll("never-made")


async def test_a_refused_request_and_a_refused_key_are_said(server: DialectServer) -> None:
    problems = OpenAIEndpoint(Endpoint("lab", server.base_url, profile="generic"), Secret("sk-wrong"), lambda _: b"")
    with pytest.raises(KeyRefused):
        await problems.submit(asked())
    assert not (await problems.check()).is_usable
    await problems.aclose()
    assert not server.orders


async def test_the_wrong_body_is_refused_with_the_servers_words(warehouse: Warehouse) -> None:
    with DialectServer("tensorrt-llm", warehouse, KEY) as server:
        endpoint = OpenAIEndpoint(Endpoint("lab", server.base_url, profile="generic"), Secret(KEY), lambda _: b"")
        with pytest.raises(Refused, match="multipart/form-data is not taken here"):
            await endpoint.submit(asked())
        await endpoint.aclose()


PUBLIC = "https://93.184.216.34/v1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"])  # noqa: S104  # addresses to refuse
async def test_a_public_endpoint_cannot_send_us_to_a_private_address(host: str, warehouse: Warehouse) -> None:
    address = f"{warehouse.origin.replace('127.0.0.1', host)}/1"
    async with httpx2.AsyncClient(trust_env=False) as web:
        with pytest.raises(NotReady, match="private address"):
            async with open_location("lab", address, PUBLIC, Secret(KEY), web):
                pass
    assert warehouse.headers == []


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:9/x", "http://169.254.169.254/latest", "http://[fe80::1]/x", "ftp://x/y"]
)
async def test_nor_by_a_redirect(target: str) -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(302, headers={"location": target})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as web:
        with pytest.raises((NotReady, PollFailed)):
            async with open_location("lab", f"{PUBLIC}/videos/j/content", PUBLIC, Secret(KEY), web):
                pass
    assert seen == [f"{PUBLIC}/videos/j/content"]


@pytest.mark.parametrize(
    "target", ["http://[", "http://h:99999/x", f"http://{'a' * 70}.example/x", "http:///x", "http://\x00/x"]
)
async def test_an_address_that_is_none_is_no_traceback(target: str) -> None:
    async with httpx2.AsyncClient(trust_env=False, timeout=2) as web:
        with pytest.raises((NotReady, PollFailed)):
            async with open_location("lab", target, PUBLIC, Secret(KEY), web):
                pass


async def test_a_redirect_within_the_endpoint_keeps_the_key_and_a_circle_ends() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        return httpx2.Response(307, headers={"location": f"{PUBLIC}/again"})

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as web:
        with pytest.raises(NotReady, match="too many redirects"):
            async with open_location("lab", f"{PUBLIC}/start", PUBLIC, Secret(KEY), web):
                pass
