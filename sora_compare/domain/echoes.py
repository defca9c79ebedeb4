"""The model that a server says it used, beside the one that was asked for: when the two contradict each other.

An echo proves nothing, but one that names another snapshot than the one asked for means that the evidence may be about
another model. An alias, a family name and a dated sibling that the alias resolves to are no contradiction, and neither
is anything about a name that says nothing of a snapshot, such as a gateway's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.domain.snapshots import registry

if TYPE_CHECKING:
    from sora_compare.domain.takes import Take

MOVING_ENDING = re.compile(r"[-_@:](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
DATED_ENDING = re.compile(r"[-_@:](?:\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A completed take of which the server says that it used another model than the one asked for."""

    take: str
    comparison: str
    repeat: int
    arm: str
    origin: str
    asked: str
    echoed: str

    @classmethod
    def of(cls, take: Take) -> OtherModel | None:
        """What is kept of the take; None where the echo does not contradict."""
        if take.other_model is None:
            return None
        names = take.comparison_id, take.repeat, str(take.arm), str(take.origin), take.request.model
        return cls(take.id, *names, take.other_model)

    @property
    def pair(self) -> str:
        """The pair's name, as ratings have it."""
        return f"{self.comparison}:{self.repeat}"


def contradicts(asked: str, echoed: str | None) -> bool:
    """Whether the echoed name cannot mean the model that was asked for."""
    wanted, got = _bare(asked), _bare(echoed or "")
    if not got or wanted == got or _is_alias_of(wanted, got) or _is_alias_of(got, wanted):
        return False
    if not (_is_dated(wanted) and _is_dated(got)) and _family(wanted) == _family(got):
        return False
    return _is_dated(wanted) or registry().knows(wanted)


def contradiction_sentence(asked: str, echoed: str) -> str:
    """The same for people."""
    return f"The server says that it used {echoed}, not {asked}: this clip may come from another model."


def _bare(model: str) -> str:
    """Without a provider before the name, such as "openai/", and without regard to case."""
    return model.strip().casefold().rpartition("/")[2]


def _is_alias_of(alias: str, snapshot: str) -> bool:
    return any(move.points_to == snapshot for move in registry().aliases.get(alias, ()))


def _is_dated(model: str) -> bool:
    return DATED_ENDING.search(model) is not None


def _family(model: str) -> str:
    return MOVING_ENDING.sub("", model)
