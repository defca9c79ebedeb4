"""Distribution functions, by scipy: the one place that knows its names."""

from __future__ import annotations

from typing import cast

import numpy as np
from scipy import special  # type: ignore[import-untyped]  # scipy ships no types

from sora_compare.statistics.results import Floats

Numbers = Floats | float


def normal_quantile(probability: float) -> float:
    """The value that a standard normal variable stays below with that probability."""
    return float(special.ndtri(probability))


def student_quantiles(df: Numbers, probability: Numbers) -> Floats:
    """The same of Student's t with `df` degrees of freedom, elementwise."""
    return cast(Floats, np.asarray(special.stdtrit(df, probability)))


def student_quantile(df: float, probability: float) -> float:
    """One quantile of Student's t."""
    return float(special.stdtrit(df, probability))


def student_share(df: float, value: float) -> float:
    """Probability that Student's t stays below `value`."""
    return float(special.stdtr(df, value))


def chi_squared_quantiles(df: float, above: Floats) -> Floats:
    """Values that chi-squared exceeds with these probabilities."""
    return cast(Floats, special.chdtri(df, above))


def binomial_shares(counts: Floats, trials: int, share: float) -> Floats:
    """Probability of at most so many successes, elementwise."""
    return cast(Floats, special.bdtr(counts, trials, share))


def beta_quantile(a: float, b: float, probability: float) -> float:
    """One quantile of the beta distribution."""
    return float(special.betaincinv(a, b, probability))


def log_odds(share: float) -> float | None:
    """The log odds of a share; None where they are infinite."""
    return float(special.logit(share)) if 0 < share < 1 else None


def logistic(log_odds: float) -> float:
    """The probability with these log odds."""
    return float(special.expit(log_odds))
