"""The dialect table as data: what each family of servers says, takes and does with a failed job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Order:
    """A job as the server keeps it."""

    number: int
    form: dict[str, Any]
    content_type: str
    made: float
    looks: int = 0
    downloads: int = 0
    is_deleted: bool = False

    @property
    def id(self) -> str:
        """Opaque, with letters that are special in addresses."""
        return f"job:{self.number}+é="

    def asks_for(self, what: str) -> bool:
        """Whether the prompt orders this."""
        return f"[{what}]" in str(self.form.get("prompt"))


def openai_video(order: Order, word: str, _: str) -> dict[str, Any]:
    """The Video object of OpenAI."""
    return {
        "id": order.id, "object": "video", "status": word, "model": order.form.get("model"),
        "progress": order.looks * 30, "created_at": int(order.made), "size": order.form.get("size"),
        "seconds": order.form.get("seconds"), "prompt": order.form.get("prompt"), "error": None,
    }  # fmt: skip


def vllm_video(order: Order, word: str, files: str) -> dict[str, Any]:
    """With what vLLM-Omni adds."""
    return {
        **openai_video(order, word, files),
        "inference_time_s": 1.5,
        "fps": 24,
        "seed": None,
        "negative_prompt": None,
    }


def litellm_video(order: Order, word: str, _: str) -> dict[str, Any]:
    """Mostly nulls, and an id that is encoded anew by every status request."""
    known = order.id if order.looks == 0 else f"video_reencoded_{order.looks}_{order.id}"
    return {"id": known, "object": "video", "status": word, "model": None, "progress": None, "prompt": None}


def sglang_video(order: Order, word: str, _: str) -> dict[str, Any]:
    """Progress 0, then 100."""
    return {**openai_video(order, word, _), "progress": 100 if word == "completed" else 0}


def tensorrt_video(order: Order, word: str, _: str) -> dict[str, Any]:
    """A share as progress, a float as duration."""
    done = {"id": order.id, "status": word, "progress": min(1.0, order.looks / 3)}
    return {**done, "duration": order.form["duration"], "prompt": order.form["prompt"], "created_at": order.made}


def openrouter_video(order: Order, word: str, files: str) -> dict[str, Any]:
    """The file's address in a list; the error as the provider gave it."""
    urls = {"unsigned_urls": [files]} if word == "completed" else {}
    return {"id": order.id, "polling_url": "/x", "status": word, **urls}


def new_api_task(order: Order, word: str, files: str) -> dict[str, Any]:
    """`task_id` at first, the address in metadata, progress as text."""
    name = "task_id" if order.looks == 0 else "id"
    record = {name: order.id, "object": "video", "status": word, "progress": f"{order.looks * 30}%"}
    return {**record, "metadata": {"url": files}} if word == "completed" else record


def gemini_video(order: Order, word: str, files: str) -> dict[str, Any]:
    """The address in the status body."""
    return {
        "id": order.id,
        "status": word,
        "model": order.form["model"],
        **({"url": files} if word == "completed" else {}),
    }


def reseller_task(order: Order, word: str, files: str) -> dict[str, Any]:
    """Everything wrapped, words in capitals, times in milliseconds."""
    task = {"task_id": order.id, "task_status": word, "submit_time": int(order.made * 1000), "progress": 0.4}
    return {
        "code": 0,
        "msg": "success",
        "data": {**task, "outputs": {"video_url": files}} if word == "SUCCESS" else task,
    }


OPENAI_ERROR = {"error": {"code": "server_error", "message": "out of memory"}}
OPENAI_BLOCK = {"error": {"code": "moderation_blocked", "message": "blocked by moderation"}}


@dataclass(frozen=True)
class Dialect:
    """How a family of servers behaves.

    Attributes:
        says: the body of a create and of a status answer.
        words: status words on the way, then when done, failed and blocked.
        created: status of the answer to a create.
        takes: content types of a create.
        length: the field that must carry the seconds.
        failure, block: what a failed or blocked job carries.
        failed_status: HTTP status of a status answer about a failed job.
        is_elsewhere: whether the file lies on another server, whose address is in the status body.
        not_ready: the content route's answer before the end.
        deletes: what DELETE answers, and whether it stops the job.
    """

    says: Callable[[Order, str, str], dict[str, Any]]
    words: tuple[str, str, str, str, str] = ("queued", "in_progress", "completed", "failed", "failed")
    created: int = 200
    takes: tuple[str, ...] = ("multipart/form-data", "application/json")
    length: str = "seconds"
    failure: dict[str, Any] = field(default_factory=lambda: OPENAI_ERROR)
    block: dict[str, Any] = field(default_factory=lambda: OPENAI_BLOCK)
    failed_status: int = 200
    is_elsewhere: bool = False
    content_fails: int = 0
    not_ready: tuple[int, Any] = (404, {"error": {"message": "Video is not ready yet"}})
    is_cancelling: bool = False
    has_list: bool = True


TEXT_ERROR = {"error": "out of memory"}
MESSAGE_ERROR, MESSAGE_BLOCK = {"error": {"message": "out of memory"}}, {"error": {"message": "content_policy: no"}}
CODE_ERROR = {"error": {"code": 5003, "msg": "out of memory"}}
CODE_BLOCK = {"error": {"code": "sensitive_content_detected", "msg": "no"}}
PENDING = ("pending", "in_progress", "completed", "failed", "failed")

DIALECTS: dict[str, Dialect] = {
    "openai": Dialect(openai_video),
    "azure": Dialect(openai_video, block={"error": {"code": "content_filter", "message": "filtered"}}),
    "litellm": Dialect(litellm_video, has_list=False),
    "vllm-omni": Dialect(
        vllm_video, takes=("multipart/form-data",), failed_status=500, is_cancelling=True,
        failure={"error": {"code": 500, "message": "out of memory"}}, not_ready=(404, {"detail": "still in-progress"}),
    ),
    "sglang": Dialect(
        sglang_video, ("queued", "queued", "completed", "failed", "failed"), failure=MESSAGE_ERROR, block=MESSAGE_BLOCK,
        content_fails=400,
    ),
    "tensorrt-llm": Dialect(
        tensorrt_video, ("queued", "queued", "completed", "failed", "failed"), 202, ("application/json",), "duration",
        TEXT_ERROR, {"error": "safety checker: blocked"}, not_ready=(400, {"detail": "not ready"}), has_list=False,
    ),
    "openrouter": Dialect(
        openrouter_video, PENDING, 202, ("application/json",), "duration", TEXT_ERROR, {"error": "moderation: no"},
        is_elsewhere=True, has_list=False,
    ),
    "new-api": Dialect(
        new_api_task, ("unknown", "processing", "completed", "failed", "failed"), is_elsewhere=True, has_list=False,
        failure={"error": {"message": "out of memory", "code": "bad"}},
        not_ready=(400, {"message": "not completed yet"}),
    ),
    "gemini-compat": Dialect(
        gemini_video, ("queued", "processing", "completed", "failed", "failed"), is_elsewhere=True, has_list=False
    ),
    "reseller": Dialect(
        reseller_task, ("SUBMITTED", "processing", "SUCCESS", "FAILURE", "rejected"), 200, ("application/json",),
        "seconds", CODE_ERROR, CODE_BLOCK, is_elsewhere=True, has_list=False,
    ),
    "generic": Dialect(openai_video, ("created", "running", "succeeded", "error", "rejected"), length="seconds"),
}  # fmt: skip
