"""`backup`, `restore`, `migrate` and `doctor --fix` as processes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sora_compare.generation.runner import LEASE
from sora_compare.store.coordination import Coordination
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import open_store
from tests.commands.terminal import is_one_sentence, run
from tests.maintenance.stock import PAIRS, filled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.postgres import PostgresServer


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A filled data folder."""
    filled(tmp_path / "home").close()
    return tmp_path / "home"


def test_a_damaged_database_names_the_newest_backup_and_it_restores(home: Path, tmp_path: Path) -> None:
    for name in ("older", "newer"):
        made = run("backup", str(tmp_path / name), "--json", home=home)
        assert (made.code, made.document["rows"]["comparisons"]) == (0, PAIRS + 1), made.err
    (home / DATABASE).write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    for path in home.glob(f"{DATABASE}-*"):
        path.unlink()
    failed = run("results", home=home)
    assert failed.code == 2
    assert is_one_sentence(failed.err)
    assert f"run restore {tmp_path / 'newer'}" in failed.err
    second = tmp_path / "second"
    done = run("restore", str(tmp_path / "newer"), home=second)
    assert done.code == 0, done.err
    assert f"{PAIRS + 1} comparisons, {PAIRS} reviews" in done.out
    assert "2 takes were waiting" in done.out
    looked = run("doctor", "--json", home=second)
    assert all(one["is_in_order"] for one in looked.document["findings"]), looked.out


def test_records_move_to_a_server_and_back(home: Path, tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.new_database()
    there = run("migrate", "--to", url, "--json", home=home)
    assert there.code == 0, there.err
    assert there.document["rows"]["reviews"] == PAIRS
    on_server = run("results", "--json", home=home, SORA_COMPARE_DATABASE_URL=url)
    here = run("results", "--json", home=home)
    assert on_server.document == here.document
    back = run("migrate", "--to", str(tmp_path / "back"), home=home, SORA_COMPARE_DATABASE_URL=url)
    assert "Set SORA_COMPARE_HOME" in back.out, back.err
    assert run("results", "--json", home=tmp_path / "back").document == here.document


def test_a_store_is_not_copied_over_another_onto_itself_or_while_it_is_used(home: Path, tmp_path: Path) -> None:
    filled(tmp_path / "other").close()
    for words, sentence in (
        (("--to", str(tmp_path / "other")), "holds records already"),
        (("--to", str(home)), "onto themselves"),
        ((), "onto themselves"),
        (("--to", "mysql://host/db"), "names no database of PostgreSQL"),
    ):
        done = run("migrate", *words, home=home)
        assert done.code in {1, 2}, done
        assert sentence in done.err
        assert is_one_sentence(done.err.replace(". ", "; "))
    store = open_store(home)
    Coordination(store).acquire_lease(LEASE, "somebody", 60)
    store.close()
    used = run("migrate", "--to", str(tmp_path / "third"), home=home)
    assert (used.code, "stop the app" in used.err) == (2, True)


def test_doctor_mends_and_says_what_it_did(home: Path) -> None:
    with closing(sqlite3.connect(home / DATABASE)) as database, database:
        database.execute("DELETE FROM comparisons WHERE prompt = 'waits'")
    ill = run("doctor", "--json", home=home)
    assert ill.code == 1
    mended = run("doctor", "--fix", "--json", home=home)
    assert mended.code == 0, mended.out
    assert "rows named others" in mended.document["mended"][0]
    again = run("doctor", "--fix", home=home)
    assert "Nothing was to be mended." in again.out
    assert run("doctor", "--remove-earlier-records", home=home).code == 2
