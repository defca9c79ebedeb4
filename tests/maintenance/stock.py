"""A small data folder with some of everything: what backups, restores and repairs are tried on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sora_compare.clips.files import ClipFiles
from sora_compare.domain.takes import TakeState
from sora_compare.store.home import Home
from sora_compare.store.store import open_store
from tests.releases.evidence import CLIP, add_pair

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.store.store import Store

PAIRS = 3
AT = 1_700_000_000.0


def filled(home: Path, url: str = "") -> Store:
    """An open store with three scored pairs, and one that waits to be sent; every take has a clip in the folder."""
    store = open_store(home, url)
    clip = add_clip(home)
    for number in range(PAIRS):
        add_pair(store, f"a red ball number {number}", AT + number, scores=(4 + number, 7))
    add_pair(store, "waits", AT + PAIRS, states=(TakeState.PLANNED, TakeState.PLANNED))
    for take in list(store.takes.list()):
        if take.state is TakeState.COMPLETED:
            found = dataclasses.replace(CLIP, sha256=clip)
            store.takes.save(dataclasses.replace(take, clip=found, job_id=f"video_{take.id}"))
    store.settings.save("budget", {"day_dollars": 5})
    store.audit("something happened", who="anna")
    return store


def add_clip(home: Path, content: bytes = b"frames") -> str:
    """A file in the data folder, under its name."""
    with ClipFiles(Home(home).clips).incoming("one") as incoming:
        incoming.write(content)
        return incoming.save(".mp4")
