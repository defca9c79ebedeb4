"""What every `versions` verb needs: the opened policy, the author, and one place that prints."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sora_compare.domain.policies import Author
from sora_compare.evidence.opening import Evidence
from sora_compare.releases.checklist_summary import Decision, evidence_summary
from sora_compare.releases.policy.opening import open_governance
from sora_compare.releases.policy.overview import lifecycle_to_dict
from sora_compare.store.cache import LocalCache
from sora_compare.store.home import Home
from sora_compare.store.store import open_store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from sora_compare.domain.policies import Policy
    from sora_compare.releases.policy.opening import Governance
    from sora_compare.settings import Settings

DONE, FAILED, UNDECIDED = 0, 1, 3


@contextmanager
def governed(arguments: argparse.Namespace, settings: Settings) -> Iterator[Governance]:
    """The policy that the arguments or the settings name, closed at the end."""
    home = Home(settings.home)
    store = open_store(home.root, settings.database_url.reveal())
    path = Path(arguments.policy).absolute() if arguments.policy else None
    evidence = Evidence(store, LocalCache(home.cache, settings.cache_bytes))
    opened = open_governance(settings, policy_file=path, store=store, verdicts=evidence.verdicts, pairs=evidence.pairs)
    try:
        yield opened
    finally:
        opened.close()


def author_of(arguments: argparse.Namespace) -> Author:
    """Who and why, as the flags say."""
    return Author(arguments.by, arguments.reason, arguments.revision)


def decided_on(arguments: argparse.Namespace, opened: Governance, name: str, model: str, decision: Decision) -> str:
    """What is known about the change, for the log; said on standard error first, also where the change is refused."""
    releases = opened.releases
    if name not in releases.policy.environments or not releases.registry.knows(model):
        return ""  # the change says so
    sentence = evidence_summary(opened, name, model, decision).sentence
    if not arguments.json:
        sys.stderr.write(f"Evidence for {model} in {name}: {sentence}.\n")
    return sentence


def say(arguments: argparse.Namespace, details: Any, lines: list[str]) -> None:  # noqa: ANN401  # whatever JSON holds
    """One JSON document, or lines for people."""
    if arguments.json:
        sys.stdout.write(json.dumps(details, allow_nan=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines))


def print_change(arguments: argparse.Namespace, opened: Governance, policy: Policy, name: str) -> int:
    """What an environment uses after a change, with its warning."""
    there = policy.environments[name]
    life = opened.releases.lifecycle(there.model)
    details: dict[str, Any] = {
        "environment": name,
        "model": there.model,
        "previous": there.previous,
        "revision": policy.revision,
    }
    lines = [f"{name} uses {there.model} (revision {policy.revision})."]
    if there.canary:
        details["canary"] = {"candidate": there.canary.candidate, "share": there.canary.share}
        lines.append(f"Canary: {there.canary.share} % of keys use {there.canary.candidate}.")
    if life.is_flagged:
        lines.append(f"Warning: {life.sentence}")
    say(arguments, {**details, "lifecycle": lifecycle_to_dict(life)}, lines)
    return DONE
