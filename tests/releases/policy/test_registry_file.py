"""The registry: what is known of a model id on a day, and a user's own entries."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B, Phase, registry
from sora_compare.releases.policy.registry_file import load_registry
from sora_compare.releases.policy.toml_places import TomlFileBroken

if TYPE_CHECKING:
    from pathlib import Path

MINE = """\
# our own server
[[snapshot]]
id = "wan-3-2026-05-01"
released = 2026-05-01
retired = 2027-06-01
retired_source = "the vendor's mail of 2026-10-01"
seconds = [5, 10]

[[alias]]
id = "wan-3"
history = [{ from = 2026-05-01, points_to = "wan-3-2026-05-01", source = "release" }]
"""


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        (date(2025, 10, 6), DEFAULT_A),
        (date(2026, 1, 12), DEFAULT_A),
        (date(2026, 1, 13), DEFAULT_B),
        (date(2026, 11, 1), DEFAULT_B),
    ],
)
def test_the_alias_moved_on_2026_01_13(day: date, meant: str) -> None:
    assert registry().resolve(ALIAS, day) == meant
    assert registry().aliases_of(meant, day) == [ALIAS]


@pytest.mark.parametrize(
    ("model", "day", "phase", "sentence"),
    [
        (DEFAULT_A, date(2025, 10, 5), Phase.NOT_YET, "not released before 2025-10-06"),
        (DEFAULT_A, date(2025, 10, 6), Phase.ENDING, "will be retired on 2026-09-24"),
        (DEFAULT_A, date(2026, 9, 23), Phase.ENDING, "will be retired on 2026-09-24"),
        (DEFAULT_A, date(2026, 9, 24), Phase.RETIRED, "was retired on 2026-09-24"),
        (ALIAS, date(2026, 10, 1), Phase.RETIRED, f"{ALIAS} ({DEFAULT_B}) was retired on 2026-09-24"),
        (ALIAS, date(2025, 10, 1), Phase.NOT_YET, "not released before 2025-10-06"),
        ("veo-9", date(2026, 1, 1), Phase.UNKNOWN, "veo-9 is not in the registry"),
    ],
)
def test_any_id_on_any_day_has_its_phase(model: str, day: date, phase: Phase, sentence: str) -> None:
    found = registry().lifecycle(model, day)
    assert found.phase is phase
    assert sentence in found.sentence
    assert found.is_flagged == (phase in {Phase.ENDING, Phase.RETIRED})


def test_every_shipped_figure_has_its_source() -> None:
    for snapshot in registry().snapshots.values():
        for name in ("released", "retired", "seconds", "sizes", "capabilities"):
            assert not getattr(snapshot, name) or getattr(snapshot, f"{name}_source"), (snapshot.id, name)
        assert snapshot.price_source
        assert snapshot.claims
    assert all(source for _, _, source in registry().calendar())


def test_a_users_file_adds_snapshots_and_aliases(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.toml"
    path.write_text(MINE, "utf-8")
    known = load_registry(tmp_path / "none.toml", path)
    assert known.resolve("wan-3", date(2026, 7, 1)) == "wan-3-2026-05-01"
    assert known.lifecycle("wan-3", date(2026, 7, 1)).phase is Phase.ENDING
    assert known.knows(DEFAULT_A)
    assert [day for day, _, _ in known.calendar()] == sorted(day for day, _, _ in known.calendar())


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        ("seconds = [5, 10]", 'seconds = "5"', (7, 1), "seconds is '5': give a list of whole numbers"),
        ("seconds = [5, 10]", "seconds = [true]", (7, 1), "give a list of whole numbers"),
        ("seconds = [5, 10]", "  length = 5", (7, 3), "no field “length”"),
        ("released = 2026-05-01", "released = 2026-05-01T10:00:00", (4, 1), "a date such as"),
        ('released = 2026-05-01\n', "", (2, 3), "has no released"),
        ("2026-05-01, points_to", '"May", points_to', (11, 1), "needs from, a date"),
        ('points_to = "wan-3-2026-05-01"', 'points_to = "wan-2"', (11, 1), "“wan-2”, which is no snapshot"),
        ("[[alias]]", "[[aliases]]", (9, 3), "no table “aliases”"),
        ("[[alias]]", "[alias]", (9, 2), "under [[alias]]"),
        ("retired = 2027-06-01", "retired = 2027-06-", (5, 15), "this is not TOML"),
        ('source = "release" }]', 'source = "release" ', (11, 84), "this is not TOML"),
    ],
)  # fmt: skip
def test_a_fault_in_a_users_file_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, place: tuple[int, int], sentence: str
) -> None:
    path = tmp_path / "snapshots.toml"
    path.write_text(MINE.replace(old, new), "utf-8")
    with pytest.raises(TomlFileBroken, match="line") as caught:
        load_registry(path)
    assert sentence in str(caught.value)
    assert (caught.value.line, caught.value.column) == place


def test_bytes_that_are_no_text_are_told_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.toml"
    path.write_bytes(b"# fine\nid = \xff")
    with pytest.raises(TomlFileBroken, match="line 2, column 6: this is not UTF-8"):
        load_registry(path)
