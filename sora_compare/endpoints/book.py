"""The endpoints there are: those from the settings, and those added on the Settings page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.endpoints.profiles import profile_of
from sora_compare.errors import ConfigurationError, EndpointUnknown
from sora_compare.settings import checked_base_url

if TYPE_CHECKING:
    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.settings import Settings
    from sora_compare.storage.store import Store

KEY_SOURCES = ("env:", "secrets:")


class EndpointBook:
    """Endpoints by name. Keys are never in it: only where each key comes from."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def all(self) -> dict[str, Endpoint]:
        """Every endpoint; what the settings say wins over what was added under the same name."""
        added = {one.name: one for one in self._store.endpoints()}
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

    def save(self, endpoint: Endpoint) -> None:
        """Add or change an endpoint.

        Raises:
            ConfigurationError: its name, address, profile or key source cannot be used.
        """
        if not endpoint.name.strip() or endpoint.name == SIMULATOR or not self.is_editable(endpoint.name):
            raise ConfigurationError(f"“{endpoint.name}” cannot be used as a name here: choose another.")
        checked_base_url(endpoint.base_url)
        profile_of(endpoint)
        if endpoint.key_source and not endpoint.key_source.startswith(KEY_SOURCES):
            raise ConfigurationError(
                "A key is never stored here. Name where it comes from: env:NAME_OF_A_VARIABLE_KEY, or secrets:NAME."
            )
        if min(endpoint.poll_interval_s, endpoint.watch_limit_s, endpoint.concurrency) <= 0:
            raise ConfigurationError("The poll interval, the watch limit and the concurrency must be above 0.")
        self._store.keep_endpoint(endpoint)

    def remove(self, name: str) -> None:
        """Forget an endpoint that was added here; its takes stay."""
        self._store.drop_endpoint(name)
