"""What each way in which a create can go wrong means for money, seen over a real socket."""

from __future__ import annotations

import logging
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.requests import ClipRequest, ClipSettings
from sora_compare.endpoints.openai_adapter import OpenAIEndpoint
from sora_compare.endpoints.protocol import Timeouts
from sora_compare.errors import (
    Ambiguous,
    ConfigurationError,
    EndpointError,
    KeyRefused,
    NotSent,
    RateLimited,
    Refused,
    Unreadable,
)
from sora_compare.settings import Secret
from tests.endpoints.sockets import (
    Socket,
    answer_bytes,
    answers_half,
    closes_at_once,
    listening,
    never_answers,
    reads_and_closes,
    scoring,
    self_signed,
)
from tests.simulation import KEY

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator
    from pathlib import Path

REQUEST = ClipRequest("sora-2-2025-12-08", "a cat", ClipSettings(seconds=4, size="1280x720"))
QUICK = Timeouts(connect_s=1.0, create_s=0.4, answer_s=0.4)
HTML = "<!doctype html><title>502</title><h1>Bad Gateway</h1>"
ERROR = {"error": {"message": "told so", "type": "some_error", "param": None, "code": "some_code"}}
QUOTA = {"error": {"message": "no credit", "type": "insufficient_quota", "code": "insufficient_quota"}}


@asynccontextmanager
async def adapter(base_url: str, key: str = KEY) -> AsyncIterator[OpenAIEndpoint]:
    made = OpenAIEndpoint(Endpoint("lab", base_url), Secret(key), lambda _: b"", timeouts=QUICK)
    try:
        yield made
    finally:
        await made.aclose()


async def failed_create(base_url: str, key: str = KEY) -> EndpointError:
    async with adapter(base_url, key) as endpoint:
        with pytest.raises(EndpointError) as caught:
            await endpoint.submit(REQUEST)
    return caught.value


async def test_a_port_where_nobody_listens_is_surely_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await failed_create(f"http://127.0.0.1:{port}/v1")
    assert type(error) is NotSent
    assert "lab cannot be reached (nothing answers at that address and port)" in str(error)


async def test_a_name_that_no_server_has_is_surely_not_sent() -> None:
    error = await failed_create("http://nowhere.invalid/v1")
    assert type(error) is NotSent
    assert "(no server has that name)" in str(error)


async def test_a_certificate_that_is_not_trusted_is_surely_not_sent(tmp_path: Path) -> None:
    behave = scoring(200, {"id": "job_1", "status": "queued"})
    async with listening(behave, tls=self_signed(tmp_path)) as server:
        error = await failed_create(server.base_url.replace("http://", "https://"))
    assert type(error) is NotSent
    assert "(its certificate is not trusted: self-signed certificate)" in str(error)
    assert not server.received


async def test_a_server_without_https_is_surely_not_sent() -> None:
    async def answers_plainly(_: Socket, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer_bytes(400, "this is HTTP"))
        await writer.drain()

    async with listening(answers_plainly) as server:
        error = await failed_create(server.base_url.replace("http://", "https://"))
    assert type(error) is NotSent
    assert "(it does not speak HTTPS there)" in str(error)


@pytest.mark.parametrize("behave", [closes_at_once, reads_and_closes, never_answers, answers_half])
async def test_a_connection_that_ends_before_the_answer_is_ambiguous_and_not_sent_again(behave: Any) -> None:  # noqa: ANN401
    async with listening(behave) as server:
        error = await failed_create(server.base_url)
        assert type(error) is Ambiguous
        assert len(server.received) <= 1
    assert "may or may not exist" in str(error)


