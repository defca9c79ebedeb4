"""Bringing existing clips in as takes of comparisons, marked as imported."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sora_compare.archive.reading import Found, LeftOut, require_models
from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Take, TakeState
from sora_compare.errors import ClipError
from sora_compare.generation.take_repository import TakeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sora_compare.archive.reading import Models
    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.clips import Clip
    from sora_compare.generation.postprocessor import Postprocessor
    from sora_compare.store.store import Store

ENDPOINT = "archive"
"""The name that imported takes carry where others carry their endpoint's."""
CHUNK = 1 << 20
UNKNOWN_MODEL = "unknown"
"""The model of an arm without a clip, where nobody named one: no snapshot is assumed."""


@dataclass(slots=True)
class ImportReport:
    """What an import did: comparisons made, clips kept, clips that were there already, and what was left out."""

    comparisons: list[str] = field(default_factory=list)
    kept: int = 0
    already: int = 0
    left_out: list[LeftOut] = field(default_factory=list)


class Archive:
    """Keeps existing clips as takes."""

    def __init__(self, store: Store, files: ClipFiles, worker: ClipWorker, postprocessor: Postprocessor) -> None:
        self._store = store
        self._files = files
        self._worker = worker
        self._postprocessor = postprocessor
        self._repository = TakeRepository(store)

    def import_clips(self, offers: Iterable[Found | LeftOut], models: Models | None = None) -> ImportReport:
        """Check and keep each file; one comparison per prompt, its nth A beside its nth B.

        A file that is no video, too large or unreadable is left out with a sentence, and the others come in.

        Args:
            offers: what to bring in.
            models: of an arm that has no clip here.

        Raises:
            ModelNotNamed: a clip names no model; nothing was kept.
        """
        offered = list(offers)
        require_models(offered)
        report = ImportReport()
        by_prompt = self._checked(offered, report)
        for prompt, clips in by_prompt.items():
            report.comparisons.append(self._comparison(prompt, clips, models or {}))
            report.kept += len(clips)
        return report

    def _checked(self, offered: list[Found | LeftOut], report: ImportReport) -> dict[str, list[tuple[Found, Clip]]]:
        """The clips to keep, by prompt; what is left out or there already goes into the report."""
        by_prompt: defaultdict[str, list[tuple[Found, Clip]]] = defaultdict(list)
        model_of: dict[tuple[str, ArmLabel], str] = {}
        seen: set[str] = set()
        for one in offered:
            if isinstance(one, LeftOut):
                report.left_out.append(one)
                continue
            clip = self._stored_or_left_out(one)
            if isinstance(clip, LeftOut):
                report.left_out.append(clip)
                continue
            key = _fingerprint(one, clip)
            if key in seen or self._store.takes.answer_to(key):
                report.already += 1
            elif (first := model_of.setdefault((one.prompt, one.arm), one.model)) != one.model:
                report.left_out.append(LeftOut(one.where, _other_model(one, first)))
            else:
                by_prompt[one.prompt].append((one, clip))
            seen.add(key)
        return by_prompt

    def _stored_or_left_out(self, found: Found) -> Clip | LeftOut:
        try:
            return self._kept(found.file)
        except ClipError as error:
            return LeftOut(found.where, str(error))
        except OSError as error:
            return LeftOut(found.where, f"it cannot be read ({error.strerror}).")

    def _kept(self, path: Path) -> Clip:
        with path.open("rb") as source, self._files.incoming(new_identifier("imp")) as incoming:
            while chunk := source.read(CHUNK):
                incoming.write(chunk)
            clip = self._worker.probe_now(incoming.path, incoming.sha256)
            incoming.save(clip.extension)
        return clip

    def _comparison(self, prompt: str, clips: list[tuple[Found, Clip]], given: Models) -> str:
        now = time.time()
        first = clips[0][1]
        models = {**given, **{found.arm: found.model for found, _ in reversed(clips)}}
        comparison = Comparison(
            id=new_identifier("cmp", at_s=now),
            prompt=prompt,
            settings=ClipSettings(seconds=max(1, round(first.duration_s)), size=f"{first.width}x{first.height}"),
            arms=(_arm(ArmLabel.A, models), _arm(ArmLabel.B, models)),
            created=now,
            repeats=max(sum(found.arm is label for found, _ in clips) for label in ArmLabel),
            tags=tuple(dict.fromkeys(tag for found, _ in clips for tag in found.tags)),
        )
        count = dict.fromkeys(ArmLabel, 0)
        takes = []
        for found, clip in clips:
            takes.append(_take(comparison, found, clip, count[found.arm], now))
            count[found.arm] += 1
        with self._store.transaction():
            self._store.comparisons.add(comparison, takes)
            for take in takes:
                self._repository.audit("take imported", take)
        asyncio.run(self._dress(takes))
        return comparison.id

    async def _dress(self, takes: list[Take]) -> None:
        for take in takes:
            await self._postprocessor.postprocess(take)


def _other_model(found: Found, first: str) -> str:
    return (
        f"it is of {found.model}, but another clip of arm {found.arm} with the same prompt is of {first}, and a "
        "comparison has one model per arm: bring it in again by itself."
    )


def _arm(label: ArmLabel, models: dict[ArmLabel, str]) -> Arm:
    return Arm(label, ENDPOINT, models.get(label) or UNKNOWN_MODEL)


def _request(found: Found, clip: Clip) -> ClipRequest:
    settings = ClipSettings(seconds=max(1, round(clip.duration_s)), size=f"{clip.width}x{clip.height}")
    return ClipRequest(found.model, found.prompt, settings)


def _fingerprint(found: Found, clip: Clip) -> str:
    return fingerprint(f"{ENDPOINT}:{found.arm}:{clip.sha256}", _request(found, clip), 0)


def _take(comparison: Comparison, found: Found, clip: Clip, repeat: int, now: float) -> Take:
    return Take(
        id=new_identifier("take", at_s=now),
        comparison_id=comparison.id,
        arm=found.arm,
        endpoint=ENDPOINT,
        origin=Origin.IMPORTED,
        request=_request(found, clip),
        fingerprint=_fingerprint(found, clip),
        moments=Moments(planned=now, saved=now, ended=now),
        repeat=repeat,
        state=TakeState.COMPLETED,
        clip=clip,
        progress=100,
    )
