"""Other people's browsers and programs at a running server, over a real socket."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Protocol

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from sora_compare.access.limits import MOST_GUESSES
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.server.running import RunningApp, free_port
from tests.sessions import stock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import RunApp

TOKEN, OTHER_TOKEN = "A" * 24, "B" * 24
PASSPHRASE = "open sesame"
PUBLIC = "compare.lab.example"
FOR_OWNERS = {"/media/nothing.csv": 404, "/_stcore/metrics": 200}
"""What owners get under addresses that are Streamlit's."""
CLIP = f"/clips/{'0' * 64}"
"""404 for owners, 403 for others. Health would do as well, were it not 503 until the runner holds its lease."""

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]


class OpenBrowser(Protocol):
    """Opens browsers at a running app."""

    def __call__(self, app: RunningApp, *, token: str | None = None, **headers: str) -> httpx2.Client:
        """One with cookies of its own; with a token, the owner's."""


@pytest.fixture
def browser() -> Iterator[OpenBrowser]:
    with ExitStack() as opened:

        def start(app: RunningApp, *, token: str | None = None, **headers: str) -> httpx2.Client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            client = httpx2.Client(base_url=app.url, trust_env=False, timeout=30, headers=named)
            opened.enter_context(client)
            if token:
                assert client.get("/api/owner", params={"token": token}).status_code == 303
            return client

        yield start


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("strangers") / "home"


@pytest.fixture(scope="module")
def invitation(home: Path) -> str:
    """The path of a link with a passphrase."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)
    session = stock.new_session(opened, stock.fill_paper_pairs(opened, 1))
    _, token = opened.sessions.admission.invite(session.id, passphrase=PASSPHRASE)
    opened.close()
    return f"/join/{token}"


@pytest.fixture(scope="module")
def app(home: Path, invitation: str) -> Iterator[RunningApp]:
    """A server with an owner token."""
    assert invitation
    running = RunningApp(home, home.with_name("log"), SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """A server below a path, which is told to believe the proxy on this machine."""
    folder = tmp_path_factory.mktemp("proxy")
    settings = {
        "SORA_COMPARE_OWNER_TOKEN": TOKEN,
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        "STREAMLIT_SERVER_BASE_URL_PATH": "compare",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": PUBLIC,
    }
    running = RunningApp(folder / "home", folder / "log", **settings).wait()
    yield running
    running.kill()


def status_of_stream(app: RunningApp, origin: str | None, base: str = "", **headers: str) -> int:
    """What a websocket to Streamlit's stream is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"ws://127.0.0.1:{app.port}{base}/_stcore/stream"
    try:
        with connect(address, origin=origin, subprotocols=["streamlit"], additional_headers=named, proxy=None):  # type: ignore[list-item,arg-type]  # plain text is fine
            return 101
    except InvalidStatus as error:
        return error.response.status_code


