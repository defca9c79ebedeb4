"""A voice that says nothing in words: vowels one after the other, and how the lips shape them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sora_compare.simulator.studio.sound import SAMPLE_RATE, Wave, burst, clock

FORMANTS = {
    "a": (760, 1250, 2600),
    "e": (470, 1900, 2600),
    "i": (300, 2250, 2950),
    "o": (460, 880, 2500),
    "u": (320, 740, 2300),
}
OPENING = {"a": 1.0, "e": 0.62, "i": 0.36, "o": 0.72, "u": 0.4}
ROUNDING = {"a": 0.1, "e": 0.0, "i": 0.0, "o": 0.75, "u": 1.0}
BANDWIDTH = 110.0
HIGHEST_HZ = 4200.0
SHAPES_PER_S = 240
LIPS_SMOOTHING_S = 0.02
SYLLABLE_S = (0.15, 0.27)
PAUSE_S = (0.28, 0.5)
BEGINS_S = 0.3


@dataclass(frozen=True, slots=True)
class Syllable:
    """One vowel: when, how long, which, at what pitch."""

    at_s: float
    seconds: float
    vowel: str
    pitch: float


class Speech:
    """A seeded run of syllables in phrases."""

    def __init__(self, seconds: float, random: np.random.Generator) -> None:
        self.seconds = seconds
        self._base = float(random.uniform(115, 190))
        self.syllables = self._babbled(random)
        count = int(seconds * SHAPES_PER_S) + 2
        times = np.arange(count) / SHAPES_PER_S
        self._opening = _smooth(self._curve(times, OPENING))
        self._rounding = _smooth(self._curve(times, ROUNDING))

    def _babbled(self, random: np.random.Generator) -> list[Syllable]:
        found, at = [], BEGINS_S
        while at < self.seconds - 0.35:
            count = int(random.integers(4, 9))
            for place in range(count):
                length = float(random.uniform(*SYLLABLE_S))
                if at + length > self.seconds - 0.1:
                    break
                fall = 1.12 - 0.24 * place / count
                pitch = self._base * fall * float(random.uniform(0.95, 1.06))
                found.append(Syllable(at, length, str(random.choice(list(FORMANTS))), pitch))
                at += length * float(random.uniform(1.0, 1.12))
            at += float(random.uniform(*PAUSE_S))
        return found

    def opening(self, t: float) -> float:
        """How far the mouth is open at a time, 0 to 1."""
        return float(np.interp(t * SHAPES_PER_S, np.arange(len(self._opening)), self._opening))

    def rounding(self, t: float) -> float:
        """How round the lips are, 0 (wide) to 1."""
        return float(np.interp(t * SHAPES_PER_S, np.arange(len(self._rounding)), self._rounding))

    def wave(self) -> Wave:
        """The voice itself."""
        out = np.zeros(round(self.seconds * SAMPLE_RATE) + SAMPLE_RATE, dtype=np.float32)
        for index, one in enumerate(self.syllables):
            start = round(one.at_s * SAMPLE_RATE)
            piece = _vowel(one)
            out[start : start + len(piece)] += piece
            breath = burst(0.05, 1500, 6500, 0.015, index % 11) * np.float32(0.12)
            onset = max(0, start - len(breath) // 3)
            out[onset : onset + len(breath)] += breath
        return out[: round(self.seconds * SAMPLE_RATE)]

    def _curve(self, times: np.ndarray, values: dict[str, float]) -> np.ndarray:
        curve = np.zeros_like(times)
        for one in self.syllables:
            inside = np.clip((times - one.at_s) / one.seconds, 0.0, 1.0)
            curve = np.maximum(curve, values[one.vowel] * np.sin(np.pi * inside) ** 0.8)
        return curve


def _smooth(curve: np.ndarray) -> np.ndarray:
    reach = np.arange(-20, 21) / SHAPES_PER_S
    kernel = np.exp(-0.5 * (reach / LIPS_SMOOTHING_S) ** 2)
    return np.convolve(curve, kernel / kernel.sum(), mode="same")


def _vowel(one: Syllable) -> Wave:
    t = clock(one.seconds)
    pitch = one.pitch * (1 + 0.03 * np.sin(2 * np.pi * 5.2 * t) - 0.06 * t / one.seconds)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    wave = np.zeros_like(t)
    for harmonic in range(1, int(HIGHEST_HZ / one.pitch)):
        frequency = harmonic * one.pitch
        shape = sum(
            1 / (1 + ((frequency - centre) / BANDWIDTH) ** 2) / (1 + k) for k, centre in enumerate(FORMANTS[one.vowel])
        )
        wave += (shape + 0.02) / harmonic**0.4 * np.sin(harmonic * phase)
    swell = np.sin(np.pi * np.clip(t / one.seconds, 0, 1)) ** 0.8
    return np.asarray(0.32 * wave * swell * (0.4 + 0.6 * OPENING[one.vowel]), dtype=np.float32)
