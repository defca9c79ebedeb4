"""Sound made from nothing: knocks, bounces, wind, water, ticks; each a function of its numbers."""

from __future__ import annotations

import numpy as np

SAMPLE_RATE = 48_000
Wave = np.ndarray
"""n samples at SAMPLE_RATE, about -1 to 1."""


class Track:
    """The sound of a clip: n x 2 samples to which waves are added at their time."""

    def __init__(self, seconds: float) -> None:
        self.samples = np.zeros((round(seconds * SAMPLE_RATE), 2), dtype=np.float32)

    @property
    def seconds(self) -> float:
        """Length of the track."""
        return len(self.samples) / SAMPLE_RATE

    def add(self, wave: Wave, at_s: float = 0.0, gain: float = 1.0, pan: float = 0.0) -> None:
        """Mix a wave in at `at_s`; `pan` from -1 (left) to 1 (right). What lies outside the track is cut."""
        start = round(at_s * SAMPLE_RATE)
        piece = wave[max(0, -start) : max(0, len(self.samples) - start)]
        angle = (min(max(pan, -1.0), 1.0) + 1.0) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32) * np.float32(gain * np.sqrt(2))
        begin = max(0, start)
        self.samples[begin : begin + len(piece)] += piece[:, None] * sides

    def mastered(self) -> np.ndarray:
        """The samples with peaks rounded off and both ends faded, ready to encode."""
        out: Wave = np.tanh(self.samples * 0.9)
        fade = min(len(out) // 2, round(0.012 * SAMPLE_RATE))
        ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
        out[:fade] *= ramp
        out[len(out) - fade :] *= ramp[::-1]
        return out


def clock(seconds: float) -> np.ndarray:
    """Times of the samples of a wave that long."""
    return np.arange(max(1, round(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def tone(frequency: float, seconds: float, decay_s: float) -> Wave:
    """A sine that dies away."""
    t = clock(seconds)
    return np.asarray(np.sin(2 * np.pi * frequency * t) * np.exp(-t / decay_s), dtype=np.float32)


def beep(frequency: float, seconds: float) -> Wave:
    """A steady sine with 5 ms ramps, whose beginning is sharp enough to measure."""
    t = clock(seconds)
    ramp = np.clip(np.minimum(t, seconds - t) / 0.005, 0.0, 1.0)
    return np.asarray(np.sin(2 * np.pi * frequency * t) * ramp, dtype=np.float32)


def noise(seconds: float, low: float, high: float, seed: int) -> Wave:
    """Noise between two frequencies, deviation about 0.3."""
    count = max(16, round(seconds * SAMPLE_RATE))
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = 1 / (1 + (low / np.maximum(frequencies, 1.0)) ** 4) / (1 + (frequencies / high) ** 4)
    wave = np.fft.irfft(spectrum * shape, count)
    return np.asarray(0.3 * wave / max(float(wave.std()), 1e-9), dtype=np.float32)


def burst(seconds: float, low: float, high: float, decay_s: float, seed: int) -> Wave:
    """Noise that dies away: a swish, a splash, a breath."""
    wave = noise(seconds, low, high, seed)
    return np.asarray(wave * np.exp(-np.arange(len(wave)) / SAMPLE_RATE / decay_s), dtype=np.float32)


def thud(frequency: float, seed: int) -> Wave:
    """A ball on a floor: a falling low note and a slap."""
    t = clock(0.4)
    phase = 2 * np.pi * frequency * (t + 0.012 * (1 - np.exp(-t / 0.02)))
    body = np.sin(phase) * np.exp(-t / 0.07)
    slap = burst(0.4, 200, 2400, 0.012, seed)
    return np.asarray(body + 0.8 * slap[: len(t)], dtype=np.float32)


def knock(frequency: float, seed: int) -> Wave:
    """Wood on wood."""
    parts = [tone(frequency * ratio, 0.25, decay) for ratio, decay in ((1.0, 0.035), (2.7, 0.018), (4.6, 0.01))]
    return np.asarray(
        0.7 * parts[0] + 0.35 * parts[1] + 0.25 * parts[2] + 0.4 * burst(0.25, 800, 6000, 0.006, seed), dtype=np.float32
    )


def click(seed: int, frequency: float = 2700.0) -> Wave:
    """Two hard balls meeting."""
    ring = tone(frequency, 0.12, 0.008) + 0.6 * tone(frequency * 1.72, 0.12, 0.005)
    return np.asarray(ring + 0.5 * burst(0.12, 1500, 9000, 0.003, seed), dtype=np.float32)


def clang(frequency: float) -> Wave:
    """A metal ring struck."""
    parts = [(1.0, 0.22), (2.76, 0.15), (5.4, 0.08), (8.9, 0.04)]
    return np.asarray(sum(tone(frequency * r, 0.6, d) * 0.5 for r, d in parts), dtype=np.float32)
