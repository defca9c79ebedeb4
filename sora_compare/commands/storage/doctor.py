"""`doctor`: what is configured, reachable, writable, and free; every failing line says what to do.

With --fix it first mends what can be mended, and says what it did.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.clips.files import ClipFiles
from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.endpoints.profiles import profile_of
from sora_compare.errors import SoraCompareError, UsageError
from sora_compare.generation.runner import LEASE
from sora_compare.maintenance.filesystems import network_file_system
from sora_compare.maintenance.repair import missing_clips, remove_earlier_records, repair, some_of
from sora_compare.services import open_services
from sora_compare.store.home import Home
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.endpoints.client_pool import ClientPool
    from sora_compare.services import Services
    from sora_compare.settings import Settings
    from sora_compare.store.store import Store

GIGABYTE = 1_000_000_000
LEAST_FREE = 2 * GIGABYTE
PROBE = "doctor"
DONE, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is in order, and what was found or is to be done."""

    what: str
    is_in_order: bool
    sentence: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `doctor`."""
    parser.add_argument("--fix", action="store_true", help="mend what can be mended, and say what was done")
    parser.add_argument(
        "--remove-earlier-records",
        action="store_true",
        help="with --fix: remove what a version before the relational store left beside it",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when everything is in order, 1 when something is not."""
    if arguments.remove_earlier_records and not arguments.fix:
        raise UsageError("Removing is part of mending: add --fix.")
    mended = _mend(is_earlier_removed=arguments.remove_earlier_records) if arguments.fix else []
    found = list(findings())
    if arguments.json:
        sys.stdout.write(json.dumps({"mended": mended, "findings": [asdict(one) for one in found]}) + "\n")
    else:
        if arguments.fix:
            sys.stdout.writelines(f"done  {sentence}\n" for sentence in mended or ["Nothing was to be mended."])
        for one in found:
            sys.stdout.write(f"{'ok  ' if one.is_in_order else 'FAIL'}  {one.what}: {one.sentence}\n")
    return DONE if all(one.is_in_order for one in found) else FAILED


def _mend(*, is_earlier_removed: bool) -> list[str]:
    settings = settings_module.load()
    home = Home(settings.home)
    store = open_store(home.root, settings.database_url.reveal())
    try:
        mended = repair(store, ClipFiles(home.clips), home.root)
        if mended:
            shutil.rmtree(home.cache, ignore_errors=True)  # figures of what was set aside
        return mended + (remove_earlier_records(store, home.root) if is_earlier_removed else [])
    finally:
        store.close()


def findings() -> Iterator[Finding]:
    """Look at everything that has to be right, in the order in which it is needed."""
    yield Finding("Python", True, f"{sys.version.split()[0]}")  # noqa: FBT003  # the field has one meaning
    try:
        settings = settings_module.load()
        yield Finding("settings", True, _configured(settings))  # noqa: FBT003  # the field has one meaning
        opened = open_services(settings, with_runner=False)
    except SoraCompareError as error:
        yield Finding("settings and data folder", False, str(error))  # noqa: FBT003  # the field has one meaning
        return
    try:
        yield _store(opened)
        yield _records(opened.store)
        yield _clips(opened)
        yield _disk(opened.settings)
        yield _runner(opened)
        yield from (_endpoint(opened.client_pool, endpoint) for endpoint in settings.endpoints.values())
    finally:
        opened.close()


def _configured(settings: Settings) -> str:
    names = ", ".join(settings.endpoints)
    return f"endpoints {names}; both arms start with “{settings.default_endpoint}”"


def _store(opened: Services) -> Finding:
    home = opened.settings.home
    try:
        opened.store.settings.save(PROBE, {"at": time.time()})
        count = opened.store.comparisons.count()
    except SoraCompareError as error:
        return Finding("data folder", is_in_order=False, sentence=str(error))
    return Finding("data folder", is_in_order=True, sentence=f"{home} is writable and holds {count} comparisons")


def _records(store: Store) -> Finding:
    """The database by its own check, and every record by reading it."""
    try:
        found = store.check()
    except SoraCompareError as error:
        return Finding("records", is_in_order=False, sentence=str(error))
    names = ", ".join(store.damaged.names)
    if names:
        found.append(f"{len(store.damaged)} cannot be read and are left out everywhere: {names}")
    return Finding("records", not found, "; ".join(found) or "the database and every record can be read")


def _clips(opened: Services) -> Finding:
    """Whether every completed take has its clip."""
    gone = [take.id for take in missing_clips(opened.store, opened.files)]
    if not gone:
        return Finding("clips", is_in_order=True, sentence="every completed take has its clip")
    advice = (
        "put them back from a backup or import them again; doctor --fix lets those be fetched whose server has them"
    )
    return Finding("clips", is_in_order=False, sentence=f"{len(gone)} are gone, of {some_of(gone)}: {advice}")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.home).free
    text = f"{free / GIGABYTE:.1f} GB free"
    network = "" if settings.database_url else network_file_system(settings.home)
    if network:
        text = f"{settings.home} is on a network file system ({network}), where SQLite can lose or damage records: "
        text += "set SORA_COMPARE_HOME to a disk of this machine, or SORA_COMPARE_DATABASE_URL to a server"
    elif free < LEAST_FREE:
        text += f"; clips need room: free some on {settings.home}, or set SORA_COMPARE_HOME to a larger disk"
    return Finding("disk", free >= LEAST_FREE and not network, text)


def _runner(opened: Services) -> Finding:
    holder = opened.coordination.lease_holder(LEASE)
    waiting = len(opened.store.takes.open())
    text = "none runs now; the app or `compare` starts one"
    if holder:
        who, since = holder
        text = f"{who} runs the takes since {datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC"
    return Finding("runner", is_in_order=True, sentence=f"{text}; {waiting} takes under way")


def _endpoint(client_pool: ClientPool, endpoint: Endpoint) -> Finding:
    name = f"endpoint {endpoint.name}"
    retired = profile_of(endpoint).retired
    if retired and retired <= datetime.now(UTC).date():
        text = f"{endpoint.base_url} was switched off on {retired}. Set OPENAI_BASE_URL to a server that is alive, "
        return Finding(name, is_in_order=False, sentence=f"{text}unset OPENAI_API_KEY, or use the simulator.")
    reach = asyncio.run(client_pool.check(endpoint.name))
    address = "built in, starts by itself" if endpoint.name == SIMULATOR else endpoint.base_url
    return Finding(name, reach.is_usable, f"{reach.sentence} ({address})")
