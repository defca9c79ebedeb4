"""Everything about review sessions, put together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sora_compare.access.ended import EndedCookies
from sora_compare.access.limits import RateLimit
from sora_compare.access.signing import Signing, new_token, signing_key
from sora_compare.clips.blind_copies import BlindCopies
from sora_compare.sessions.admin import SessionAdmin
from sora_compare.sessions.answering import Answering
from sora_compare.sessions.joining import Joining
from sora_compare.sessions.media import Media
from sora_compare.sessions.presenting import Presenting
from sora_compare.sessions.progress import SessionProgress
from sora_compare.sessions.rooms import Rooms
from sora_compare.sessions.showing import Showing

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.clips.files import ClipFiles
    from sora_compare.clips.worker import ClipWorker
    from sora_compare.settings import Settings
    from sora_compare.storage.store import Store


@dataclass(frozen=True, slots=True)
class Sessions:
    """Rooms (what is kept), joining, answering, addresses of clips, and the owner's side."""

    signing: Signing
    ended_cookies: EndedCookies
    owner_token: str
    guesses: RateLimit
    rooms: Rooms
    joining: Joining
    answering: Answering
    media: Media
    progress: SessionProgress
    admin: SessionAdmin
    presenting: Presenting
    showing: Showing


def open_sessions(store: Store, home: Path, settings: Settings, files: ClipFiles, worker: ClipWorker) -> Sessions:
    """Put the parts together; the signing key lies in the data folder."""
    signing, guesses, rooms = Signing(partial(signing_key, home)), RateLimit(), Rooms(store.records)
    joining = Joining(store, rooms, signing, guesses)
    answering = Answering(store, rooms, joining)
    progress = SessionProgress(store, rooms, answering)
    showing = Showing(files, BlindCopies(files, worker), answering, signing)
    return Sessions(
        signing=signing,
        ended_cookies=EndedCookies(store.records),
        owner_token=settings.owner_token.reveal() or new_token(),
        guesses=guesses,
        rooms=rooms,
        joining=joining,
        answering=answering,
        media=Media(signing, rooms, showing),
        progress=progress,
        admin=SessionAdmin(store, rooms, progress),
        presenting=Presenting(store, rooms, progress),
        showing=showing,
    )
