"""A store full of everything: a take in every state, several pairs, reviews, and text that wants to be code."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from sora_compare.domain.clips import Clip
from sora_compare.domain.comparisons import Arm, Comparison
from sora_compare.domain.endpoints import Endpoint
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.requests import ClipRequest, ClipSettings, fingerprint
from sora_compare.domain.reviews import ASKED, Review, Score
from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, Moments, Origin, Problem, Take, TakeState
from sora_compare.ui.components.player import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.clips.files import ClipFiles
    from sora_compare.store.store import Store

HOSTILE = (
    "<script>alert(1)</script> **bold** `code` $x^2$ :red[red] :material/home: [link](javascript:alert(1)) "
    "| a | b |\n# heading\n<img src=x onerror=alert(1)> {{7*7}} \\ :smile: -> ~~gone~~"
)
START = 1_790_000_000.0
MINUTE = 60.0
SETTINGS = ClipSettings(seconds=4, size="1280x720")
ARMS = (Arm(ArmLabel.A, "simulator", DEFAULT_A), Arm(ArmLabel.B, "simulator", DEFAULT_B))
WITHOUT_CLIP = frozenset(TakeState) - {TakeState.COMPLETED}


def clip(files: ClipFiles, words: str) -> Clip:
    """A kept file that says it is a clip; enough for pages, which never decode."""
    data = words.encode()
    incoming = files.incoming(f"fill-{hashlib.sha256(data).hexdigest()[:16]}")
    incoming.write(data)
    return Clip(
        sha256=incoming.save(".mp4"),
        bytes=len(data),
        container="mp4",
        video_codec="h264",
        width=1280,
        height=720,
        fps="30/1",
        frames=120,
        duration_s=4.0,
        has_audio=True,
        audio_codec="aac",
        audio_rate=48_000,
        pixel_format="yuv420p",
    )


def comparison(prompt: str, *, at: float = START, arms: tuple[Arm, Arm] = ARMS, repeats: int = 1) -> Comparison:
    """A comparison planned at that moment."""
    return Comparison(
        id=new_identifier("cmp", at_s=at),
        prompt=prompt,
        settings=SETTINGS,
        arms=arms,
        created=at,
        repeats=repeats,
        tags=("demo",),
    )


def take(
    of: Comparison,
    label: ArmLabel,
    state: TakeState,
    kept: Clip | None = None,
    *,
    repeat: int = 0,
    total_s: float = 12.0,
    origin: Origin = Origin.SIMULATED,
) -> Take:
    """One take in that state, with the moments that a real one would have by then."""
    arm, at = of.arm(label), of.created
    request = ClipRequest(arm.model, of.prompt, of.settings)
    is_done = state is TakeState.COMPLETED
    moments = Moments(planned=at, submitting=at, submitted=at + 0.2)
    if is_done:
        moments = dataclasses.replace(
            moments,
            first_progress=at + total_s * 0.1,
            completed=at + total_s * 0.9,
            first_frame=at + total_s * 0.95,
            saved=at + total_s,
        )
    problem = Problem(f"The endpoint said: {HOSTILE}", "bad_thing", "req_1")
    return Take(
        id=new_identifier("take", at_s=at),
        comparison_id=of.id,
        arm=label,
        endpoint=arm.endpoint,
        origin=origin,
        request=request,
        fingerprint=fingerprint(arm.endpoint, request, repeat),
        moments=dataclasses.replace(moments, ended=at + total_s if state.is_outcome else None),
        repeat=repeat,
        state=state,
        job_id="video_1",
        echoed_model=arm.model,
        progress=45 if state is TakeState.RUNNING else None,
        notice=HOSTILE if state is TakeState.QUEUED else None,
        problem=problem if state.is_outcome and not is_done else None,
        clip=kept if is_done else None,
        estimated_dollars=0.4,
    )


def review(of: Comparison, takes: tuple[Take, Take], reviewer: str, a: int, b: int, *, has_face: bool = True) -> Review:
    """One review with the same score for each asked criterion; without a face that one is not applicable."""
    scores = [
        Score(criterion, arm, value if has_face or criterion != "faces" else None)
        for criterion in ASKED
        for arm, value in ((ArmLabel.A, a), (ArmLabel.B, b))
    ]
    return Review(
        id=new_identifier("rev", at_s=of.created + MINUTE),
        comparison_id=of.id,
        repeat=takes[0].repeat,
        takes=(takes[0].id, takes[1].id),
        reviewer=reviewer,
        created=of.created + MINUTE,
        scores=tuple(scores),
        preference=max(-3, min(3, b - a)),
        note=HOSTILE,
        is_blind=True,
    )


def fill_pair(
    store: Store, make_clip: Callable[[str], Clip], prompt: str, *, at: float, total_s: float = 12.0
) -> tuple[Comparison, tuple[Take, Take]]:
    """One comparison whose two clips are there."""
    made = comparison(prompt, at=at)
    a = take(made, ArmLabel.A, TakeState.COMPLETED, make_clip("a"), total_s=total_s * 1.1)
    b = take(made, ArmLabel.B, TakeState.COMPLETED, make_clip("b"), total_s=total_s)
    store.comparisons.add(made, (a, b))
    return made, (a, b)


def fill(store: Store, make_clip: Callable[[str], Clip]) -> dict[str, Comparison]:
    """Pairs with reviews, hostile text, and one comparison for every state; returns some of them by name."""
    found: dict[str, Comparison] = {}
    for number, words in enumerate(("A ball drops through a hoop", "Blocks fall from a table", HOSTILE)):
        made, pair = fill_pair(store, make_clip, words, at=START + number * MINUTE, total_s=10.0 + number)
        store.reviews.add(review(made, pair, "Ana", 5 + number, 8, has_face=number > 0))
        store.reviews.add(review(made, pair, "Ben <b>", 7, 6 + number))
        found["hostile" if words is HOSTILE else f"scored {number}"] = made
    for number, state in enumerate(TakeState):
        made = comparison(f"A take that is {state.replace('_', ' ')}", at=START + (10 + number) * MINUTE)
        done = state is TakeState.COMPLETED
        a = take(made, ArmLabel.A, state, make_clip("a") if done else None)
        b = take(made, ArmLabel.B, TakeState.COMPLETED, make_clip("b"))
        store.comparisons.add(made, (a, b))
        found[state] = made
    return found


def completed(of: Take, kept: Clip) -> Take:
    """The take with its outcome."""
    return dataclasses.replace(of, state=TakeState.COMPLETED, clip=kept)


def without_seeds(name: str) -> Endpoint:
    """An endpoint whose models take no seed."""
    return Endpoint(name=name, base_url="http://127.0.0.1:9/v1", profile="gemini-compat")


def player_report(markers: list[dict[str, object]]) -> dict[str, object]:
    """What the player tells when playback pauses."""
    drift = {"p50_ms": 1.0, "p95_ms": 4.0, "max_ms": 9.0, "clock_p95_ms": 3.0, "samples": 120}
    return {
        "report": {
            "sequence": 1,
            "event": "marker",
            "markers": markers,
            "drift": drift,
            "watched_to_end": True,
            "watched_share": 1.0,
            "coarse": False,
            "view": asdict(ViewState()),
        }
    }