def test_the_cookie_of_an_owner_token_ends_with_the_token(run_app: RunApp, browser: OpenBrowser) -> None:
    first = run_app(SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    owner = browser(first, token=TOKEN)
    assert owner.get(CLIP).status_code == 404
    first.end()
    second = run_app(port=first.port, SORA_COMPARE_OWNER_TOKEN=OTHER_TOKEN).wait()
    assert owner.get(CLIP).status_code == 403
    assert browser(second, token=OTHER_TOKEN).get(CLIP).status_code == 404


def test_logging_out_ends_every_copy_of_the_cookie_after_a_restart_too(run_app: RunApp, browser: OpenBrowser) -> None:
    first = run_app(SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    leaving, staying, thief = browser(first, token=TOKEN), browser(first, token=TOKEN), browser(first)
    thief.cookies.update(leaving.cookies)
    assert thief.get(CLIP).status_code == 404
    assert leaving.get("/api/leave").status_code == 303
    assert [one.get(CLIP).status_code for one in (leaving, thief, staying)] == [403, 403, 404]
    first.end()
    run_app(port=first.port, SORA_COMPARE_OWNER_TOKEN=TOKEN).wait()
    assert [one.get(CLIP).status_code for one in (leaving, thief, staying)] == [403, 403, 404]


def test_a_websocket_is_open_only_to_pages_of_the_very_same_port(app: RunningApp) -> None:
    here = f"http://127.0.0.1:{app.port}"
    assert status_of_stream(app, here) == 101
    assert status_of_stream(app, None) == 101, "no browser: those always name their origin"
    foreign = [
        f"http://127.0.0.1:{free_port()}",
        f"http://localhost:{app.port}",
        "http://127.0.0.1",
        "null",
        "http://[",
    ]
    assert {origin: status_of_stream(app, origin) for origin in foreign} == dict.fromkeys(foreign, 403)
    claimed = {"X_Forwarded_Host": PUBLIC}
    assert status_of_stream(app, f"https://{PUBLIC}", **claimed) == 403, "no proxy was named"


def test_a_page_of_another_port_reads_nothing_in_the_owners_name(app: RunningApp, browser: OpenBrowser) -> None:
    owner = browser(app, token=TOKEN)
    for path, status in {**FOR_OWNERS, CLIP: 404}.items():
        assert owner.get(path, headers={"Origin": app.url}).status_code == status
        assert owner.get(path, headers={"Origin": f"http://127.0.0.1:{free_port()}"}).status_code == 403


def test_the_owner_token_that_was_set_is_not_printed(app: RunningApp) -> None:
    message = app.said()
    assert f"put the SORA_COMPARE_OWNER_TOKEN that you set behind {app.url}/api/owner?token=\n" in message
    assert TOKEN not in message


def test_behind_a_named_proxy_a_websocket_is_open_to_pages_of_the_public_name(behind_proxy: RunningApp) -> None:
    def status(origin: str) -> int:
        return status_of_stream(behind_proxy, origin, "/compare", X_Forwarded_Host=PUBLIC, X_Forwarded_Proto="https")

    assert status(f"https://{PUBLIC}") == 101
    assert {status(one) for one in (f"https://{PUBLIC}:8443", f"http://127.0.0.1:{behind_proxy.port}")} == {403}


def test_wrong_guesses_lock_nobody_else_out(app: RunningApp, invitation: str, browser: OpenBrowser) -> None:
    guest = browser(app)
    joined = guest.post(invitation, data={"name": "Ana", "passphrase": PASSPHRASE})
    assert joined.status_code == 303
    personal = joined.cookies["sora_compare_reviewer"]
    problems = [browser(app, X_Forwarded_For=f"192.0.2.{number}") for number in range(MOST_GUESSES + 1)]
    lines = [one.get("/api/owner", params={"token": "guess"}) for one in problems]
    assert [one.status_code for one in lines] == [403] * MOST_GUESSES + [429], "made-up addresses are all one"
    assert 0 < int(lines[-1].headers["retry-after"]) <= 300
    for path in ("/r/guess", "/join/guess"):
        refused = guest.get(path)
        assert (refused.status_code, "retry-after" in refused.headers) == (429, True)
    assert browser(app, token=TOKEN).get(CLIP).status_code == 404
    assert browser(app).get(f"/r/{personal}").status_code == 303
    assert browser(app).get(invitation).status_code == 200


def test_what_a_proxy_says_is_believed_where_it_was_named(
    app: RunningApp, behind_proxy: RunningApp, browser: OpenBrowser
) -> None:
    def cookie(running: RunningApp) -> str:
        asked = browser(running, X_Forwarded_Proto="https", X_Forwarded_For="192.0.2.1")
        return asked.get("/api/owner", params={"token": TOKEN}).headers["set-cookie"]

    assert "Secure" in cookie(behind_proxy)
    assert "Secure" not in cookie(app)
    guessing, other = (browser(behind_proxy, X_Forwarded_For=one) for one in ("192.0.2.1", "192.0.2.2"))
    lines = [guessing.get("/api/owner", params={"token": "guess"}).status_code for _ in range(MOST_GUESSES + 1)]
    assert lines[-1] == 429
    assert other.get("/api/owner", params={"token": "guess"}).status_code == 403


def test_downloads_and_metrics_are_closed_to_nobody(app: RunningApp, invitation: str, browser: OpenBrowser) -> None:
    guest, owner = browser(app), browser(app, token=TOKEN)
    guest.post(invitation, data={"name": "Ben", "passphrase": PASSPHRASE})
    for path, status in FOR_OWNERS.items():
        for client in (browser(app), guest):
            assert {client.request(method, path).status_code for method in ("GET", "HEAD", "OPTIONS")} == {403}
        assert owner.get(path).status_code == status


def test_downloads_and_metrics_below_a_path_are_closed_too(behind_proxy: RunningApp, browser: OpenBrowser) -> None:
    nobody, owner = browser(behind_proxy), browser(behind_proxy, token=TOKEN)
    for path, status in FOR_OWNERS.items():
        assert (nobody.get(f"/compare{path}").status_code, owner.get(f"/compare{path}").status_code) == (403, status)


def test_our_own_addresses_lie_below_the_path_and_so_does_where_they_lead(
    behind_proxy: RunningApp, browser: OpenBrowser
) -> None:
    owner = browser(behind_proxy)
    entered = owner.get("/compare/api/owner", params={"token": TOKEN})
    assert (entered.status_code, entered.headers["location"]) == (303, "/compare/")
    assert "free_bytes" in owner.get("/compare/api/health").json()
    assert owner.get(f"/compare{CLIP}").status_code == 404
    assert owner.get("/compare/api/leave").headers["location"] == "/compare/auth/logout"
    nobody = browser(behind_proxy)
    for path in ("/compare/api/health", f"/compare{CLIP}", "/compare/api//health", "/compare/compare/api/health"):
        assert "free_bytes" not in nobody.get(path).text
    assert nobody.get("/compare/join/forged").status_code == 403


def test_the_server_answers_while_the_store_is_being_written(
    app: RunningApp, home: Path, invitation: str, browser: OpenBrowser
) -> None:
    nobody, guest, owner = browser(app), browser(app), browser(app, token=TOKEN)
    (database,) = home.rglob("store.db")
    with ThreadPoolExecutor(1) as pool, closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        try:
            admission = pool.submit(guest.post, invitation, data={"name": "Slow", "passphrase": PASSPHRASE})
            for _ in range(20):
                assert nobody.get("/api/alive").status_code == 200
            assert owner.get(CLIP).status_code == 404, "who asks is still told apart"
            assert not admission.done()
        finally:
            writer.execute("ROLLBACK")
        assert admission.result().status_code == 303
