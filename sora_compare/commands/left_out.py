"""What a command could not read, on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.services import Services


def print_left_out(opened: Services) -> None:
    """Count and name the records that were met and cannot be read."""
    sentence = opened.store.records.damaged.sentence
    if sentence:
        sys.stderr.write(f"{sentence}\n")
