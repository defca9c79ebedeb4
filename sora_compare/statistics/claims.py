"""Published claims beside what was measured: confirmed, not confirmed, or cannot tell.

A claimed figure is confirmed when the whole measured interval lies within its tolerance, and not confirmed when the
interval and the tolerance do not touch; everything else cannot be told from the data. A claim that B is better than A
in some respect is confirmed by the interval of the difference lying above 0, and not confirmed by its lying at or
below 0; both models must have been measured for that. A longest clip is known from answers about length alone: a clip
that was completed, or a refusal of the parameter "seconds". An outage, a quota or a moderated prompt says nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.statistics.durations import durations
from sora_compare.statistics.estimators.crossed import fit
from sora_compare.statistics.outcomes import shares
from sora_compare.statistics.ratings import ARMS, Ratings, differences, scores_of
from sora_compare.statistics.results import NOTHING, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sora_compare.domain.takes import Take

VERSION = "2"
LONGEST = "longest"
LENGTH_PARAMETER = "seconds"


class Finding(StrEnum):
    """What the measurement says of a claim."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not confirmed"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Claim:
    """One published row.

    Attributes:
        kind: how it is measured, one of the keys of `MEASURED` or "tagged score".
        values: for the first and the second model; empty when only words were published.
        tolerance: how far off a measurement may be.
        tag: prompts that it speaks of; empty for all.
    """

    name: str
    kind: str
    measure: str
    unit: str
    values: tuple[float, ...]
    wording: tuple[str, ...]
    tolerance: float = 0.0
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """The published table; `models` are the two it speaks of."""

    label: str
    source: str
    models: tuple[str, ...]
    rows: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """One row and model: what was published, what was measured, what follows and why."""

    claim: Claim
    model: str
    published: str
    measured: Span
    n: int
    finding: Finding
    reason: str
    method: str = "interval against published value with tolerance"
    version: str = VERSION


@cache
def published() -> Claims:
    """The shipped table (`domain/data/claims.toml`)."""
    data = tomllib.loads(resources.files("sora_compare.domain").joinpath("data/claims.toml").read_text("utf-8"))
    rows = (Claim(**{**row, "values": tuple(row["values"]), "wording": tuple(row["wording"])}) for row in data["claim"])
    return Claims(data["label"], data["source"], tuple(data["models"]), tuple(rows))


def check(ratings: Ratings, takes: Sequence[Take], models: Mapping[str, str], *, is_live: bool) -> tuple[Checked, ...]:
    """Every row for every model that an arm measured.

    Args:
        ratings: of one matchup.
        takes: of the same.
        models: model of arm "A" and of arm "B".
        is_live: whether the clips come from the real models; what was simulated or imported confirms nothing.
    """
    table, plain = published(), ratings.without_checks()
    found: list[Checked] = []
    for row in table.rows:
        for number, model in enumerate(table.models):
            arm = next((label for label in ARMS if models.get(label) == model), None)
            found.append(_checked(row, number, arm, models=models, ratings=plain, takes=takes, is_live=is_live))
    return tuple(found)


def _checked(
    row: Claim,
    number: int,
    arm: str | None,
    *,
    models: Mapping[str, str],
    ratings: Ratings,
    takes: Sequence[Take],
    is_live: bool,
) -> Checked:
    model, wording = published().models[number], row.wording[number]
    if arm is None:
        return Checked(row, model, wording, NOTHING, 0, Finding.CANNOT_TELL, "This model was not measured.")
    measured, n = _tagged(ratings, row, models) if row.tag else MEASURED[row.kind](ratings, takes, row.measure, arm)
    if measured.mean is None and row.kind != LONGEST:
        return Checked(row, model, wording, measured, n, Finding.CANNOT_TELL, "Nothing was measured.")
    if row.kind == LONGEST:
        finding, reason = _judge_longest(row, number, Lengths.of(takes, arm))
    else:
        finding, reason = _compared(row, number, measured)
    if not is_live:
        finding, reason = Finding.CANNOT_TELL, "Measured on clips that did not come from the live model."
    return Checked(row, model, wording, measured, n, finding, reason)


def _compared(row: Claim, number: int, measured: Span) -> tuple[Finding, str]:
    low, high = measured.low, measured.high
    if low is None or high is None:
        return Finding.CANNOT_TELL, "Too little was measured for an interval."
    if not row.values:
        better = published().models[1]
        if low > 0:
            return Finding.CONFIRMED, f"{better} scores higher on these prompts, as published."
        is_refuted = high <= 0
        return (
            (Finding.NOT_CONFIRMED, f"{better} does not score higher on these prompts.")
            if is_refuted
            else (Finding.CANNOT_TELL, "The interval of the difference includes 0.")
        )
    least, most = row.values[number] - row.tolerance, row.values[number] + row.tolerance
    if least <= low and high <= most:
        return Finding.CONFIRMED, f"The interval lies within {row.tolerance:g} of the published value."
    if high < least or low > most:
        return Finding.NOT_CONFIRMED, f"The interval lies more than {row.tolerance:g} away from the published value."
    return Finding.CANNOT_TELL, "The interval reaches both within and beyond the tolerance."


