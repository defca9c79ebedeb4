"""How a clip differs from what was asked for: servers round sizes and lengths to what their model can make."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sora_compare.domain.clips import Clip
    from sora_compare.domain.requests import ClipSettings
    from sora_compare.domain.takes import Take

LENGTH_TOLERANCE_S = 0.5
"""A last frame more or less is no other length."""
MOST_NAMED = 3


def deviations(asked: ClipSettings, clip: Clip) -> tuple[str, ...]:
    """What is different, in words such as "1280x704 instead of 1280x720"; empty when nothing is."""
    found = []
    size = f"{clip.width}x{clip.height}"
    if size != asked.size:
        found.append(f"{size} instead of {asked.size}")
    if abs(clip.duration_s - asked.seconds) > LENGTH_TOLERANCE_S:
        found.append(f"{clip.duration_s:.3g} s instead of {asked.seconds} s")
    return tuple(found)


def deviation_sentences(takes: Iterable[Take]) -> list[str]:
    """For each arm with clips that are not as asked for, how many and what they are."""
    made, other = Counter[str](), dict[str, list[tuple[str, ...]]]()
    for take in takes:
        if take.clip is None:
            continue
        made[str(take.arm)] += 1
        if take.deviations:
            other.setdefault(str(take.arm), []).append(take.deviations)
    return [
        f"{len(found)} of {made[arm]} clips of arm {arm} are not as asked for ({_most_frequent(found)}): the arms may "
        "not be comparable."
        for arm, found in sorted(other.items())
    ]


def _most_frequent(found: list[tuple[str, ...]]) -> str:
    counts = Counter(word for words in found for word in words)
    return ", ".join(word for word, _ in counts.most_common(MOST_NAMED))