ANSWERS: list[tuple[int, object, dict[str, str], type[EndpointError]]] = [
    (400, ERROR, {}, Refused),
    (401, ERROR, {}, KeyRefused),
    (402, ERROR, {}, Refused),
    (403, ERROR, {}, Refused),
    (404, ERROR, {}, Refused),
    (404, HTML, {}, Unreadable),
    (405, HTML, {}, Unreadable),
    (408, ERROR, {}, Ambiguous),
    (409, ERROR, {}, Ambiguous),
    (413, HTML, {}, Refused),
    (422, {"detail": [{"loc": ["body", "seconds"], "msg": "must be a string"}]}, {}, Refused),
    (429, ERROR, {}, RateLimited),
    (429, HTML, {}, RateLimited),
    (429, QUOTA, {}, Refused),
    (500, ERROR, {}, Ambiguous),
    (500, HTML, {}, Ambiguous),
    (502, ERROR, {}, Ambiguous),
    (502, HTML, {}, Ambiguous),
    (503, ERROR, {}, Ambiguous),
    (503, HTML, {}, Ambiguous),
    (503, ERROR, {"retry-after": "3"}, RateLimited),
    (504, ERROR, {}, Ambiguous),
    (504, HTML, {}, Ambiguous),
    (200, HTML, {}, Unreadable),
    (200, b"", {}, Ambiguous),
    (200, b'{"id": "job_1", "sta', {}, Ambiguous),
    (200, {}, {}, Ambiguous),
    (200, {"status": "queued"}, {}, Ambiguous),
    (200, {"code": 200, "msg": "success", "data": None}, {}, Ambiguous),
    (200, {"error": {"message": "no credit", "code": "no_credit"}}, {}, Refused),
    (200, {"code": 1002, "msg": "the balance is too low"}, {}, Refused),
    (200, [], {}, Ambiguous),
]


@pytest.mark.parametrize(("status", "body", "headers", "kind"), ANSWERS)
async def test_an_answer_means_for_money(
    status: int, body: object, headers: dict[str, str], kind: type[EndpointError]
) -> None:
    async with listening(scoring(status, body, headers)) as server:
        error = await failed_create(server.base_url)
        assert type(error) is kind
        assert len(server.received) == 1, "a create was repeated by itself"
    assert error.request_id == "req_test" or kind is Ambiguous


async def test_what_the_server_says_is_told() -> None:
    body = {"detail": [{"loc": ["body", "seconds"], "msg": "must be a string"}]}
    async with listening(scoring(422, body)) as server:
        assert "must be a string" in str(await failed_create(server.base_url))


@pytest.mark.parametrize(
    ("headers", "wait"), [({"retry-after": "7"}, 7.0), ({"openai-poll-after-ms": "250"}, 0.25), ({}, None)]
)
async def test_a_rate_limit_says_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    async with listening(scoring(429, ERROR, headers)) as server:
        error = await failed_create(server.base_url)
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == wait


async def test_a_create_that_was_led_elsewhere_and_became_a_get_made_nothing() -> None:
    """A 301 turns the POST into a GET of the list, as from http to https: no job, and the base URL is wrong."""
    listed = {"object": "list", "data": [{"id": "old", "status": "completed"}]}
    async with (
        listening(scoring(200, listed)) as other,
        listening(scoring(301, b"", {"location": f"{other.base_url}/videos"})) as server,
    ):
        error = await failed_create(server.base_url)
    assert type(error) is Unreadable


LEAKS = [
    (400, {"error": {"message": f"bad header: Bearer {KEY}", "code": "bad"}}),
    (401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}),
    (403, {"detail": f"{KEY} may not do this"}),
    (429, {"error": f"{KEY} is too fast"}),
    (500, {"error": {"message": f"upstream said no to {KEY}"}}),
    (200, {"error": f"{KEY}?"}),
]