def _tagged(ratings: Ratings, row: Claim, models: Mapping[str, str]) -> tuple[Span, int]:
    """Difference of the second published model to the first on prompts with the row's tag; both must have met."""
    met = tuple(models.get(arm) for arm in ARMS)
    if row.measure not in ratings.criteria or set(met) != set(published().models):
        return NOTHING, 0
    estimate = fit(differences(ratings.with_tag(row.tag), ratings.criteria.index(row.measure))).estimate()
    if estimate.mean is None or met == published().models:
        return Span(estimate.mean, estimate.low, estimate.high), estimate.n_reviews
    low, high = (None if edge is None else -edge for edge in (estimate.high, estimate.low))
    return Span(-estimate.mean, low, high), estimate.n_reviews


def _duration(ratings: Ratings, takes: Sequence[Take], measure: str, arm: str) -> tuple[Span, int]:  # noqa: ARG001  # one signature for all
    found = durations(takes, measure, ArmLabel(arm))
    return found.median, found.n


def _share(ratings: Ratings, takes: Sequence[Take], measure: str, arm: str) -> tuple[Span, int]:  # noqa: ARG001  # one signature for all
    found = shares(takes, ArmLabel(arm))
    return found.completed, found.n


@dataclass(frozen=True, slots=True)
class Lengths:
    """Answers about length: seconds of the clips that were completed, and seconds that were refused as such."""

    made: tuple[float, ...]
    refused: tuple[float, ...]

    @classmethod
    def of(cls, takes: Sequence[Take], arm: str) -> Lengths:
        """Those of one arm."""
        of_arm = [take for take in takes if take.arm == arm]
        made = (take.clip.duration_s for take in of_arm if take.state is TakeState.COMPLETED and take.clip)
        refused = (float(take.request.settings.seconds) for take in of_arm if _is_about_length(take))
        return cls(tuple(made), tuple(refused))

    @property
    def longest(self) -> float | None:
        """Of the completed clips."""
        return max(self.made, default=None)

    @property
    def is_bounded(self) -> bool:
        """Whether something longer than the longest clip was refused for its length."""
        return any(seconds > (self.longest or 0.0) for seconds in self.refused)


def _is_about_length(take: Take) -> bool:
    """Whether the take was refused for its length: by that parameter, and not by moderation or anything later."""
    return take.state is TakeState.FAILED and take.problem is not None and take.problem.parameter == LENGTH_PARAMETER


def _longest(ratings: Ratings, takes: Sequence[Take], measure: str, arm: str) -> tuple[Span, int]:  # noqa: ARG001  # one signature for all
    """The longest clip made: the maximum only when a longer one was refused for its length."""
    lengths = Lengths.of(takes, arm)
    longest = lengths.longest
    return Span(longest, longest, longest if lengths.is_bounded else None), len(lengths.made)


def _judge_longest(row: Claim, number: int, lengths: Lengths) -> tuple[Finding, str]:
    claimed, tolerance, longest = row.values[number], row.tolerance, lengths.longest
    if longest is not None and longest > claimed + tolerance:
        return Finding.NOT_CONFIRMED, f"A clip of {longest:.1f} s was completed, longer than the published maximum."
    is_made = longest is not None and longest >= claimed - tolerance
    if is_made and lengths.is_bounded:
        return Finding.CONFIRMED, "A clip of that length was completed, and a longer one was refused for its length."
    if is_made:
        return Finding.CANNOT_TELL, "A clip of that length was completed; no longer one was refused for its length."
    if any(abs(seconds - claimed) <= tolerance for seconds in lengths.refused):
        return Finding.NOT_CONFIRMED, f"A clip of {claimed:g} s was refused for its length."
    return Finding.CANNOT_TELL, f"No clip of {claimed:g} s was completed or refused for its length."


def _score(ratings: Ratings, takes: Sequence[Take], measure: str, arm: str) -> tuple[Span, int]:  # noqa: ARG001  # one signature for all
    if measure not in ratings.criteria:
        return NOTHING, 0
    estimate = fit(scores_of(ratings, ratings.criteria.index(measure), ARMS.index(arm))).estimate()
    return Span(estimate.mean, estimate.low, estimate.high), estimate.n_reviews


MEASURED: dict[str, Callable[[Ratings, Sequence[Take], str, str], tuple[Span, int]]] = {
    "duration": _duration,
    "share": _share,
    LONGEST: _longest,
    "score": _score,
}
"""How each kind of claim is measured."""
