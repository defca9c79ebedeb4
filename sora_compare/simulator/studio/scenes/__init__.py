"""The scenes, and which one a prompt asks for."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from sora_compare.simulator.studio.scenes.basketball import Basketball
from sora_compare.simulator.studio.scenes.billiards import Billiards
from sora_compare.simulator.studio.scenes.blocks import Blocks
from sora_compare.simulator.studio.scenes.cat import Cat
from sora_compare.simulator.studio.scenes.cloth import Cloth
from sora_compare.simulator.studio.scenes.face import Face
from sora_compare.simulator.studio.scenes.fluid import Fluid
from sora_compare.simulator.studio.scenes.light import Light
from sora_compare.simulator.studio.scenes.plain import Plain
from sora_compare.simulator.studio.scenes.testcard import TestCard

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.simulator.studio.scenes.scene import Scene, SceneRequest

SCENES: dict[str, Callable[[SceneRequest], Scene]] = {
    "basketball": Basketball,
    "blocks": Blocks,
    "billiards": Billiards,
    "fluid": Fluid,
    "cloth": Cloth,
    "light": Light,
    "face": Face,
    "cat": Cat,
    "testcard": TestCard,
    "plain": Plain,
}
WORDS: dict[str, str] = {
    "basketball": "basket dunk hoop. panier. 篮球",
    "blocks": "block tower cube bloc. blocs. tour. domino jenga gravit 积木",
    "billiards": "billiard billard snooker collision collid boule. boules. 台球",
    "fluid": "fluid poured pours. pouring water juice milk coffee tea. liquid verse eau. jus. lait. cafe. 水 咖啡 牛奶",
    "cloth": "cloth. flag fabric curtain wind. windy silk drapeau tissu rideau vent. etoffe 旗 风",
    "light": "light shadow lamp sunset sunrise lumiere ombre 光 日出",
    "face": "face person speak talk sing. sings. singing singer actor presenter woman man. visage parle bouche femme "
    "homme 人 说话",
    "cat": "cat. cats. kitten chat. chats. chaton 猫",
    "testcard": "testcard test-card mire.",
}
"""What asks for a scene, in English and French without accents, and a few words in Chinese.

A word with a full stop has to be the whole word; others may go on, as `speak` does in `speaking`.
"""
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
    return re.compile("|".join(_one(word) for word in words.split()))


def _one(word: str) -> str:
    if not word.isascii():
        return re.escape(word)
    ending = r"\b" if word.endswith(".") else ""
    return rf"\b{re.escape(word.removesuffix('.'))}{ending}"


_PATTERNS = {name: _pattern(words) for name, words in WORDS.items()}
