"""What keeps two runners, two tabs and two processes from doing the same paid thing twice."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.store.tables import job_claims, leases, request_claims, signals

if TYPE_CHECKING:
    from sora_compare.store.codec import Row
    from sora_compare.store.store import Store

CANCEL, PAUSE = "cancel", "hold"
"""To stop a take wherever it is; to stop it only if nothing was sent for it yet."""


class Coordination:
    """Leases, claims on requests, ownership of jobs, and signals to the runner."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._database = store.database

    def acquire_lease(self, name: str, owner: str, length_s: float) -> bool:
        """Take or renew a lease for so many seconds; False while another owner's has not run out.

        One that would last longer than a lease can, since the clock was put back after its owner died, ends after
        its own length from now.
        """
        now = time.time()
        lease = {"owner": owner, "until": now + length_s, "length_s": length_s, "since": now, "who": _this_process()}
        with self._database.transaction():
            held = self._lease(name)
            if held and held["owner"] != owner and held["until"] > now:
                latest = now + held["length_s"]
                if held["until"] > latest:
                    self._database.put(leases, {**held, "until": latest})
                return False
            if held and held["owner"] == owner:
                lease["since"] = held["since"]
            self._database.put(leases, {"name": name, **lease})
        return True

    def _lease(self, name: str) -> Row | None:
        return self._database.row(select(leases).where(leases.c.name == name))

    def lease_holder(self, name: str) -> tuple[str, float] | None:
        """The process that holds the lease now, in words, and since when (seconds since the epoch)."""
        held = self._lease(name)
        return (held["who"], held["since"]) if held and held["until"] > time.time() else None

    def lease_owner(self, name: str) -> str | None:
        """Who holds the lease now."""
        held = self._lease(name)
        return str(held["owner"]) if held and held["until"] > time.time() else None

    def release_lease(self, name: str, owner: str) -> None:
        """Give the lease back, if it is this owner's."""
        self._database.run(leases.delete().where((leases.c.name == name) & (leases.c.owner == owner)))

    def claim_request(self, fingerprint: str, take_id: str) -> bool:
        """Whether this take is the one that asks; False while another take with the same request is under way."""
        query = select(request_claims.c.take_id).where(request_claims.c.fingerprint == fingerprint)
        with self._database.transaction():
            held = self._database.value(query)
            if held and held != take_id and not self._store.takes.get(held).is_ended:
                return False
            self._database.put(request_claims, {"fingerprint": fingerprint, "take_id": take_id})
        return True

    def claim_job(self, endpoint: str, job_id: str, take_id: str) -> bool:
        """Whether the job belongs to this take from now on; False when it is another take's, or the take has another.

        A take owns one job: of equal requests, a second runner may have given it the job of another's request, and
        that one can then find the job that is left.
        """
        with self._database.transaction():
            held = self.claimant_of_job(endpoint, job_id)
            if (held and held != take_id) or self.job_of(take_id) not in {None, job_id}:
                return False
            self._database.put(job_claims, {"endpoint": endpoint, "job_id": job_id, "take_id": take_id})
        return True

    def job_of(self, take_id: str) -> str | None:
        """The job that a take owns, also when the take itself could not be written any more."""
        found: str | None = self._database.value(select(job_claims.c.job_id).where(job_claims.c.take_id == take_id))
        return found

    def claimant_of_job(self, endpoint: str, job_id: str) -> str | None:
        """The take that owns the job."""
        same = (job_claims.c.endpoint == endpoint) & (job_claims.c.job_id == job_id)
        found: str | None = self._database.value(select(job_claims.c.take_id).where(same))
        return found

    def send_signal(self, take_id: str, what: str) -> None:
        """Leave a signal for whoever runs the take, such as CANCEL."""
        self._database.put(signals, {"take_id": take_id, "what": what})

    def take_signal(self, take_id: str) -> str | None:
        """The signal left for a take; reading it removes it."""
        query = select(signals.c.what).where(signals.c.take_id == take_id)
        if self._database.value(query) is None:
            return None
        with self._database.transaction():
            found: str | None = self._database.value(query)
            self._database.run(signals.delete().where(signals.c.take_id == take_id))
        return found

    def signalled(self) -> list[str]:
        """The takes for which a signal was left."""
        return [row["take_id"] for row in self._database.rows(select(signals.c.take_id))]


def _this_process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
