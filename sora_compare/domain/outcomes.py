"""Whose doing an outcome is: the one table that results, canaries, claims, checklist and drift watch read.

An outcome counts for or against a model when the model, or the server that runs it, brought it about. What was our
own doing (key, quota, network, rate limit, cancel, missing image, full disk) never does, and neither does what nobody
knows; both are counted and said wherever a share is shown.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from sora_compare.domain.problems import ProblemKind, kind_in_words, kind_of_sentence
from sora_compare.domain.takes import Origin, TakeState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sora_compare.domain.takes import Problem, Take


class Cause(StrEnum):
    """Whose doing an outcome is."""

    MODEL = "model"
    SERVER = "server"
    OURS = "ours"
    UNKNOWN = "unknown"


COUNTED = frozenset({Cause.MODEL, Cause.SERVER})
"""Causes that count for or against the model: a clip comes from the model and its server together."""
CAUSE_OF_KIND = {
    ProblemKind.CONTENT: Cause.MODEL,
    ProblemKind.FAILED: Cause.MODEL,
    ProblemKind.REFUSED: Cause.MODEL,
    ProblemKind.SERVER_ERROR: Cause.SERVER,
    ProblemKind.GONE: Cause.SERVER,
    ProblemKind.OVERDUE: Cause.SERVER,
    ProblemKind.NO_FILE: Cause.SERVER,
    ProblemKind.KEY: Cause.OURS,
    ProblemKind.QUOTA: Cause.OURS,
    ProblemKind.RATE_LIMIT: Cause.OURS,
    ProblemKind.UNREACHABLE: Cause.OURS,
    ProblemKind.NOT_THE_API: Cause.OURS,
    ProblemKind.CONFIGURATION: Cause.OURS,
    ProblemKind.REFERENCE_IMAGE: Cause.OURS,
    ProblemKind.DISK_FULL: Cause.OURS,
    ProblemKind.TOO_LARGE: Cause.OURS,
    ProblemKind.CANCELLED: Cause.OURS,
    ProblemKind.NO_ANSWER: Cause.UNKNOWN,
}
CAUSE_OF_STATE = {
    TakeState.COMPLETED: Cause.MODEL,
    TakeState.MODERATED: Cause.MODEL,
    TakeState.CANCELLED: Cause.OURS,
}
"""States that say it all, whatever the problem is."""
KIND_OF_STATE = {
    TakeState.FAILED: ProblemKind.FAILED,
    TakeState.EXPIRED: ProblemKind.GONE,
    TakeState.AMBIGUOUS: ProblemKind.NO_ANSWER,
    TakeState.NOT_SAVED: ProblemKind.NO_FILE,
    TakeState.STOPPED_POLLING: ProblemKind.OVERDUE,
}
"""Where the problem names no kind."""


def kind_of(problem: Problem) -> ProblemKind | None:
    """The kind as kept; of a problem kept before kinds were, by its code and its sentence."""
    return problem.kind or kind_in_words(problem.code) or kind_of_sentence(problem.sentence)


def cause_of(take: Take) -> Cause:
    """Whose doing the take's outcome is; UNKNOWN while it has none."""
    if not take.is_ended:
        return Cause.UNKNOWN
    if take.state in CAUSE_OF_STATE:
        return CAUSE_OF_STATE[take.state]
    if take.state is TakeState.EXPIRED and take.moments.completed is not None:
        # The clip was made: whether the server kept it too briefly or we came too late, nobody knows.
        return Cause.UNKNOWN
    kind = kind_of(take.problem) if take.problem else None
    return CAUSE_OF_KIND[kind or KIND_OF_STATE[take.state]]


def cause_of_code(code: str | None) -> Cause:
    """Whose doing it is that a job reported by somebody else gave no clip, by the server's error code or a `Cause`."""
    if code in set(Cause):
        return Cause(code)
    return CAUSE_OF_KIND[kind_in_words(code) or ProblemKind.FAILED]


def is_of_model(take: Take) -> bool:
    """Whether the outcome counts for or against the model; one served from an earlier take says nothing new."""
    return take.cached_from is None and cause_of(take) in COUNTED


def why_left_out(take: Take) -> str | None:
    """Why a take is in no share of outcomes; None for one that is."""
    if take.cached_from is not None:
        return "served from an earlier one"
    if take.origin is Origin.IMPORTED:
        return "imported"
    if not take.is_ended:
        return "under way"
    cause = cause_of(take)
    if cause not in COUNTED:
        return str(cause)
    return None if take.moments.submitting is not None else "not sent"


def left_out(takes: Iterable[Take]) -> dict[str, int]:
    """How many takes are in no share of outcomes, by why."""
    return dict(Counter(why for take in takes if (why := why_left_out(take))))


WORDS = {
    str(Cause.OURS): "by our own doing (key, quota, network, rate limit, cancel, image or disk)",
    str(Cause.UNKNOWN): "by nobody knows whose doing",
}


def left_out_sentence(counts: Mapping[str, int]) -> str:
    """What is in no share, for people; empty when nothing is left out."""
    total = sum(counts.values())
    if not total:
        return ""
    text = ", ".join(f"{n} {WORDS.get(why, why)}" for why, n in counts.items())
    return f"{total} {'take is' if total == 1 else 'takes are'} left out: {text}."
