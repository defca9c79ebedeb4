"""Which arm of a pair stands on which side, and whether whoever looks knows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.takes import ArmLabel
from sora_compare.ui.components.arms import COLOURS, arm_badge

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take
    from sora_compare.ui.components.pairs import Pair
    from sora_compare.ui.components.player.values import Side

LEFT: Side = "left"
RIGHT: Side = "right"
SIDES: tuple[Side, Side] = (LEFT, RIGHT)


@dataclass(frozen=True, slots=True)
class Sides:
    """The layout of one pair.

    Attributes:
        left: the arm on the left.
        is_blind: whether names, colours and facts of the arms are hidden.
    """

    left: ArmLabel = ArmLabel.A
    is_blind: bool = False

    @property
    def arms(self) -> tuple[ArmLabel, ArmLabel]:
        """The arms on the left and on the right."""
        return (ArmLabel.A, ArmLabel.B) if self.left is ArmLabel.A else (ArmLabel.B, ArmLabel.A)

    def arm(self, side: Side) -> ArmLabel:
        """The arm on a side."""
        return self.arms[SIDES.index(side)]

    def side(self, arm: ArmLabel) -> Side:
        """The side of an arm."""
        return SIDES[self.arms.index(arm)]

    def takes(self, pair: Pair) -> tuple[Take, Take]:
        """The takes on the left and on the right."""
        return (pair.a, pair.b) if self.left is ArmLabel.A else (pair.b, pair.a)

    def label(self, side: Side) -> str:
        """What a side is called on screen: its arm, or its place while the arms are hidden."""
        return side.capitalize() if self.is_blind else str(self.arm(side))

    def badge(self, side: Side) -> str:
        """The label as Markdown, in its arm's colour unless that is hidden."""
        return f":gray-badge[{self.label(side)}]" if self.is_blind else arm_badge(self.arm(side))

    def color(self, side: Side) -> str | None:
        """CSS colour of a side; None while the arms are hidden."""
        return None if self.is_blind else f"var(--st-{COLOURS[self.arm(side)]}-color)"

    def turned(self, preference: int | None) -> int | None:
        """A preference by side as one by arm, or back: negative for the left, or for A."""
        return preference if preference is None or self.left is ArmLabel.A else -preference


def drawn_left(reviewer: str, pair: str) -> ArmLabel:
    """The arm on the left of a pair for a reviewer: a draw of its own for each, and the same at every look."""
    drawn = hashlib.sha256(f"{pair}\n{reviewer}".encode()).digest()[0]
    return tuple(ArmLabel)[drawn % len(ArmLabel)]
