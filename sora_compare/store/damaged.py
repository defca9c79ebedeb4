"""Records that cannot be read: left out wherever there are others, counted and named, never quoted."""

from __future__ import annotations

SHOWN = 3


class Damaged:
    """What was met so far of a store's records that cannot be read."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def note(self, table: str, key: str, reason: str) -> None:
        """Remember one; the reason must not repeat what the record holds."""
        self._reasons[f"{table} {key}"] = reason

    def __len__(self) -> int:
        return len(self._reasons)

    @property
    def names(self) -> list[str]:
        """Table and key of each, in order."""
        return sorted(self._reasons)

    @property
    def sentence(self) -> str:
        """How many are left out, and the first ones by name; empty when there are none."""
        if not self._reasons:
            return ""
        more = f" and {len(self) - SHOWN} more" if len(self) > SHOWN else ""
        verb = "record of the store cannot be read and is" if len(self) == 1 else "records cannot be read and are"
        return f"{len(self)} {verb} left out: {', '.join(self.names[:SHOWN])}{more}. The command doctor names each."
