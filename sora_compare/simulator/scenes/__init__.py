"""The scenes, and which one a prompt asks for."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from sora_compare.simulator.scenes.plain import Plain
from sora_compare.simulator.scenes.testcard import TestCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.simulator.scenes.scene import Scene, Stage

SCENES: dict[str, Callable[[Stage], Scene]] = {
    "testcard": TestCard,
    "plain": Plain,
}
WORDS: dict[str, str] = {
    "testcard": "testcard test-card mire",
}
"""Beginnings of words that ask for a scene, in English and French without accents, and a few in Chinese."""
BY_CHANCE = sorted(set(SCENES) - {"testcard", "plain"}) or ["testcard"]


def scene_for(prompt: str, seed: int) -> str:
    """The name of the scene whose words come first in the prompt; without any, one chosen by prompt and seed."""
    plain = unicodedata.normalize("NFKD", prompt.casefold())
    text = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = [(match.start(), name) for name, pattern in _PATTERNS.items() if (match := pattern.search(text))]
    if found:
        return min(found)[1]
    digest = hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()
    return BY_CHANCE[digest[0] % len(BY_CHANCE)]


def _pattern(words: str) -> re.Pattern[str]:
    beginnings = [re.escape(word) if not word.isascii() else rf"\b{re.escape(word)}" for word in words.split()]
    return re.compile("|".join(beginnings))


_PATTERNS = {name: _pattern(words) for name, words in WORDS.items()}
