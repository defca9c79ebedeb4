"""`versions lock`, `versions switch`, `versions undo`, `versions rollback` and `versions needs-reason`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.commands.versions.context import author_of, decided_on, governed, print_change
from sora_compare.releases.checklist_summary import Decision

if TYPE_CHECKING:
    import argparse

    from sora_compare.settings import Settings


def lock(arguments: argparse.Namespace, settings: Settings) -> int:
    """Use exactly this snapshot."""
    with governed(arguments, settings) as opened:
        name = arguments.environment
        evidence = decided_on(arguments, opened, name, arguments.model, Decision.LOCK)
        author = author_of(arguments)
        after = opened.releases.lock(name, arguments.model, force=arguments.force, author=author, evidence=evidence)
        return print_change(arguments, opened, after, name)


def switch(arguments: argparse.Namespace, settings: Settings) -> int:
    """Use a version by its role."""
    with governed(arguments, settings) as opened:
        opened.releases.environment(arguments.environment)
        after = opened.releases.switch(arguments.environment, arguments.key, author=author_of(arguments))
        return print_change(arguments, opened, after, arguments.environment)


def rule_reason(arguments: argparse.Namespace, settings: Settings) -> int:
    """Want a reason for changes of an environment, or not any more."""
    with governed(arguments, settings) as opened:
        name, is_wanted = arguments.environment, arguments.wanted == "yes"
        after = opened.releases.rule_reason(name, needs_reason=is_wanted, author=author_of(arguments))
        return print_change(arguments, opened, after, name)


def undo(arguments: argparse.Namespace, settings: Settings) -> int:
    """Back to what it used before the last change."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        after = opened.releases.undo(name, author=author_of(arguments))
        return print_change(arguments, opened, after, name)


def rollback(arguments: argparse.Namespace, settings: Settings) -> int:
    """Reset to the stable version."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        opened.releases.environment(name)
        after = opened.releases.rollback(name, to=arguments.to, author=author_of(arguments))
        return print_change(arguments, opened, after, name)
