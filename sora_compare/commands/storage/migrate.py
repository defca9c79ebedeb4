"""`migrate`: the records of one database into another, an empty one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sora_compare import settings as settings_module
from sora_compare.errors import UsageError
from sora_compare.generation.runner import LEASE
from sora_compare.store.coordination import Coordination
from sora_compare.store.copying import copy_store
from sora_compare.store.postgresql import address
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    import argparse

    from sora_compare.settings import Settings
    from sora_compare.store.store import Store

CONFIGURED = "configured"
PLACE = "a data folder, postgresql://USER@HOST/DATABASE, or “configured” for the one the app uses (the default)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `migrate`."""
    parser.add_argument("--from", dest="source", default=CONFIGURED, metavar="PLACE", help=PLACE)
    parser.add_argument("--to", dest="target", default=CONFIGURED, metavar="PLACE", help=f"an empty one: {PLACE}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace) -> int:
    """0 when every record was copied and read back the same.

    Raises:
        UsageError: both are one place, or a program uses the first.
    """
    settings = settings_module.load()
    if _key(settings, arguments.source) == _key(settings, arguments.target):
        raise UsageError("Records would be copied onto themselves: name another place with --from or --to.")
    source = _opened(settings, arguments.source)
    try:
        holder = Coordination(source).lease_holder(LEASE)
        if holder:
            raise UsageError(
                f"{holder[0]} uses the store: stop the app and workers first, so that no record is missed."
            )
        target = _opened(settings, arguments.target)
        try:
            rows = copy_store(source.database, target.database)
        finally:
            target.close()
    finally:
        source.close()
    if arguments.json:
        sys.stdout.write(json.dumps({"rows": rows}) + "\n")
        return 0
    sys.stdout.write(
        f"Copied {sum(rows.values())} records and read each back the same; the first place is unchanged.\n"
    )
    if arguments.target != CONFIGURED:
        name = "SORA_COMPARE_DATABASE_URL" if _is_url(arguments.target) else "SORA_COMPARE_HOME"
        sys.stdout.write(f"Set {name} to the new place, and start the app again. Clips stay where they are.\n")
    return 0


def _is_url(place: str) -> bool:
    return "://" in place


def _key(settings: Settings, place: str) -> str:
    """What tells one place from another."""
    url = settings.database_url.reveal() if place == CONFIGURED else place * _is_url(place)
    if url:
        return address(url, "The place").render_as_string(hide_password=False)
    return str((settings.home if place == CONFIGURED else Path(place)).resolve())


def _opened(settings: Settings, place: str) -> Store:
    if place == CONFIGURED:
        return open_store(settings.home, settings.database_url.reveal())
    return open_store(settings.home, place) if _is_url(place) else open_store(Path(place))
