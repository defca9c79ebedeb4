"""Endpoints by name: their settings, and a connection to each."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

from sora_compare.endpoints.protocol import Reachability, Timeouts
from sora_compare.errors import SoraCompareError
from sora_compare.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.endpoints import Endpoint
    from sora_compare.domain.requests import StoredImage
    from sora_compare.endpoints.endpoint_registry import EndpointRegistry
    from sora_compare.endpoints.protocol import VideoEndpoint
SIMULATOR_KEY = Secret("sk-simulated")
"""The built-in simulator wants some key, as the real API does; it is no secret."""


class ClientPool:
    """The configured endpoints; `timeouts` hold for connections opened from then on."""

    def __init__(
        self,
        endpoint_registry: EndpointRegistry,
        simulator_url: Callable[[], str],
        images: Callable[[StoredImage], bytes],
    ) -> None:
        self._endpoint_registry = endpoint_registry
        self._simulator_url = simulator_url
        self._images = images
        self.timeouts = Timeouts()

    def settings_of(self, name: str) -> Endpoint:
        """The endpoint's settings.

        Raises:
            EndpointUnknown: none is configured under that name.
        """
        return self._endpoint_registry.get(name)

    async def open(self, name: str) -> VideoEndpoint:
        """A new connection, bound to the running event loop; starts the simulator when it is needed."""
        endpoint = await self.resolved(name)
        key = SIMULATOR_KEY if endpoint.is_simulator else self._endpoint_registry.key_for(endpoint)
        # A third of a second of openai, which most commands and pages do without.
        from sora_compare.endpoints.openai_adapter import OpenAIEndpoint  # noqa: PLC0415  # see above

        return OpenAIEndpoint(endpoint, key, self._images, self.timeouts)

    async def resolved(self, name: str) -> Endpoint:
        """The endpoint's settings with the address it has now; starts the simulator when it is the one."""
        endpoint = self.settings_of(name)
        if not endpoint.is_simulator:
            return endpoint
        url = await asyncio.to_thread(self._simulator_url)
        return dataclasses.replace(endpoint, base_url=url)

    async def check(self, name: str) -> Reachability:
        """Whether the endpoint can be used; costs nothing."""
        try:
            endpoint = await self.open(name)
        except SoraCompareError as error:
            return Reachability(is_usable=False, sentence=str(error))
        try:
            return await endpoint.check()
        finally:
            await endpoint.aclose()
