"""Which model a key uses, answered in under a microsecond: the policy is looked at again at most every FRESH_S."""

from __future__ import annotations

import threading
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from sora_compare.domain.canaries import PLACES, threshold
from sora_compare.releases.refusals import UnknownEnvironment

if TYPE_CHECKING:
    from sora_compare.domain.policies import Environment, Policy

FRESH_S = 0.2
"""How old the policy in use may be: a switch or rollback of another process is followed within this time."""
PLACE_BYTES = 8


class PolicySource(Protocol):
    """Who knows the policy: cheap to ask when nothing changed."""

    def read_cached(self) -> Policy:
        """The policy as it is now."""


class Route:
    """What one environment answers, prepared: base, candidate, and where the candidate's keys end."""

    __slots__ = ("candidate", "hasher", "is_everybody", "limit", "model")

    def __init__(self, environment: Environment) -> None:
        canary = environment.canary
        end = threshold(canary.share) if canary else 0
        self.model = environment.model
        self.candidate = canary.candidate if canary else None
        self.hasher = blake2b(f"{canary.salt if canary else ''}:".encode(), digest_size=PLACE_BYTES)
        self.is_everybody = end >= PLACES
        self.limit = (end % PLACES).to_bytes(PLACE_BYTES, "big")


class Router:
    """Answers for every environment of a policy; safe between threads."""

    def __init__(self, source: PolicySource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._fresh_until = 0.0
        self._routes: dict[str, Route] = {}

    def model_for(self, environment: str, key: str | None = None) -> str:
        """The model of an environment, for one key of a canary. See `SoraVersionManager.model_for`.

        Raises:
            UnknownEnvironment: the policy has none of that name.
        """
        if monotonic() >= self._fresh_until:
            self._refresh()
        try:
            route = self._routes[environment]
        except KeyError:
            raise UnknownEnvironment(environment, self._routes) from None
        if route.candidate is None or key is None:
            return route.model
        if route.is_everybody:
            return route.candidate
        # The same as `domain.canaries.uses_candidate`: bytes compare as the numbers they write, high end first.
        hasher = route.hasher.copy()
        try:
            hasher.update(key.encode())
        except UnicodeEncodeError:
            hasher.update(key.encode("utf-8", "surrogatepass"))
        return route.candidate if hasher.digest() < route.limit else route.model

    def look(self) -> None:
        """Look at the policy now."""
        with self._lock:
            self._read()

    def _refresh(self) -> None:
        """Look again, unless another thread does: a store that makes one wait must not make all of them wait."""
        if not self._lock.acquire(blocking=not self._routes):
            return
        try:
            self._read()
        finally:
            self._lock.release()

    def _read(self) -> None:
        policy = self._source.read_cached()
        self._routes = {name: Route(one) for name, one in policy.environments.items()}
        self._fresh_until = monotonic() + FRESH_S
