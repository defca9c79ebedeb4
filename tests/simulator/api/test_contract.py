"""The API as the openai SDK and plain HTTP see it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from tests.simulator.conftest import KEY, SMALL, control, create, finished

if TYPE_CHECKING:
    from sora_compare.simulator.process import SimulatorProcess

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
OCTOBER, DECEMBER = "sora-2-2025-10-06", "sora-2-2025-12-08"


def test_the_sdk_creates_watches_downloads_lists_and_deletes(sdk: openai.OpenAI) -> None:
    made = sdk.videos.create(prompt="a testcard", model=OCTOBER, seconds="1", size="128x72")  # type: ignore[arg-type]
    assert (made.object, made.model, made.size, made.seconds) == ("video", OCTOBER, "128x72", "1")
    assert made.status in {"queued", "in_progress"}
    end = time.monotonic() + 60
    while (now := sdk.videos.retrieve(made.id)).status != "completed":
        assert now.status in {"queued", "in_progress"}
        assert time.monotonic() < end
        time.sleep(0.02)
    assert now.progress == 100
    assert now.completed_at is not None
    assert now.expires_at is not None
    assert now.expires_at > now.completed_at >= now.created_at
    assert sdk.videos.download_content(made.id).read()[4:8] == b"ftyp"
    assert made.id in [video.id for video in sdk.videos.list(limit=5)]
    gone = sdk.videos.delete(made.id)
    assert (gone.id, gone.object, gone.deleted) == (made.id, "video.deleted", True)
    with pytest.raises(openai.NotFoundError):
        sdk.videos.retrieve(made.id)


def test_json_and_multipart_make_the_same_job(sdk: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"prompt": "testcard", "model": OCTOBER, **SMALL, "extra_body": {"seed": 7}}
    form = sdk.videos.create(**asked)
    plain = sdk.videos.create(**asked, extra_headers={"Content-Type": "application/json"})
    assert form.model_extra is not None
    assert form.model_extra["seed"] == 7
    keys = ("model", "prompt", "seconds", "size")
    assert [getattr(form, key) for key in keys] == [getattr(plain, key) for key in keys]


def test_the_alias_is_answered_with_the_snapshot_it_means(web: httpx2.Client) -> None:
    assert create(web, model="sora-2")["model"] == DECEMBER
    assert [one["id"] for one in web.get("/models").json()["data"]] == [OCTOBER, DECEMBER, "sora-2"]
    assert web.get("/models/sora-2").json()["object"] == "model"
    assert web.get("/models/sora-9").json()["error"]["code"] == "model_not_found"


def test_progress_rises_from_queued_to_completed(web: httpx2.Client) -> None:
    video = create(web, seconds="8")
    states: list[tuple[str, int]] = [(video["status"], video["progress"])]
    while states[-1][0] != "completed":
        now = web.get(f"/videos/{video['id']}").json()
        states.append((now["status"], now["progress"]))
        time.sleep(0.005)
    order = ["queued", "in_progress", "completed"]
    assert [order.index(status) for status, _ in states] == sorted(order.index(status) for status, _ in states)
    assert [percent for _, percent in states] == sorted(percent for _, percent in states)
    assert all(percent < 100 for status, percent in states if status != "completed")


def test_the_list_pages_in_both_orders(web: httpx2.Client) -> None:
    made = [create(web)["id"] for _ in range(5)]
    first = web.get("/videos", params={"limit": 2}).json()
    assert (first["object"], first["has_more"]) == ("list", True)
    assert [video["id"] for video in first["data"]] == [made[4], made[3]] == [first["first_id"], first["last_id"]]
    second = web.get("/videos", params={"limit": 2, "after": first["last_id"]}).json()
    assert [video["id"] for video in second["data"]] == [made[2], made[1]]
    oldest = web.get("/videos", params={"limit": 100, "order": "asc"}).json()
    ids = [video["id"] for video in oldest["data"]]
    assert ids[-5:] == made
    assert oldest["has_more"] is False


def test_the_sdk_pages_through_everything(sdk: openai.OpenAI, web: httpx2.Client) -> None:
    made = {create(web)["id"] for _ in range(4)}
    assert made <= {video.id for video in sdk.videos.list(limit=3)}


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"prompt": ""}, "prompt", "empty"),
        ({"prompt": "  "}, "prompt", "empty"),
        ({"prompt": None}, "prompt", "Missing required parameter"),
        ({"prompt": "x" * 32_001}, "prompt", "32000"),
        ({"prompt": ["x"]}, "prompt", "Describe the video"),
        ({"seconds": "7.5"}, "seconds", "Supported values are: '4', '8'"),
        ({"seconds": "0"}, "seconds", "Supported values"),
        ({"seconds": "-4"}, "seconds", "Supported values"),
        ({"size": "127x72"}, "size", "'1280x720'"),
        ({"size": "wide"}, "size", "'720x1280'"),
        ({"model": "sora-3"}, "model", DECEMBER),
        ({"model": 2}, "model", DECEMBER),
        ({"seed": "x"}, "seed", "whole number"),
        ({"seed": 2**32}, "seed", "whole number"),
        ({"seed": True}, "seed", "whole number"),
        ({"style": "baroque"}, "style", "'noir'"),
        ({"style_tuning": {"contrast": 2}}, "style_tuning.contrast", "from -1 to 1"),
        ({"style_tuning": {"blur": 0}}, "style_tuning", "contrast"),
        ({"flavour": "mint"}, "flavour", "Unknown parameter"),
        ({"input_reference": "file-1"}, "input_reference", "multipart"),
    ],
)
def test_what_is_wrong_is_refused_with_400_and_says_what_is_allowed(
    web: httpx2.Client, fields: dict[str, Any], param: str, words: str
) -> None:
    before = web.get(control(str(web.base_url).rstrip("/"), "counts")).json()["jobs_created"]
    answer = web.post("/videos", json={"prompt": "testcard", **SMALL, "model": DECEMBER, **fields})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == param
    assert words in error["message"]
    assert error["type"] == "invalid_request_error"
    assert answer.headers["x-request-id"].startswith("req_")
    assert web.get(control(str(web.base_url).rstrip("/"), "counts")).json()["jobs_created"] == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"x", "multipart/form-data", 400),
        (b"<x/>", "text/xml", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(web: httpx2.Client, body: bytes, kind: str, status: int) -> None:
    answer = web.post("/videos", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer sk-bad-key", "Basic abc"])
def test_no_route_answers_without_a_good_key(lab: SimulatorProcess, key: str) -> None:
    headers = {"Authorization": key} if key else {}
    routes = [("GET", "/videos"), ("POST", "/videos"), ("GET", "/videos/video_1"), ("GET", "/videos/video_1/content"),
              ("DELETE", "/videos/video_1"), ("GET", "/models"), ("POST", "/videos/cameos")]  # fmt: skip
    for method, path in routes:
        answer = httpx2.request(method, lab.base_url + path, headers=headers)
        assert answer.status_code == 401, path
        assert "key" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["", "/content", "/content?variant=thumbnail"])
@pytest.mark.parametrize("name", ["video_nothing", "..", "%2e%2e%2fjobs", "video_" + "a" * 300])
def test_unknown_jobs_are_404(web: httpx2.Client, path: str, name: str) -> None:
    answer = web.get(f"/videos/{name}{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]


def test_unknown_routes_answer_in_the_same_shape(web: httpx2.Client) -> None:
    assert web.get("/images").json()["error"]["code"] == "unknown_url"
    assert web.patch("/videos").status_code == 405


def test_content_of_an_unfinished_job_is_404_and_delete_is_refused(lab: SimulatorProcess, web: httpx2.Client) -> None:
    video = create(web, seconds="20")
    answer = web.get(f"/videos/{video['id']}/content")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "video_not_ready")
    refused = web.delete(f"/videos/{video['id']}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "video_not_finished")
    assert lab.is_alive


def test_a_moderated_prompt_ends_as_failed_with_its_code(sdk: openai.OpenAI, web: httpx2.Client) -> None:
    video = finished(web, create(web, prompt="a cat [moderation]")["id"])
    assert (video["status"], video["error"]["code"]) == ("failed", "moderation_blocked")
    assert web.get(f"/videos/{video['id']}/content").status_code == 404
    error = sdk.videos.retrieve(video["id"]).error
    assert error is not None
    assert error.code == "moderation_blocked"


def test_keys_with_any_other_name_are_fine(lab: SimulatorProcess) -> None:
    assert httpx2.get(lab.base_url + "/models", headers={"Authorization": f"bearer {KEY}"}).status_code == 200
