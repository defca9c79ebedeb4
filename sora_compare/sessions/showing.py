"""How the two clips of an item are shown to a reviewer: the same facts for both, and none that tells an arm."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sora_compare.clips.level_rules import Level, common_level, visible_differences
from sora_compare.clips.padding import PaddedFile, common_length
from sora_compare.domain.clips import gains
from sora_compare.domain.takes import ArmLabel
from sora_compare.errors import SoraCompareError, UnknownRecord

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.access.signing import Signing
    from sora_compare.clips.blind_copies import BlindCopies
    from sora_compare.clips.files import ClipFiles
    from sora_compare.domain.clips import Clip
    from sora_compare.domain.sessions import Item, PairRef, Reviewer, ReviewSession
    from sora_compare.sessions.scoring import Scoring

SIDES = ("left", "right")
NOISE, LENGTH = "media noise", "media length"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownClip:
    """What the player must know of one side.

    Attributes:
        fps: constant, as a fraction in text.
        gain_db: for matched loudness.
    """

    fps: str
    frames: int
    has_audio: bool
    gain_db: float


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as it is shown.

    Attributes:
        clips: left, then right.
        has_posters: whether there is a still picture of both.
        has_flashes: whether a warning comes before playing.
    """

    clips: tuple[ShownClip, ShownClip]
    has_posters: bool
    has_flashes: bool


class Showing:
    """Decides what is shown of an item. What the pair's two clips do not both have is shown of neither."""

    def __init__(self, files: ClipFiles, copies: BlindCopies, scoring: Scoring, signing: Signing) -> None:
        self._files = files
        self._copies = copies
        self._scoring = scoring
        self._signing = signing

    def shown(self, session: ReviewSession, item: Item) -> Shown:
        """The item as it is shown.

        Raises:
            AnswerRefused: one of the clips is missing.
        """
        arms = self._scoring.clips_of(item.pair)
        level = level_of(session, arms)
        clips = [arms[arm] for arm in arms_shown(item)]
        sides = [_shown(clip, level, gain_db) for clip, gain_db in zip(clips, gains(*clips), strict=True)]
        return Shown(
            clips=(sides[0], sides[1]),
            has_posters=level is None and bool(self._posters(arms)),
            has_flashes=any(clip.has_flashes for clip in arms.values()),
        )

    def clip(self, session: ReviewSession, reviewer: Reviewer, item: Item, side: str) -> PaddedFile:
        """The bytes of one side; the other side's are as many.

        Raises:
            AnswerRefused: one of the clips is missing.
            UnknownRecord: its file is.
            ClipError: a copy of one of them cannot be made.
        """
        return self._padded(self._files_of(session, item.pair), reviewer, item, side)

    def poster(self, session: ReviewSession, reviewer: Reviewer, item: Item, side: str) -> PaddedFile:
        """A still picture of one side.

        Raises:
            UnknownRecord: there are none of this pair.
        """
        arms = self._scoring.clips_of(item.pair)
        posters = None if level_of(session, arms) else self._posters(arms)
        if not posters:
            raise UnknownRecord("thumbnail", item.id)
        return self._padded(posters, reviewer, item, side)

    def prepare(self, session: ReviewSession) -> None:
        """Begin to make the session's files in the background, so that its first reviewer need not wait for them.

        What a closing program leaves is made when a reviewer asks for it.
        """
        threading.Thread(target=self._prepare, args=(session,), name="blind copies", daemon=True).start()

    def _prepare(self, session: ReviewSession) -> None:
        for pair in (*(one.pair for one in session.practice), *session.pairs):
            try:
                self._files_of(session, pair)
            except SoraCompareError as error:
                log.warning("a pair of session %s cannot be shown yet: %s", session.id, error)

    def _files_of(self, session: ReviewSession, pair: PairRef) -> dict[ArmLabel, Path]:
        arms = self._scoring.clips_of(pair)
        found = self._copies.paths(arms[ArmLabel.A], arms[ArmLabel.B], level_of(session, arms))
        return dict(zip(ArmLabel, found, strict=True))

    def _posters(self, arms: dict[ArmLabel, Clip]) -> dict[ArmLabel, Path]:
        """By arm, or empty unless there are both."""
        try:
            return {arm: self._files.thumbnail(clip.sha256) for arm, clip in arms.items()}
        except UnknownRecord:
            return {}

    def _padded(self, files: dict[ArmLabel, Path], reviewer: Reviewer, item: Item, side: str) -> PaddedFile:
        shown = [files[arm] for arm in arms_shown(item)]
        of = (reviewer.id, item.id, shown[0].suffix)
        length = common_length([path.stat().st_size for path in files.values()], self._signing.mac(LENGTH, *of))
        return PaddedFile(shown[SIDES.index(side)], length, self._signing.mac(NOISE, side, *of))


def arms_shown(item: Item) -> tuple[ArmLabel, ArmLabel]:
    """The arms on the left and on the right."""
    if item.only:
        return item.only, item.only
    return item.left, next(arm for arm in ArmLabel if arm is not item.left)


def level_of(session: ReviewSession, arms: dict[ArmLabel, Clip]) -> Level | None:
    """What the pair's clips are re-encoded to; None when they are shown as they are."""
    a, b = arms[ArmLabel.A], arms[ArmLabel.B]
    return common_level(a, b) if session.protocol.levels_clips and visible_differences(a, b) else None


def _shown(clip: Clip, level: Level | None, gain_db: float) -> ShownClip:
    if level is not None:
        return ShownClip(level.fps, level.frames, level.has_audio, gain_db)
    return ShownClip(clip.fps, clip.frames, clip.has_audio, gain_db)
