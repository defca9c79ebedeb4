"""Files of outside ratings with a known truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.statistics.designs import opinions

if TYPE_CHECKING:
    from pathlib import Path


def write_ratings(path: Path, *, shift: float, prompts: int = 30, reviewers: int = 4, arms: str = "AB") -> Path:
    """A CSV file in which B is `shift` points better."""
    found = opinions(prompts, reviewers, shift=shift, seed=2)
    lines = ["prompt,reviewer,arm,criterion,score"]
    for row in range(len(found)):
        prompt, reviewer = found.pairs.prompts[found.prompt[row]], found.reviewers[found.reviewer[row]]
        lines += [f"{prompt},{reviewer},{arm},physics,{found.scores[0, 'AB'.index(arm), row]:g}" for arm in arms]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
