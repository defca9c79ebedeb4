"""What each reviewer's list will hold, in a sentence for whoever sets up the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.sessions.draw import LEAST_FOR_REPEATS, count_items

if TYPE_CHECKING:
    from sora_compare.domain.sessions import Protocol
    from sora_compare.sessions.draw import ItemCounts


def lacks_repeats(pairs: int, protocol: Protocol) -> bool:
    """Whether hidden repeats were asked for and a session of so many pairs is too short for any."""
    return pairs > 0 and protocol.hidden_repeats > 0 and count_items(pairs, protocol).repeats == 0


def list_summary(pairs: int, protocol: Protocol) -> str:
    """How many items of which kind each reviewer sees; where hidden repeats do not fit, how many items they need."""
    counts = count_items(pairs, protocol)
    if lacks_repeats(pairs, protocol):
        return (
            f"No hidden repeats will be shown: they need at least {LEAST_FOR_REPEATS} items in each reviewer's list "
            f"(pairs and same-clip pairs, practice not counted), and this list has {counts.total}. "
            f"For repeats, choose more pairs, give each reviewer more of them, or add same-clip pairs."
        )
    return f"Each reviewer will see {_counted(counts.total, 'item')} besides practice: {_kinds(counts)}."


def _kinds(counts: ItemCounts) -> str:
    kinds = [
        _counted(counts.pairs, "pair"),
        _counted(counts.same_clip_pairs, "same-clip pair"),
        _counted(counts.repeats, "hidden repeat"),
    ]
    apart = f", with at least {counts.between} other items before a pair comes again" if counts.repeats else ""
    return f"{kinds[0]}, {kinds[1]} and {kinds[2]}{apart}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
