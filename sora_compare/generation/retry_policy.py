"""How long the runner waits for things before it does the next one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sora_compare.generation.rate_limiter import Backoff


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits of the runner, in seconds.

    Attributes:
        lease_s: a runner that died without a word is followed after this long.
        renew_s: between two renewals of the lease.
        inbox_s: takes planned by another process are noticed within this time; those of this process at once.
        rest_s: a take that met a fault of ours is taken up again after this long.
        unwritable_s: between tries to write down a job while the store cannot be written.
        looks_s: between looks for a job that may exist.
        create: between creates that were surely not received.
        fetch: between tries to fetch a clip.
        fetch_tries: so many, then the clip is "not saved".
        download_s: fetching a clip may take this long in all, every try counted.
        slow_s: a download is given up when it was too slow for this long.
        gone_after_s: a job counts as gone when the server has not known it for this long, in its list either.
    """

    lease_s: float = 10.0
    renew_s: float = 3.0
    inbox_s: float = 0.5
    rest_s: float = 30.0
    unwritable_s: float = 1.0
    looks_s: tuple[float, ...] = (0.5, 2.0, 6.0)
    create: Backoff = field(default_factory=Backoff)
    fetch: Backoff = field(default_factory=lambda: Backoff(base_s=0.5, cap_s=20.0))
    fetch_tries: int = 6
    download_s: float = 1800.0
    slow_s: float = 30.0
    gone_after_s: float = 300.0
