"""Sign-off: a named approver accepts a candidate, or does not, and says why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SIGN_OFF = "sign-off"
"""Event in the audit log."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """One approver's word on one candidate.

    Attributes:
        model: the candidate.
        session: id of the review session in which it was given; empty outside.
    """

    model: str
    approver: str
    is_accepted: bool
    comment: str = ""
    session: str = ""

    @property
    def details(self) -> dict[str, Any]:
        """What the audit log keeps."""
        return asdict(self)


def last_words(lines: Iterable[Mapping[str, Any]], model: str) -> dict[str, bool]:
    """The last word of each approver on a candidate, of logged details oldest first: True for accepted."""
    return {str(one["approver"]): bool(one["is_accepted"]) for one in lines if one.get("model") == model}
