"""Which arm of a ratings file is A and which is B: as the file or the flags say, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sora_compare.errors import UsageError
from sora_compare.evidence.ratings_csv.text import folded, tidy
from sora_compare.statistics.ratings import ARMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sora_compare.evidence.ratings_csv.table import Row

A_AND_B = frozenset(one.casefold() for one in ARMS)


@dataclass(frozen=True, slots=True)
class ChosenArms:
    """The rows of two arms.

    Attributes:
        rows: each with its arm, A or B.
        models: what A and B are called.
        notes: sentences on rows that were left out.
    """

    rows: tuple[tuple[Row, str], ...]
    models: tuple[str, str]
    notes: tuple[str, ...] = ()


def chosen_arms(name: str, rows: Sequence[Row], model_a: str | None, model_b: str | None) -> ChosenArms:
    """The rows of the two arms, by the flags, by arms named A and B, or by the models that an export names.

    Raises:
        UsageError: the file does not say which arm is A, or has no such arm.
    """
    if not rows:
        return ChosenArms((), (model_a or "A", model_b or "B"))
    arms = _spelt(row.arm for row in rows)
    if set(arms) <= A_AND_B and any(row.details.model for row in rows):
        return _of_models(name, rows, model_a, model_b)
    if model_a or model_b:
        return _as_asked(name, rows, arms, model_a, model_b)
    if len(arms) > len(ARMS):
        raise UsageError(
            f"{name} has {len(arms)} arms ({', '.join(sorted(arms.values()))}): compare two at a time, chosen by "
            "--model-a and --model-b."
        )
    if not set(arms) <= A_AND_B:
        there = " and ".join(sorted(arms.values()))
        raise UsageError(
            f"{name} does not say which arm is A: it has {there}. Name them with --model-a and --model-b, or call them "
            "A and B in the file."
        )
    return ChosenArms(tuple((row, row.arm.upper()) for row in rows), ("A", "B"))


def _spelt(names: Iterable[str]) -> dict[str, str]:
    """Each name once, under its folded form, as first spelt."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    return found


def _both(model_a: str | None, model_b: str | None) -> tuple[str, str]:
    if not (model_a and model_b):
        raise UsageError("Name both arms of the ratings: --model-a and --model-b.")
    if folded(model_a) == folded(model_b):
        raise UsageError("--model-a and --model-b name the same arm: name two.")
    return tidy(model_a), tidy(model_b)


def _as_asked(
    name: str, rows: Sequence[Row], arms: dict[str, str], model_a: str | None, model_b: str | None
) -> ChosenArms:
    asked = _both(model_a, model_b)
    absent = [one for one in asked if one.casefold() not in arms]
    if absent:
        raise UsageError(f"{name} has no arm “{absent[0]}”: it has {', '.join(sorted(arms.values()))}.")
    label = {one.casefold(): arm for one, arm in zip(asked, ARMS, strict=True)}
    kept = tuple((row, label[row.arm.casefold()]) for row in rows if row.arm.casefold() in label)
    models = (arms[asked[0].casefold()], arms[asked[1].casefold()])
    return ChosenArms(kept, models, _left_out(len(rows) - len(kept), "arms"))


def _of_models(name: str, rows: Sequence[Row], model_a: str | None, model_b: str | None) -> ChosenArms:
    """Of an export, the comparisons in which the two models met, whichever of them was arm A there."""
    pairs = _met(rows)
    # The same clip shown as both arms names the model of one alone.
    met = dict.fromkeys([models for models in pairs.values() if all(models)] or pairs.values())
    wanted = [
        (a, b)
        for a, b in met
        if (model_a is None or model_a in _names(a)) and (model_b is None or model_b in _names(b))
    ]
    listed = "; ".join(_in_words(models) for models in met)
    if not wanted:
        raise UsageError(f"{name} has no comparison with these models as A and B: it has {listed}.")
    if len(wanted) > 1:
        raise UsageError(f"{name} compares several models: {listed}. Choose one with --model-a and --model-b.")
    chosen = wanted[0]
    kept = tuple((row, row.arm.upper()) for row in rows if pairs[row.details.comparison] == chosen)
    return ChosenArms(kept, (chosen[0] or "A", chosen[1] or "B"), _left_out(len(rows) - len(kept), "models"))


def _met(rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """The models of A and of B in each comparison; empty where no row names one."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        models = found.setdefault(row.details.comparison, {})
        if row.details.model:
            models[row.arm.upper()] = row.details.named
    return {comparison: (models.get("A", ""), models.get("B", "")) for comparison, models in found.items()}


def _in_words(models: tuple[str, str]) -> str:
    return " and ".join(model or "no model" for model in models)


def _names(named: str) -> tuple[str, str]:
    """A model with and without its endpoint."""
    return named, named.partition(" on ")[0]


def _left_out(count: int, of: str) -> tuple[str, ...]:
    return (f"{count} rows of other {of} are left out.",) if count else ()


def without_other_models(chosen: ChosenArms) -> ChosenArms:
    """Without the pairs of an export of which the server says that it used another model than the one asked for."""
    others = {_pair(row): row for row, _ in chosen.rows if row.details.other_model}
    if not others:
        return chosen
    names = sorted({f"{row.details.other_model}, not {row.details.model}" for row in others.values()})
    are = "pair is" if len(others) == 1 else "pairs are"
    sentence = f"{len(others)} {are} left out: the server says that it used {'; '.join(names)}."
    kept = tuple((row, arm) for row, arm in chosen.rows if _pair(row) not in others)
    return replace(chosen, rows=kept, notes=(*chosen.notes, sentence))


def _pair(row: Row) -> tuple[str, str]:
    return row.details.comparison, row.details.repeat
