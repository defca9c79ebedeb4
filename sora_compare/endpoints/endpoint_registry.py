"""The endpoints there are: those from the settings, and those added on the Settings page."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.endpoints.profiles import profile_of
from sora_compare.errors import ConfigurationError, EndpointUnknown
from sora_compare.settings import checked_base_url

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.settings import Secret, Settings
    from sora_compare.store.store import Store

NAME = re.compile(r"\w[\w .-]{0,59}")
KEY_SOURCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*_KEY|secrets:(?!sk-)[A-Za-z_][\w.-]{0,59}")
"""What may be stored; a key that somebody types by mistake is refused."""


class EndpointRegistry:
    """Endpoints by name. Keys are never in it: only where each key comes from."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def all(self) -> dict[str, Endpoint]:
        """Every endpoint; what the settings say wins over what was added under the same name."""
        added = {one.name: one for one in self._store.endpoints.list()}
        return {**self._settings.endpoints, **{n: e for n, e in added.items() if n not in self._settings.endpoints}}

    def get(self, name: str) -> Endpoint:
        """One endpoint.

        Raises:
            EndpointUnknown: none has that name.
        """
        known = self.all()
        if name not in known:
            raise EndpointUnknown(name, list(known))
        return known[name]

    def is_editable(self, name: str) -> bool:
        """Whether it was added here and not by the environment or secrets.toml."""
        return name not in self._settings.endpoints

    def has_key(self, endpoint: Endpoint) -> bool:
        """Whether the place its key comes from holds one."""
        return bool(self._settings.key_for(endpoint))

    def key_for(self, endpoint: Endpoint) -> Secret:
        """The endpoint's key; an empty one when it has none or its source is not set.

        Raises:
            ConfigurationError: see `key_refusal`.
        """
        refusal = self.key_refusal(endpoint)
        if refusal:
            raise ConfigurationError(refusal)
        return self._settings.key_for(endpoint)

    def key_refusal(self, endpoint: Endpoint) -> str | None:
        """Why its key may not be sent to its host; None when it may.

        Whoever sets the server up chooses freely. What is added on a page may have keys of the operator's list alone:
        else every owner could send any key of the server anywhere.
        """
        if not endpoint.key_source or not self.is_editable(endpoint.name):
            return None
        parts, name = urlsplit(endpoint.base_url), endpoint.key_source.partition(":")[2]
        if self._settings.key_hosts.get(name, frozenset()) & {parts.hostname, parts.netloc}:
            return None
        return (
            f"The key {name} may not be sent to {parts.netloc}. Whoever runs the app allows it with "
            f'SORA_COMPARE_KEYS={name}={parts.netloc}, or in secrets.toml under [keys]: {name} = "{parts.netloc}".'
        )

    def save(self, endpoint: Endpoint) -> None:
        """Add or change an endpoint.

        Raises:
            ConfigurationError: its name, address, profile, limits or key source cannot be used.
        """
        if not NAME.fullmatch(endpoint.name):
            raise ConfigurationError("Give the endpoint a name of up to 60 letters, digits, blanks, “.”, “_” or “-”.")
        if endpoint.name == SIMULATOR or not self.is_editable(endpoint.name):
            raise ConfigurationError(f"“{endpoint.name}” is already set outside of this page: choose another name.")
        _check_address(endpoint.base_url)
        profile_of(endpoint)
        if endpoint.key_source and not KEY_SOURCE.fullmatch(endpoint.key_source):
            raise ConfigurationError(
                "A key is never stored here. Name where it comes from: env:NAME, for a variable whose name ends in "
                "_KEY, or secrets:NAME."
            )
        refusal = self.key_refusal(endpoint)
        if refusal:
            raise ConfigurationError(refusal)
        if min(endpoint.poll_interval_s, endpoint.watch_limit_s, endpoint.concurrency) <= 0:
            raise ConfigurationError("The poll interval, the watch limit and the concurrency must be above 0.")
        if endpoint.requests_per_minute is not None and endpoint.requests_per_minute <= 0:
            raise ConfigurationError("The requests a minute must be above 0, or left empty for no limit.")
        self._store.endpoints.save(dataclasses.replace(endpoint, base_url=checked_base_url(endpoint.base_url)))

    def remove(self, name: str) -> None:
        """Forget an endpoint that was added here; its takes stay."""
        self._store.endpoints.delete(name)


def _check_address(url: str) -> None:
    try:
        checked_base_url(url)
    except ValueError:
        raise ConfigurationError(f"The base URL “{url}” is not an address: write it as https://host/v1.") from None
    if "?" in url or "#" in url:
        raise ConfigurationError("A base URL ends with its path: leave out what follows the “?” or “#”.")
