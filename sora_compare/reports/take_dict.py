"""A take as the command line and exports tell it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sora_compare.domain.takes import Origin

if TYPE_CHECKING:
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.takes import Take

CLIP_FACTS = ("sha256", "bytes", "width", "height", "fps", "frames", "duration_s", "has_audio")
TIMING_FACTS = ("queued_s", "render_s", "download_s", "first_frame_s", "total_s")


def take_to_dict(take: Take, files: ClipFiles) -> dict[str, Any]:
    """The take as one JSON object; `other_model` is null unless the echoed model contradicts the one asked for.

    `deviations` names what the clip's size and length are instead of what was asked for.
    """
    timings = dataclasses.asdict(take.timings)
    return {
        "id": take.id,
        "arm": str(take.arm),
        "repeat": take.repeat,
        "attempt": take.attempt,
        "endpoint": take.endpoint,
        "model": take.request.model,
        "echoed_model": take.echoed_model,
        "other_model": take.other_model,
        "deviations": list(take.deviations),
        "status": str(take.state),
        "origin": str(take.origin),
        "simulated": take.origin is Origin.SIMULATED,
        "from_cache": take.cached_from is not None,
        "sent_first": None if take.cached_from else take.is_sent_first,
        "job_id": take.job_id,
        "error": take.problem.sentence if take.problem else None,
        "clip": _clip_to_dict(take, files),
        "timings": {name: timings[name] for name in (*TIMING_FACTS, "per_10_s", "job_s")},
    }


def _clip_to_dict(take: Take, files: ClipFiles) -> dict[str, Any] | None:
    if take.clip is None:
        return None
    record = {name: getattr(take.clip, name) for name in CLIP_FACTS}
    path = str(files.path(take.clip.sha256)) if files.has(take.clip.sha256) else None
    return {"path": path, **record, "fps": float(take.clip.frame_rate)}
