"""What keeps two runners, two tabs and two processes from doing the same paid thing twice."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sora_compare.store.records import Records
    from sora_compare.store.store import Store

LEASES, CLAIMS, JOBS, JOBS_OF_TAKES, SIGNALS = "leases", "claims", "jobs", "jobs_of_takes", "wishes"
"""Names of tables; "wishes" is what earlier versions called signals, and folders of theirs are read."""
CANCEL, PAUSE = "cancel", "hold"
"""To stop a take wherever it is; to stop it only if nothing was sent for it yet."""


class Coordination:
    """Leases, claims on requests, ownership of jobs, and signals to the runner."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records: Records = store.records

    def acquire_lease(self, name: str, owner: str, length_s: float) -> bool:
        """Take or renew a lease for so many seconds; False while another owner's has not run out.

        One that would last longer than a lease can, since the clock was put back after its owner died, ends after
        its own length from now.
        """
        now = time.time()
        lease = {"owner": owner, "until": now + length_s, "length_s": length_s, "since": now, "who": _this_process()}
        with self._records.transaction():
            held = self._records.get(LEASES, name)
            if held and held["owner"] != owner and held["until"] > now:
                latest = now + held.get("length_s", length_s)
                if held["until"] > latest:
                    self._records.put(LEASES, name, {**held, "until": latest})
                return False
            if held and held["owner"] == owner:
                lease["since"] = held.get("since", now)
            self._records.put(LEASES, name, lease)
        return True

    def lease_holder(self, name: str) -> tuple[str, float] | None:
        """The process that holds the lease now, in words, and since when (seconds since the epoch)."""
        held = self._records.get(LEASES, name)
        return (held["who"], held["since"]) if held and "who" in held and held["until"] > time.time() else None

    def lease_owner(self, name: str) -> str | None:
        """Who holds the lease now."""
        held = self._records.get(LEASES, name)
        return str(held["owner"]) if held and held["until"] > time.time() else None

    def release_lease(self, name: str, owner: str) -> None:
        """Give the lease back, if it is this owner's."""
        with self._records.transaction():
            held = self._records.get(LEASES, name)
            if held and held["owner"] == owner:
                self._records.delete(LEASES, name)

    def claim_request(self, fingerprint: str, take_id: str) -> bool:
        """Whether this take is the one that asks; False while another take with the same request is under way."""
        with self._records.transaction():
            held = self._records.get(CLAIMS, fingerprint)
            if held and held["take"] != take_id and not self._store.take(held["take"]).is_ended:
                return False
            self._records.put(CLAIMS, fingerprint, {"take": take_id})
        return True

    def claim_job(self, endpoint: str, job_id: str, take_id: str) -> bool:
        """Whether the job belongs to this take from now on; False when it is another take's, or the take has another.

        A take owns one job: of equal requests, a second runner may have given it the job of another's request, and
        that one can then find the job that is left.
        """
        key = f"{endpoint}:{job_id}"
        with self._records.transaction():
            held = self._records.get(JOBS, key)
            if (held and held["take"] != take_id) or self.job_of(take_id) not in {None, job_id}:
                return False
            self._records.put(JOBS, key, {"take": take_id})
            self._records.put(JOBS_OF_TAKES, take_id, {"job": job_id})
        return True

    def job_of(self, take_id: str) -> str | None:
        """The job that a take owns, also when the take itself could not be written any more."""
        held = self._records.get(JOBS_OF_TAKES, take_id)
        return str(held["job"]) if held else None

    def claimant_of_job(self, endpoint: str, job_id: str) -> str | None:
        """The take that owns the job."""
        held = self._records.get(JOBS, f"{endpoint}:{job_id}")
        return held["take"] if held else None

    def send_signal(self, take_id: str, what: str) -> None:
        """Leave a signal for whoever runs the take, such as CANCEL."""
        self._records.put(SIGNALS, take_id, {"what": what})

    def take_signal(self, take_id: str) -> str | None:
        """The signal left for a take; reading it removes it."""
        send_signal = self._records.get(SIGNALS, take_id)
        if send_signal is None:
            return None
        self._records.delete(SIGNALS, take_id)
        return str(send_signal["what"])


def _this_process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
