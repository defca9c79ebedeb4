"""Made-up ratings with known truth."""

from __future__ import annotations

import numpy as np

from sora_compare.statistics.ratings import ARMS, Cells, Ratings, cells_of_arrays, table


def differences(
    prompts: int,
    reviewers: int,
    spreads: tuple[float, float, float],
    draw: np.random.Generator,
    *,
    mean: float = 0.0,
    kept: float = 1.0,
    whole: bool = False,
) -> Cells:
    """B - A with the given standard deviations of prompts, reviewers and residuals; each cell is kept by chance."""
    of_prompts, of_reviewers, noise = spreads
    values = (
        mean
        + of_prompts * draw.standard_normal((prompts, 1))
        + of_reviewers * draw.standard_normal((1, reviewers))
        + noise * draw.standard_normal((prompts, reviewers))
    )
    values = np.rint(values) if whole else values
    rows, columns = np.nonzero(draw.random(values.shape) < kept)
    return cells_of_arrays(rows, columns, values[rows, columns], 0)


def opinions(
    prompts: int, reviewers: int, *, shift: float = 0.0, seed: int = 1, missing: float = 0.0, criterion: str = "physics"
) -> Ratings:
    """Scores of 1 to 10 for both arms; B is `shift` points better."""
    draw = np.random.default_rng(seed)
    quality, habit = draw.normal(5.5, 1.2, (prompts, 2)), draw.normal(0, 0.6, reviewers)
    quality[:, 1] = quality[:, 0] + shift + draw.normal(0, 0.5, prompts)
    rows: list[tuple[str, str, str, str, float | None]] = []
    for prompt in range(prompts):
        for reviewer in range(reviewers):
            for arm, name in enumerate(ARMS):
                given = quality[prompt, arm] + habit[reviewer] + draw.normal(0, 0.9)
                score = None if draw.random() < missing else float(np.clip(round(given), 1, 10))
                rows.append((f"prompt {prompt}", f"reviewer {reviewer}", name, criterion, score))
    return table(rows)


def as_matrix(ratings: Ratings) -> np.ndarray:
    """Stimuli (prompt and arm) x reviewers, NaN for no score; one review for each prompt and reviewer."""
    size = len(ratings.pairs.prompts), len(ratings.reviewers)
    matrix = np.full((2 * size[0], size[1]), np.nan)
    for arm in range(2):
        matrix[2 * ratings.prompt + arm, ratings.reviewer] = ratings.scores[0, arm]
    return matrix
