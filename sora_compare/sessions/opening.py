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
from sora_compare.sessions.admission import Admission
from sora_compare.sessions.media import Media
from sora_compare.sessions.presenter import Presenter
from sora_compare.sessions.progress import SessionProgress
from sora_compare.sessions.scoring import Scoring
from sora_compare.sessions.showing import Showing

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.clips.decoding.worker import ClipWorker
    from sora_compare.clips.files import ClipFiles
    from sora_compare.settings import Settings
    from sora_compare.store.repositories.sessions import SessionRepository
    from sora_compare.store.store import Store


@dataclass(frozen=True, slots=True)
class Sessions:
    """The repository, admission, scoring, addresses of clips, and what owners and presenters do."""

    signing: Signing
    ended_cookies: EndedCookies
    owner_token: str
    guesses: RateLimit
    repository: SessionRepository
    admission: Admission
    scoring: Scoring
    media: Media
    progress: SessionProgress
    admin: SessionAdmin
    presenter: Presenter
    showing: Showing


def open_sessions(store: Store, home: Path, settings: Settings, files: ClipFiles, worker: ClipWorker) -> Sessions:
    """Put the parts together; the signing key lies in the data folder."""
    signing, guesses, repository = Signing(partial(signing_key, home)), RateLimit(), store.sessions
    admission = Admission(store, repository, signing, guesses)
    scoring = Scoring(store, repository, admission)
    progress = SessionProgress(store, repository)
    showing = Showing(files, BlindCopies(files, worker), scoring, signing)
    return Sessions(
        signing=signing,
        ended_cookies=EndedCookies(store.ended_cookies),
        owner_token=settings.owner_token.reveal() or new_token(),
        guesses=guesses,
        repository=repository,
        admission=admission,
        scoring=scoring,
        media=Media(signing, repository, showing),
        progress=progress,
        admin=SessionAdmin(store, repository, progress),
        presenter=Presenter(store, repository, progress),
        showing=showing,
    )
