"""A spy: turns what a browser received of each side into numbers, and guesses from them which side is arm A."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.clips.containers import boxes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Learning = Callable[[NDArray[np.float64], NDArray[np.int_]], NDArray[np.float64]]

Facts = dict[str, float]
BINS = 16
PAGE = "page"


def flat(name: str, value: object) -> Iterator[tuple[str, float]]:
    """Anything made of dicts, lists, numbers and text, as named numbers; text becomes its length and "it is so"."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from flat(f"{name}.{key}", one)
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from flat(f"{name}.{index}", one)
    elif isinstance(value, int | float):
        yield name, float(value)
    elif value is not None:
        yield f"{name} length", float(len(str(value)))
        yield f"{name}={value}", 1.0


def of_headers(headers: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Every header; dates and whole numbers by their value."""
    for place, (name, value) in enumerate(headers.items()):
        yield f"header {name} is there", 1.0
        yield f"header {name} place", float(place)
        yield from flat(f"header {name}", int(value) if value.isdigit() else value)
        if name in {"last-modified", "expires"}:
            yield f"header {name} moment", parsedate_to_datetime(value).timestamp()


def of_body(body: bytes, folder: Path) -> Iterator[tuple[str, float]]:
    """Its length, how its bytes are spread, and the boxes it is made of."""
    yield "body length", float(len(body))
    counts = np.bincount(np.frombuffer(body, np.uint8) // (256 // BINS), minlength=BINS)
    yield from ((f"body bytes {number}", float(count)) for number, count in enumerate(counts))
    path = folder / "body"
    path.write_bytes(body)
    with path.open("rb") as file:
        for place, box in enumerate(boxes(file, len(body))):
            yield f"box {place} {box.kind!r}", float(box.end - box.content)


@dataclass
class Spy:
    """What was received of each pair, left minus right, and on which side arm A really was (1 left, -1 right)."""

    received: list[Facts] = field(default_factory=list)
    truth: list[int] = field(default_factory=list)

    def note(self, sides: tuple[Facts, Facts], page: Facts, truth: int) -> None:
        """Add one pair; `page` holds what belongs to neither side, such as the length of the whole page."""
        left, right = sides
        details = {name: left.get(name, 0.0) - right.get(name, 0.0) for name in {*left, *right}}
        self.received.append({**details, **{f"{PAGE} {name}": value for name, value in page.items()}})
        self.truth.append(truth)

    def names(self) -> list[str]:
        """Of all facts."""
        return sorted({name for details in self.received for name in details})

    def collect_errors(self, count: int = 5) -> dict[str, float]:
        """The facts that went with the truth most: in how many pairs more than against it."""
        names = self.names()
        net = {
            name: float(
                sum(np.sign(one.get(name, 0.0)) * truth for one, truth in zip(self.received, self.truth, strict=True))
            )
            for name in names
            if not name.startswith(PAGE)
        }
        return dict(sorted(net.items(), key=lambda one: -abs(one[1]))[:count])

    def right_guesses(self) -> dict[str, int]:
        """How many pairs two classifiers get right, each pair guessed from all the others (leave one out).

        One weighs every fact by how it went with the truth (nearest mean, scaled); the other uses the fact that
        alone did best.
        """
        names = self.names()
        table = np.array([[details.get(name, 0.0) for name in names] for details in self.received])
        of_page = [name.startswith(PAGE) for name in names]
        table[:, of_page] -= table[:, of_page].mean(axis=0)
        scale = np.sqrt((table**2).mean(axis=0))
        table = table[:, scale > 0] / scale[scale > 0]
        truth = np.array(self.truth)
        return {"all facts": _guessed(table, truth, _weighed), "best fact": _guessed(table, truth, _best)}


def _guessed(table: NDArray[np.float64], truth: NDArray[np.int_], learn: Learning) -> int:
    right = 0
    for one in range(len(truth)):
        others = np.arange(len(truth)) != one
        weights = learn(table[others], truth[others])
        right += int(np.sign(table[one] @ weights) == truth[one])
    return right


def _weighed(table: NDArray[np.float64], truth: NDArray[np.int_]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = (table * truth[:, None]).mean(axis=0)
    return weights


def _best(table: NDArray[np.float64], truth: NDArray[np.int_]) -> NDArray[np.float64]:
    agreement = (np.sign(table) * truth[:, None]).mean(axis=0)
    weights = np.zeros(table.shape[1])
    best = int(np.argmax(np.abs(agreement))) if len(weights) else 0
    weights[best] = np.sign(agreement[best])
    return weights
