"""Cameos that were made before, kept for the next clip."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sora_compare.domain.features import validate_features
from sora_compare.domain.requests import Cameo, ClipRequest, ClipSettings, StoredImage
from sora_compare.errors import UsageError

if TYPE_CHECKING:
    from sora_compare.store.store import Store

PREFERENCE = "cameos"
MOST = 100
MOST_PICTURES = 4
DESCRIPTION_LIMIT = 500


class Shelf:
    """The kept cameos, by name. A comparison holds its own copy, so that nothing here changes what was sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> dict[str, Cameo]:
        """Every kept cameo, by name."""
        return {name: _read(found) for name, found in sorted(self._store.settings.get(PREFERENCE).items())}

    def save(self, cameo: Cameo) -> None:
        """Add or replace a cameo.

        Raises:
            UsageError: its name or pictures cannot be used, or there are too many.
        """
        alone = ClipRequest("", f"@{cameo.name}", ClipSettings(1, "1x1", cameos=(cameo,)))
        # A name that cannot be used cannot be mentioned either; once is enough to say it.
        problems = [one.sentence for one in validate_features(alone) if "prompt" not in one.sentence]
        if len(cameo.images) > MOST_PICTURES:
            problems.append(f"Give at most {MOST_PICTURES} pictures.")
        if problems:
            raise UsageError(" ".join(problems))
        with self._store.transaction():
            kept = self._store.settings.get(PREFERENCE)
            if cameo.name not in kept and len(kept) >= MOST:
                raise UsageError(f"{MOST} cameos are kept already: forget one first.")
            self._store.settings.save(PREFERENCE, {**kept, cameo.name: asdict(cameo)})

    def forget(self, name: str) -> None:
        """Take a cameo off the shelf; clips made with it stay."""
        with self._store.transaction():
            kept = self._store.settings.get(PREFERENCE)
            self._store.settings.save(PREFERENCE, {one: found for one, found in kept.items() if one != name})


def _read(data: dict[str, Any]) -> Cameo:
    images = tuple(StoredImage(**one) for one in data["images"])
    return Cameo(data["name"], data["description"], images)
