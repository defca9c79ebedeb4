"""Which evidence counts: the choice, and the reviews and comparisons that it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sora_compare.domain.comparisons import ComparisonFilter, Matchup

if TYPE_CHECKING:
    from sora_compare.statistics.ratings import Group, Ratings


@dataclass(frozen=True, slots=True)
class Selection:
    """Which evidence counts; what is None or empty does not restrict.

    Attributes:
        matchup: endpoint and model of A, then of B; when None those of the session, else those that met last.
        origins: "live", "simulated", "imported".
        since, until: of reviews and comparisons, in seconds since the epoch.
        is_other_model_allowed: whether takes count of which the server says that it used another model.
    """

    matchup: Matchup | None = None
    origins: tuple[str, ...] = ()
    session: str | None = None
    suite: str | None = None
    tag: str | None = None
    since: float | None = None
    until: float | None = None
    is_other_model_allowed: bool = False


def session_of(ratings: Ratings) -> str | None:
    """The one session that all rows come from, whose rules hold for them; None for several or none."""
    there = {ratings.sessions[code] for code in np.flatnonzero(np.bincount(ratings.session))}
    return there.pop() or None if len(there) == 1 else None


def most_reviewed(ratings: Ratings, selection: Selection) -> Matchup | None:
    """The arms that a session is about; None outside sessions."""
    if selection.session is None:
        return None
    counts = np.bincount(select(ratings, selection).group, minlength=len(ratings.groups))
    if not counts.any():
        return None
    most = ratings.groups[int(counts.argmax())]
    return most.endpoint_a, most.model_a, most.endpoint_b, most.model_b


def select(ratings: Ratings, selection: Selection) -> Ratings:
    """The rows of a selection."""
    groups = np.array([_group_fits(group, selection) for group in ratings.groups], dtype=bool)
    rows = groups[ratings.group]
    if selection.session is not None:
        sessions = np.array([name == selection.session for name in ratings.sessions], dtype=bool)
        rows = rows & sessions[ratings.session] if len(sessions) else rows & False
    if selection.since is not None:
        rows = rows & (ratings.at >= selection.since)
    if selection.until is not None:
        rows = rows & (ratings.at < selection.until)
    chosen = ratings if rows.all() else ratings.where(rows)
    return chosen if selection.tag is None else chosen.with_tag(selection.tag)


def _group_fits(group: Group, selection: Selection) -> bool:
    met = (group.endpoint_a, group.model_a, group.endpoint_b, group.model_b)
    return (
        (selection.matchup is None or met == selection.matchup)
        and (not selection.origins or group.origin in selection.origins)
        and (selection.suite is None or group.suite == selection.suite)
    )


def comparisons_of(selection: Selection) -> ComparisonFilter:
    """The comparisons of a selection; sessions are told from reviews alone."""
    return ComparisonFilter(
        matchup=selection.matchup,
        tag=selection.tag,
        suite=selection.suite,
        since=selection.since,
        until=selection.until,
    )
