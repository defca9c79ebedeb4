"""The version policy of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sora_compare.domain.policies import Policy
from sora_compare.store.codec import Codec
from sora_compare.store.tables import policies

if TYPE_CHECKING:
    from sora_compare.store.database import Database

NAME = "policy"


class PolicyRepository:
    """One policy."""

    codec = Codec("the version policy", Policy, policies)

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self) -> Policy | None:
        """The policy; None when none was written yet.

        Raises:
            TamperedRecord: it cannot be read.
        """
        row = self._database.row(select(policies).where(policies.c.name == NAME))
        return self.codec.thing(row) if row else None

    def revision(self) -> int:
        """Its revision, read quickly; 0 when none was written yet."""
        return self._database.value(select(policies.c.revision).where(policies.c.name == NAME)) or 0

    def save(self, policy: Policy) -> None:
        """Write it, whatever was there."""
        self._database.put(policies, self.codec.row(policy, name=NAME))
