"""Endpoints as data: a server speaking /v1/videos, and what its models can take."""

from __future__ import annotations

from dataclasses import dataclass, field

from sora_compare.domain.capabilities import Capabilities
from sora_compare.domain.takes import Origin

SIMULATOR = "simulator"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One named server.

    Attributes:
        name: what arms and people call it.
        base_url: ends in /v1; empty for the built-in simulator, whose address is known once it runs.
        key_source: where its key comes from: "env:NAME", "secrets:NAME", or "" for no key. Never the key.
        profile: name of the dialect profile (endpoints/data/profiles.toml).
        models: capabilities per model, over those of the profile.
        poll_interval_s: seconds between two status requests for one job.
        watch_limit_s: after this many seconds of watching one job, watching stops and says so.
        concurrency: jobs in flight at once.
        requests_per_minute: of creates; None for no limit.
    """

    name: str
    base_url: str
    key_source: str = ""
    profile: str = "generic"
    models: dict[str, Capabilities] = field(default_factory=dict)
    poll_interval_s: float = 10.0
    watch_limit_s: float = 3600.0
    concurrency: int = 4
    requests_per_minute: int | None = None

    @property
    def is_simulator(self) -> bool:
        """Whether it is the built-in simulator."""
        return self.name == SIMULATOR

    @property
    def origin(self) -> Origin:
        """Where its takes come from."""
        return Origin.SIMULATED if self.is_simulator else Origin.LIVE