@pytest.mark.parametrize(("status", "body"), LEAKS)
async def test_a_key_that_the_server_repeats_is_in_no_error_and_no_log(
    status: int, body: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("openai", "httpx2", "httpcore2", "asyncio"):
            caplog.set_level(logging.DEBUG, logger=name)
        async with listening(scoring(status, body)) as server:
            error = await failed_create(server.base_url)
            logging.getLogger("test").error("failed", exc_info=error)
            assert any(KEY.encode() in request for request in server.received), "the key was never sent"
    text = f"{error} {error!r} {error.args} {error.code}"
    assert KEY not in text
    assert caplog.records
    assert KEY not in caplog.text


async def test_a_failed_job_that_repeats_the_key_is_told_without_it() -> None:
    body = {"id": "j", "status": "failed", "error": {"message": f"no such key {KEY}", "code": KEY}}
    async with listening(scoring(200, body)) as server, adapter(server.base_url) as endpoint:
        assert KEY not in repr(await endpoint.poll("j"))


def test_neither_the_adapter_nor_the_secret_shows_the_key() -> None:
    endpoint = OpenAIEndpoint(Endpoint("lab", "http://127.0.0.1:1/v1"), Secret(KEY), lambda _: b"")
    assert KEY not in f"{endpoint!r} {Secret(KEY)!r} {Secret(KEY)}"


@pytest.mark.parametrize("key", ["sk-schlüssel-0123456789", "sk-two\nlines-0123456789", "sk-nul\0-0123456789"])
def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        OpenAIEndpoint(Endpoint("lab", "http://127.0.0.1:1/v1"), Secret(key), lambda _: b"")
    assert "key" in str(caught.value)
    assert "0123456789" not in str(caught.value)


async def test_blanks_around_a_key_do_not_matter() -> None:
    async with (
        listening(scoring(200, {"id": "j", "status": "queued"})) as server,
        adapter(server.base_url, f" {KEY}\n") as one,
    ):
        await one.submit(REQUEST)
        assert f"Authorization: Bearer {KEY}\r\n".lower().encode() in server.received[0].lower()


async def test_without_a_key_no_authorisation_is_sent() -> None:
    async with listening(scoring(401, ERROR)) as server:
        error = await failed_create(server.base_url, "")
        assert b"authorization" not in server.received[0].lower()
    assert isinstance(error, KeyRefused)
    assert "no key was sent" in str(error)


async def test_what_the_environment_says_of_an_account_goes_to_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "from-the-environment")
    async with listening(scoring(400, ERROR)) as server:
        await failed_create(server.base_url)
        assert b"from-the-environment" not in server.received[0]


async def test_a_slow_create_has_its_own_time_limit() -> None:
    async with listening(never_answers) as server, adapter(server.base_url) as endpoint:
        with pytest.raises(Ambiguous, match="no answer in time"):
            await endpoint.submit(REQUEST)


LENGTH_SAID = {"error": {"message": "Invalid value: '25'. Supported values are: '4', '8'.", "param": "seconds"}}
LENGTH_AT = {"detail": [{"loc": ["body", "duration"], "msg": "Input should be less than 20", "type": "less_than"}]}
LENGTH_TOLD = {"error": {"message": "seconds must be one of 4, 8, 12"}}
SIZE_SAID = {"error": {"message": "Invalid value: '9x9'.", "param": "size"}}
WAIT_TOLD = {"error": {"message": "Busy: no answer in 30 seconds, try again in 20 seconds"}}
OVER_QUOTA = {"error": {"message": "duration is over your quota", "code": "insufficient_quota"}}


@pytest.mark.parametrize(
    ("status", "body", "parameter"),
    [
        (400, LENGTH_SAID, "seconds"), (422, LENGTH_AT, "seconds"), (400, LENGTH_TOLD, "seconds"),
        (200, LENGTH_TOLD, "seconds"), (400, SIZE_SAID, "size"), (400, WAIT_TOLD, None), (403, LENGTH_TOLD, None),
        (400, OVER_QUOTA, None), (400, ERROR, None),
    ],
)  # fmt: skip
async def test_a_refusal_tells_which_field_it_is_about(status: int, body: object, parameter: str | None) -> None:
    async with listening(scoring(status, body)) as server:
        error = await failed_create(server.base_url)
    assert isinstance(error, Refused)
    assert error.parameter == parameter
