"""Addresses of clips for a blind reviewer: they tell nothing, are signed, and expire."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sora_compare.access.signing import same
from sora_compare.sessions.errors import AnswerRefused

if TYPE_CHECKING:
    from sora_compare.access.signing import Signing
    from sora_compare.clips.padding import PaddedFile
    from sora_compare.domain.sessions import Item, Reviewer
    from sora_compare.sessions.showing import Showing
    from sora_compare.store.repositories.sessions import SessionRepository

PURPOSE = "media"
BUCKET_S = 21_600
"""Addresses stay the same for so long, so that a rerun does not load the clip again; they live once or twice that."""
Part = Literal["clip.mp4", "poster.jpg"]


@dataclass(frozen=True, slots=True)
class MediaAddress:
    """The parts of one address."""

    reviewer_id: str
    item_id: str
    side: str
    expires: str
    mac: str


class Media:
    """Makes and reads the addresses."""

    def __init__(self, signing: Signing, repository: SessionRepository, showing: Showing) -> None:
        self._signing = signing
        self._repository = repository
        self._showing = showing

    def url(self, reviewer: Reviewer, item: Item, side: str, part: Part, *, now: float | None = None) -> str:
        """The path under which this reviewer's browser gets one side of one item."""
        expires = str((int((time.time() if now is None else now) // BUCKET_S) + 2) * BUCKET_S)
        mac = self._signing.mac(PURPOSE, reviewer.id, item.id, side, expires)
        return f"/m/{reviewer.id}/{item.id}/{side}/{expires}/{mac}/{part}"

    def file(self, address: MediaAddress, part: Part, reviewer_id: str | None) -> PaddedFile:
        """What is behind an address.

        Args:
            address: as it was asked for.
            part: which of its files.
            reviewer_id: who asks; None for the owner.

        Raises:
            AnswerRefused: not signed by us, expired, or somebody else's; or one of the pair's clips is missing.
            UnknownRecord: no such reviewer, session or file.
            ClipError: a copy of one of the pair's clips cannot be made.
        """
        parts = (address.reviewer_id, address.item_id, address.side, address.expires)
        is_ours = same(self._signing.mac(PURPOSE, *parts), address.mac)
        is_alive = address.expires.isdigit() and time.time() < int(address.expires)
        if not is_ours or not is_alive or reviewer_id not in {None, address.reviewer_id}:
            raise AnswerRefused("This address has expired. Load the page again.")
        reviewer = self._repository.reviewer(address.reviewer_id)
        item = next((one for one in reviewer.items if one.id == address.item_id), None)
        if item is None:
            raise AnswerRefused("This address has expired. Load the page again.")
        find = self._showing.poster if part == "poster.jpg" else self._showing.clip
        return find(self._repository.session(reviewer.session_id), reviewer, item, address.side)
