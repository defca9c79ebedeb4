"""Whether intervals hold what they promise, and how often a verdict is false, on simulated reviews with a known truth.

Arms alike or apart by 0.3 and 1.0 points; 3 to 12 reviewers and 5 to 60 prompts; scores from 1 to 10 with ties; also
with a third of the cells missing, and with one reviewer who sees every difference the other way round (there the truth
is the mean of these reviewers, since nobody can know how many others are like that).

`coverage`: share of 95 % intervals of B - A that hold the truth, over all settings, and of the lowest and highest one.
`false_verdict`: share of sequences of reviews, looked at after every one, in which "better" or "worse" is ever said
of equal arms or "not worse" of an arm that is worse by the margin; the largest of all settings. `preference_coverage`:
share of intervals of the preference that hold the true share. `null_control`: the same, looked at after every review,
with the same clips as both arms, where most scores are equal.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.figures import Figure
from sora_compare.statistics.estimators.crossed import Scope, fit
from sora_compare.statistics.estimators.threads import one_thread
from sora_compare.statistics.estimators.votes import preference
from sora_compare.statistics.ratings import NO_PREFERENCE, PAIR, Pairs, Ratings, differences
from sora_compare.statistics.rules import MARGIN, Rules
from sora_compare.statistics.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Callable

EFFECTS = (0.0, 0.3, 1.0)
DESIGNS = ((5, 3), (12, 3), (20, 4), (20, 12), (60, 3), (60, 12))
"""Prompts and reviewers."""
RUNS, SEQUENCES, VOTINGS = 1000, 400, 400
SEQUENCE_DESIGNS = ((12, 3), (30, 3), (16, 8))
SPREADS = (0.8, 0.4, 1.0)
"""Standard deviations of prompts, reviewers and single scores."""
SEED = 20_261_126
MANY = 400_000


@dataclass(frozen=True, slots=True)
class Setting:
    """One kind of evaluation; `kept` is the share of cells that were reviewed."""

    effect: float
    prompts: int
    reviewers: int
    kept: float = 1.0
    has_contrary: bool = False
    is_same_clip: bool = False


def reviewed(setting: Setting, draw: np.random.Generator) -> tuple[Ratings, float]:
    """Reviews of one criterion in the order of `at`, and the truth about B - A that their interval should hold."""
    p, r = setting.prompts, setting.reviewers
    of_prompts, of_reviewers, noise = (0.0, 0.0, 0.35) if setting.is_same_clip else SPREADS
    sign = np.ones((1, r))
    if setting.has_contrary:
        sign[0, 0] = -1
    gap = setting.effect + of_reviewers * draw.standard_normal((1, r))
    here = sign * gap + of_prompts * draw.standard_normal((p, 1))
    truth = float((sign * gap).mean()) if setting.has_contrary else setting.effect
    level = 5.5 - setting.effect / 2 + draw.normal(0, 0.7, (p, 1)) + draw.normal(0, 0.5, (1, r))
    scores = np.stack([level, level + here]) + noise * draw.standard_normal((2, p, r)) / np.sqrt(2)
    scores = np.clip(np.rint(scores), 1, 10)
    rows, columns = np.nonzero(draw.random((p, r)) < setting.kept)
    order = draw.permutation(len(rows))
    rows, columns = rows[order], columns[order]
    return _ratings(p, r, rows, columns, scores[:, rows, columns]), truth


def _ratings(p: int, r: int, rows: np.ndarray, columns: np.ndarray, scores: np.ndarray) -> Ratings:
    n = len(rows)
    names = tuple(map(str, range(p)))
    return Ratings(
        criteria=("physics",),
        reviewers=tuple(map(str, range(r))),
        sessions=("",),
        pairs=Pairs(names, names, np.arange(p), ((),) * p),
        reviewer=columns,
        session=np.zeros(n, dtype=np.int64),
        pair=rows,
        prompt=rows,
        scores=scores[None],
        is_asked=np.ones((1, 2, n), dtype=bool),
        preference=np.full(n, NO_PREFERENCE),
        left=np.zeros(n, dtype=np.int64),
        kind=np.full(n, PAIR),
        group=np.zeros(n, dtype=np.int64),
        at=np.arange(n, dtype=float),
    )


def _is_covered(given: tuple[Setting, int]) -> bool | None:
    """Whether the interval holds the truth; None where none is given."""
    setting, seed = given
    ratings, truth = reviewed(setting, np.random.default_rng(seed))
    scope = Scope.THESE if setting.has_contrary else Scope.ANY
    with one_thread():
        found = fit(differences(ratings, 0)).estimate(scope=scope)
    if found.low is None or found.high is None:
        return None
    return found.low <= truth <= found.high


def _is_false_ever(given: tuple[Setting, int]) -> bool:
    """Whether a false verdict is ever given, looked at after every review."""
    setting, seed = given
    ratings, _ = reviewed(setting, np.random.default_rng(seed))
    false = {Verdict.BETTER, Verdict.WORSE} if setting.effect == 0 else {Verdict.BETTER, Verdict.NOT_WORSE}
    with one_thread():
        for n in range(1, len(ratings) + 1):
            part = ratings.where(np.arange(len(ratings)) < n)
            judged = judge({"physics": fit(differences(part, 0))}, Rules())
            if judged["physics"].verdict in false:
                return True
    return False


def _votes(setting: Setting, draw: np.random.Generator) -> Ratings:
    """Preferences: B wins with log odds of the effect, the prompt and the reviewer; one vote in five is a tie."""
    p, r = setting.prompts, setting.reviewers
    log_odds = setting.effect + 0.6 * draw.standard_normal((p, 1)) + 0.6 * draw.standard_normal((1, r))
    is_b = draw.random((p, r)) < 1 / (1 + np.exp(-log_odds))
    steps = np.where(draw.random((p, r)) < 0.2, 0, np.where(is_b, 1, -1))
    rows, columns = np.nonzero(draw.random((p, r)) < setting.kept)
    ratings = _ratings(p, r, rows, columns, np.full((2, len(rows)), np.nan))
    ratings.preference[:] = steps[rows, columns]
    ratings.left[:] = draw.integers(0, 2, len(rows))
    return ratings


def _is_share_covered(given: tuple[Setting, int]) -> bool | None:
    setting, seed = given
    with one_thread():
        share = preference(_votes(setting, np.random.default_rng(seed))).win_share
    if share.low is None or share.high is None:
        return None
    return share.low <= _true_share(setting.effect) <= share.high


def _true_share(effect: float) -> float:
    draw = np.random.default_rng(SEED)
    return float((1 / (1 + np.exp(-effect - np.sqrt(2) * 0.6 * draw.standard_normal(MANY)))).mean())


def figures() -> list[Figure]:
    """coverage, false_verdict, preference_coverage, null_control."""
    kinds = [Setting(e, p, r, kept, contrary) for e in EFFECTS for p, r in DESIGNS for kept, contrary in _VARIANTS]
    votings = [Setting(e, p, r, kept) for e in EFFECTS for p, r in DESIGNS for kept in (1.0, 0.67)]
    looked = [Setting(e, p, r, kept) for e in (0.0, -MARGIN) for p, r in SEQUENCE_DESIGNS for kept in (1.0, 0.67)]
    looked += [Setting(0.0, p, r, has_contrary=True) for p, r in SEQUENCE_DESIGNS]
    null = [Setting(0.0, p, r, is_same_clip=True) for p, r in SEQUENCE_DESIGNS]
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        return [
            *_summed("coverage", _shares(pool, _is_covered, kinds, RUNS)),
            _largest("false_verdict", _shares(pool, _is_false_ever, looked, SEQUENCES)),
            *_summed("preference_coverage", _shares(pool, _is_share_covered, votings, VOTINGS)),
            _largest("null_control", _shares(pool, _is_false_ever, null, SEQUENCES)),
        ]


_VARIANTS = ((1.0, False), (0.67, False), (1.0, True), (0.67, True))


def _shares(
    pool: ProcessPoolExecutor, judged: Callable[[tuple[Setting, int]], bool | None], settings: list[Setting], runs: int
) -> list[tuple[float, int]]:
    """The share of True, and the runs that said anything, of each setting."""
    found: list[tuple[float, int]] = []
    for setting in settings:
        given = [(setting, SEED + number) for number in range(len(found) * runs, (len(found) + 1) * runs)]
        known = [one for one in pool.map(judged, given, chunksize=25) if one is not None]
        found.append((sum(known) / max(1, len(known)), len(known)))
    return found


def _summed(name: str, shares: list[tuple[float, int]]) -> list[Figure]:
    n = sum(count for _, count in shares)
    each = [share for share, count in shares if count]
    whole = sum(share * count for share, count in shares) / n
    return [
        Figure(name, whole, "share", n=n),
        Figure(f"{name}_lowest", min(each), "share", n=len(each)),
        Figure(f"{name}_highest", max(each), "share", n=len(each)),
    ]


def _largest(name: str, shares: list[tuple[float, int]]) -> Figure:
    return Figure(name, max(share for share, _ in shares), "share", n=sum(count for _, count in shares))
