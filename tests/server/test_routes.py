"""Our routes beside Streamlit's, in this process: clips with ranges, health, headers, and short refusals."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

import app as launcher
from sora_compare import services as composition
from sora_compare.clips.files import POSTER, PREVIEW
from sora_compare.store.tables import takes
from tests.releases.evidence import add_pair
from tests.simulation import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.services import Services

BYTES = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(BYTES).hexdigest()
MISSING = "0" * 64


def browser_here() -> TestClient:
    """A client on this machine, which is the owner's."""
    return TestClient(launcher.app, base_url="http://localhost", client=("127.0.0.1", 50_000))


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    yield composition.services()
    composition.close_services()


@pytest.fixture
def web(services: Services) -> TestClient:
    """Without the lifespan: the services are open already, and no simulator is wanted here."""
    incoming = services.files.incoming("test")
    incoming.write(BYTES)
    incoming.save(".mp4")
    services.files.beside(SHA256, POSTER).write_bytes(b"\xff\xd8 a picture")
    return browser_here()


def test_a_clip_is_served_whole_with_its_type_and_for_ever(web: TestClient) -> None:
    for address in (f"/clips/{SHA256}", f"/clips/{SHA256}.mp4"):
        answer = web.get(address)
        assert answer.status_code == 200
        assert answer.content == BYTES
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["etag"] == f'"{SHA256}"'
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=1000-", 1000, len(BYTES) - 1), ("bytes=-10", len(BYTES) - 10, len(BYTES) - 1)],
)
def test_a_range_is_served_as_asked(asked: str, first: int, last: int, web: TestClient) -> None:
    answer = web.get(f"/clips/{SHA256}.mp4", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.content == BYTES[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(BYTES)}"


def test_a_range_behind_the_end_is_refused_with_the_size(web: TestClient) -> None:
    answer = web.get(f"/clips/{SHA256}.mp4", headers={"Range": "bytes=9999999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(BYTES)}"


def test_a_clip_the_browser_has_is_not_sent_again(web: TestClient) -> None:
    answer = web.get(f"/clips/{SHA256}.mp4", headers={"If-None-Match": f'"{SHA256}"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert web.get(f"/clips/{SHA256}.mp4", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_tells_the_length_and_sends_nothing(web: TestClient) -> None:
    answer = web.head(f"/clips/{SHA256}.mp4")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(BYTES))


def test_a_download_has_a_name_that_tells_nothing_of_the_model(web: TestClient) -> None:
    answer = web.get(f"/clips/{SHA256}/download")
    assert answer.content == BYTES
    assert answer.headers["content-disposition"] == f'attachment; filename="clip-{SHA256[:12]}.mp4"'


def test_what_lies_beside_a_clip_is_served_when_it_is_there(web: TestClient, services: Services) -> None:
    poster = web.get(f"/clips/{SHA256}/poster.jpg")
    assert (poster.status_code, poster.headers["content-type"]) == (200, "image/jpeg")
    assert web.get(f"/clips/{SHA256}/preview.mp4").status_code == 404
    services.files.beside(SHA256, PREVIEW).write_bytes(b"preview")
    preview = web.get(f"/clips/{SHA256}/preview.mp4")
    assert (preview.content, preview.headers["content-type"]) == (b"preview", "video/mp4")
    assert preview.headers["etag"] != poster.headers["etag"]


@pytest.mark.parametrize(
    "address",
    [
        f"/clips/{MISSING}",
        f"/clips/{MISSING}/poster.jpg",
        f"/clips/{MISSING}/download",
        f"/clips/{SHA256}/nothing.txt",
        f"/clips/{SHA256}/a/b/c",
        "/clips/" + "x" * 5000,
        f"/clips/{SHA256[:-1]}",
        f"/clips/{SHA256.upper()}",
        "/clips/",
        "/api/nothing",
    ],
)
def test_what_is_not_there_is_a_short_404(address: str, web: TestClient) -> None:
    answer = web.get(address)
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("There is no such")
    assert len(answer.content) < 100


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_clips_cannot_be_changed_from_outside(method: str, web: TestClient, services: Services) -> None:
    assert web.request(method, f"/clips/{SHA256}").status_code == 405
    assert services.files.has(SHA256)


@pytest.mark.parametrize("address", ["/", "/review", "/api/health", f"/clips/{SHA256}", "/clips/none"])
def test_every_answer_has_the_security_headers(address: str, web: TestClient) -> None:
    headers = web.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "default-src 'self'" in policy


@pytest.mark.parametrize(
    "address", ["/clips/%2e%2e%2f%2e%2e%2fsora-compare.json", "/clips/..%2f..%2fsora-compare.json", "/clips/.."]
)
def test_no_address_leads_out_of_the_clips(address: str, web: TestClient) -> None:
    answer = web.get(address)
    assert "made_by" not in answer.text
    assert answer.status_code in {400, 404} or answer.headers["content-type"].startswith("text/html")


def test_health_is_good_while_takes_can_be_made(web: TestClient, services: Services) -> None:
    wait_until(lambda: services.runner.health.is_holder)
    answer = web.get("/api/health")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["reasons"]) == ("ok", [])
    assert found["runner"] == {"alive": True, "holds_lease": True, "under_way": 0}
    assert found["free_bytes"] > 0


def test_health_is_degraded_by_a_record_that_cannot_be_read(web: TestClient, services: Services) -> None:
    add_pair(services.store, "a ball", 1_000.0)
    take = next(services.store.takes.list())
    services.store.database.run(takes.update().where(takes.c.id == take.id), {"details": "{}"})
    assert len(list(services.store.takes.list())) == 1
    answer = web.get("/api/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert f"takes {take.id}" in answer.json()["left_out"]


def test_health_is_bad_with_reasons_when_the_runner_ended(web: TestClient, services: Services) -> None:
    services.runner.stop()
    answer = web.get("/api/health")
    assert answer.status_code == 503
    assert "The runner has ended: start the app again." in answer.json()["reasons"]


def test_health_is_bad_when_the_data_folder_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path))
    answer = browser_here().get("/api/health")
    assert answer.status_code == 503
    assert "cannot be used" in answer.text
