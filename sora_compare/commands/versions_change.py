"""`versions lock`, `versions switch`, `versions undo` and `versions rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.commands.governing import author_of, governed, say_change

if TYPE_CHECKING:
    import argparse

    from sora_compare.settings import Settings


def lock(arguments: argparse.Namespace, settings: Settings) -> int:
    """Use exactly this snapshot."""
    with governed(arguments, settings) as opened:
        name = arguments.environment
        after = opened.releases.lock(name, arguments.model, force=arguments.force, author=author_of(arguments))
        return say_change(arguments, opened, after, name)


def switch(arguments: argparse.Namespace, settings: Settings) -> int:
    """Use a version by its role."""
    with governed(arguments, settings) as opened:
        opened.releases.environment(arguments.environment)
        after = opened.releases.switch(arguments.environment, arguments.key, author=author_of(arguments))
        return say_change(arguments, opened, after, arguments.environment)


def undo(arguments: argparse.Namespace, settings: Settings) -> int:
    """Back to what it used before the last change."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        after = opened.releases.undo(name, author=author_of(arguments))
        return say_change(arguments, opened, after, name)


def rollback(arguments: argparse.Namespace, settings: Settings) -> int:
    """Reset to the stable version."""
    with governed(arguments, settings) as opened:
        name = arguments.environment or settings.deploy_environment
        opened.releases.environment(name)
        after = opened.releases.rollback(name, to=arguments.to, author=author_of(arguments))
        return say_change(arguments, opened, after, name)
