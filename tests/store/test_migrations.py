"""The tables come from migrations, a newer store is refused, and folders of the first release are carried over."""

from __future__ import annotations

import lzma
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from sora_compare.domain.comparisons import ComparisonFilter
from sora_compare.domain.reviews import Criterion
from sora_compare.domain.takes import TakeState
from sora_compare.errors import StoreUnusable
from sora_compare.store import search
from sora_compare.store.coordination import CANCEL, Coordination
from sora_compare.store.database import Database
from sora_compare.store.home import MARK, open_home
from sora_compare.store.migrations import upgrade
from sora_compare.store.migrations.carry_over import SETTING
from sora_compare.store.postgresql import PostgresBackend
from sora_compare.store.repositories.takes import TakeRepository
from sora_compare.store.sqlite import DATABASE, SqliteBackend
from sora_compare.store.store import open_store
from sora_compare.store.tables import METADATA
from tests.store.filling import add_takes

if TYPE_CHECKING:
    from collections.abc import Callable

    from sora_compare.domain.takes import Take
    from sora_compare.store.store import Store

RECORDS = Path(__file__).parent / "data" / "records-of-0.1.db.xz"
"""Written by release 0.1: 32 comparisons, a review session, a suite, a canary and their log."""
COUNTS = {
    "comparisons": 32, "takes": 64, "reviews": 13, "review_sessions": 2, "invitations": 4, "reviewers": 3, "audit": 16,
    "suite_runs": 1, "endpoints": 1, "policies": 1, "preferences": 2, "drafts": 1, "item_drafts": 3, "presence": 3,
    "shown_to": 1, "sign_offs": 1, "stages": 1, "reveals": 1, "ended_cookies": 1,
}  # fmt: skip
HEAD_OF_THE_LOG = "fbda1cea34d1b653785c8ddc0afd73e006c74f7624664cb759ad08ab2c6acf54"
ROOT = Path(__file__).resolve().parents[2]


def test_the_newest_step_is_the_one_that_an_open_store_has(store: Store) -> None:
    scripts = ScriptDirectory(str(Path(upgrade.__file__).parent))
    assert scripts.get_heads() == [upgrade.HEAD]
    assert upgrade.version_of(store.database) == upgrade.HEAD


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_make_the_tables_as_they_are_described(store: Store) -> None:
    assert differences(store) == []


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_a_store_of_the_first_step_becomes_like_a_new_one(
    place: tuple[Path, str], tmp_path: Path, make_take: Callable[..., Take]
) -> None:
    at_first_step(*place, str(TakeRepository.codec.row(make_take())["details"]))
    with closing(open_store(*place)) as store:
        assert upgrade.version_of(store.database) == upgrade.HEAD
        assert differences(store) == []
        assert [one.id for one in store.comparisons.list(ComparisonFilter(words="Red BALL"))] == ["cmp_2"]
        assert [one.id for one in store.comparisons.list(ComparisonFilter(words="fast"))] == ["cmp_2"]
        assert [one.id for one in store.takes.changed_after(1)] == ["take_2"]
        assert [(one.kind, one.is_withdrawn, one.note) for one in store.reviews.list()] == [
            ("practice", True, "n"), ("pair", False, ""),
        ]  # fmt: skip
        add_takes(store, make_take(comparison_id="cmp_3"))
        assert store.takes.last_change == 3
        if place[1]:
            return
        with closing(open_store(tmp_path / "new")) as new:
            assert described(store) == described(new)


def at_first_step(folder: Path, url: str, of_a_take: str) -> None:
    """A store as release 0.1 with tables would have left it: two comparisons, one take and one review of each."""
    open_home(folder)
    backend = PostgresBackend(url) if url else SqliteBackend(folder)
    with closing(Database(backend)) as database, database.transaction() as connection:
        if url:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        config = Config()
        config.set_main_option("script_location", str(Path(upgrade.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for n, prompt, tag in ((1, "a cat", "slow"), (2, "a red ball", "Fast")):
            values = {"n": n, "c": f"cmp_{n}", "id": f"take_{n}", "prompt": prompt, "tag": tag, "take": of_a_take}
            for statement in AT_FIRST:
                connection.execute(
                    text(statement), {**values, "review": OF_REVIEWS[n - 1], "comparison": OF_COMPARISONS}
                )


AT_FIRST = (
    "INSERT INTO comparisons VALUES (:c, :prompt, :n, NULL, 0, :comparison)",
    "INSERT INTO arms VALUES (:c, 'A', 'simulator', 'old'), (:c, 'B', 'simulator', 'new')",
    "INSERT INTO tags VALUES (:c, 0, :tag)",
    "INSERT INTO takes VALUES (:id, :c, 'A', 0, 0, 'simulator', 'old', 'simulated', 'failed', NULL, 0, :take)",
    "INSERT INTO reviews VALUES (:n, :id, :c, 0, 'Ann', NULL, NULL, 0, :review)",
)
OF_COMPARISONS = '{"settings":{"seconds":8,"size":"1280x720"}}'
OF_REVIEWS = (
    '{"takes":["take_1","take_1"],"created":1.0,"kind":"practice","is_withdrawn":true,"note":"n"}',
    '{"takes":["take_2","take_2"],"created":1.0}',
)


def differences(store: Store) -> list[object]:
    """Of the tables that there are from those that are described; the index of words has tables of its own."""

    def is_described(item: object, name: str | None, *_: object) -> bool:
        table = getattr(item, "table", None)
        return not (name or "").startswith(search.NAME) and getattr(table, "name", "") != search.NAME

    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_described})
        return compare_metadata(context, METADATA)


def described(store: Store) -> set[tuple[str, str, str]]:
    """Every table with its columns, and every index."""
    with store.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        columns = {
            ("column", name, str(tuple(row[1:4])))
            for kind, name, _ in kept
            if kind == "table"
            for row in connection.exec_driver_sql(f"PRAGMA table_info('{name}')").fetchall()
        }
    return {tuple(row) for row in kept} | columns


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store: Store, place: tuple[Path, str]) -> None:
    store.settings.save("budget", {"day": 1})
    store.database.run(upgrade.MARK.update(), {"version_num": "9999"})
    with pytest.raises(StoreUnusable, match="made by a newer version"):
        open_store(*place)
    assert store.settings.get("budget") == {"day": 1}
    assert upgrade.version_of(store.database) == "9999"


# Folders of the first release


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "records").mkdir(parents=True)
    (home / "records" / "cache.db").write_bytes(lzma.decompress(RECORDS.read_bytes()))
    (home / MARK).write_text('{"made_by": "sora-compare", "format": 1}')
    return home


def changed(home: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home / "records" / "cache.db")) as connection, connection:
        connection.execute(statement, values)


def test_everything_is_carried_over_and_the_log_stays_verifiable(earlier: Path) -> None:
    before = (earlier / "records" / "cache.db").read_bytes()
    store = open_store(earlier)
    kept = store.settings.get(SETTING)
    assert (kept["counts"], kept["left_out"]) == (COUNTS, [])
    found = store.audit_log.verify((16, HEAD_OF_THE_LOG))
    assert (found.is_intact, found.count) == (True, 17)
    assert store.check() == []
    assert (earlier / "records" / "cache.db").read_bytes() == before
    assert '"format": 2' in (earlier / MARK).read_text()
    store.close()


def test_what_was_carried_over_goes_on(earlier: Path) -> None:
    store = open_store(earlier)
    coordination = Coordination(store)
    newest = next(one for one in store.comparisons.list() if one.prompt.startswith("prompt 9 "))
    assert newest.prompt == "prompt 9 “quoted” <b>é</b> \x00 \u2028"
    (review,) = store.reviews.of(newest.id)
    assert {(one.criterion, one.value) for one in review.scores if one.arm == "A"} >= {(Criterion.FACES, 10)}
    waiting = [store.takes.get(one) for one in store.takes.open()]
    assert {take.state for take in waiting} == {TakeState.PLANNED}
    assert len(waiting) == 38
    (signalled,) = coordination.signalled()
    assert coordination.take_signal(signalled) == CANCEL
    owner = coordination.claimant_of_job("simulator", "video:with:colons")
    assert owner in {take.id for take in waiting}
    assert not coordination.claim_request(store.takes.get(owner or "").fingerprint, signalled)
    answered = next(take for take in store.takes.list() if take.state is TakeState.COMPLETED)
    assert store.takes.answer_to(answered.fingerprint) == answered
    (session,) = store.sessions.sessions()
    people = store.sessions.everybody(session.id)
    assert [one.name for one in people] == ["Ana", "Ben", "Čeněk"]
    assert store.sessions.draft(people[0].id, people[0].items[2].id)["note"] == "half a sent"
    assert not store.sessions.add_reviewer(people[0])
    assert store.reviews.count() == 13
    assert store.ended_cookies.has("cookie_1")
    assert store.policies.revision() == 1
    store.close()


def test_what_was_carried_over_once_is_old_by_now(earlier: Path) -> None:
    """A database that somebody removed later is not silently replaced by what there was before it."""
    open_store(earlier).close()
    for part in earlier.glob(f"{DATABASE}*"):
        part.unlink()
    store = open_store(earlier)
    assert (store.comparisons.count(), store.settings.get(SETTING)) == (0, {})
    store.close()


def test_several_first_starts_at_once_carry_over_once(earlier: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sora_compare.store.store import open_store; "
        "open_store(Path(sys.argv[1])).close()"
    )
    starts = [subprocess.Popen([sys.executable, "-c", code, str(earlier)], cwd=ROOT) for _ in range(4)]
    assert [one.wait(60) for one in starts] == [0] * 4
    store = open_store(earlier)
    assert [one.event for one in store.audit_log.entries()].count("records carried over") == 1
    assert store.comparisons.count() == 32
    store.close()


def test_a_start_that_is_killed_leaves_all_or_nothing(earlier: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sora_compare.store.migrations import carry_over; "
        "carry_over.mark_carried_over = lambda folder: (print('inside', flush=True), sys.stdin.readline()); "
        "from sora_compare.store.store import open_store; open_store(Path(sys.argv[1])).close()"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, str(earlier)], cwd=ROOT, stdin=pipe, stdout=pipe) as start:
        assert start.stdout is not None
        assert start.stdout.readline() == b"inside\n"
        start.kill()
    store = open_store(earlier)
    assert store.settings.get(SETTING)["counts"] == COUNTS
    store.close()


def test_a_program_of_the_earlier_release_that_still_runs_is_waited_for(earlier: Path) -> None:
    lease = f'{{"owner": "run_1", "until": {time.time() + 60}, "who": "process 7 on here", "since": 1.0}}'
    insert = "INSERT INTO Cache (key, raw, store_time, access_time, mode, value) VALUES (?, 1, 0, 0, 1, ?)"
    changed(earlier, insert, "leases/runner", lease)
    with pytest.raises(StoreUnusable, match=r"process 7 on here of an earlier version uses it\. Stop that process"):
        open_store(earlier)
    changed(earlier, "DELETE FROM Cache WHERE key = 'leases/runner'")
    open_store(earlier).close()


@pytest.mark.parametrize("value", ["not json", b"\xff\xfe", "{}", None])
def test_a_record_that_cannot_be_read_is_named_and_the_others_come(earlier: Path, value: object) -> None:
    with closing(sqlite3.connect(earlier / "records" / "cache.db")) as connection:
        ((key,), *_) = connection.execute("SELECT key FROM Cache WHERE key LIKE 'takes/%' ORDER BY key").fetchall()
    changed(earlier, "UPDATE Cache SET value = ? WHERE key = ?", value, key)
    store = open_store(earlier)
    kept = store.settings.get(SETTING)
    assert (kept["left_out"], kept["counts"]["takes"], len(list(store.takes.list()))) == ([key], 63, 63)
    store.close()


def test_takes_and_reviews_of_a_comparison_that_is_gone_are_named(earlier: Path) -> None:
    with closing(sqlite3.connect(earlier / "records" / "cache.db")) as connection:
        ((key, prefix),) = connection.execute(
            "SELECT key, substr(key, 9) FROM Cache WHERE key LIKE 'reviews/%' ORDER BY key LIMIT 1"
        ).fetchall()
    comparison = prefix.partition(":")[0]
    changed(earlier, "DELETE FROM Cache WHERE key = ?", f"comparisons/{comparison}")
    store = open_store(earlier)
    left_out = store.settings.get(SETTING)["left_out"]
    assert key in left_out
    assert sum(one.startswith("takes/") for one in left_out) == 2
    assert store.check() == []
    store.close()


def test_a_pickle_is_neither_read_nor_run(earlier: Path, tmp_path: Path) -> None:
    bomb = b"cos\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    insert = "INSERT INTO Cache (key, raw, store_time, access_time, mode, value) VALUES (?, 1, 0, 0, 4, ?)"
    changed(earlier, insert, "drafts/bomb", bomb)
    store = open_store(earlier)
    assert store.settings.get(SETTING)["left_out"] == ["drafts/bomb"]
    assert not (tmp_path / "ran").exists()
    store.close()


def test_an_entry_that_was_changed_before_is_still_found_after(earlier: Path) -> None:
    key = f"audit/{3:012d}"
    changed(earlier, "UPDATE Cache SET value = replace(value, '1', '2') WHERE key = ?", key)
    store = open_store(earlier)
    assert [fault.number for fault in store.audit_log.verify().faults][:1] == [3]
    store.close()


def test_a_full_disk_in_the_middle_undoes_all_of_it(small_disk: Path, earlier: Path) -> None:
    home = Path(shutil.copytree(earlier, small_disk / "home"))
    (small_disk / "ballast").write_bytes(bytes(shutil.disk_usage(small_disk).free - 200_000))
    with pytest.raises(StoreUnusable, match="the disk is full"):
        open_store(home)
    assert '"format": 1' in (home / MARK).read_text()
    (small_disk / "ballast").unlink()
    store = open_store(home)
    assert store.settings.get(SETTING)["counts"] == COUNTS
    store.close()


def test_records_that_come_back_different_undo_all_of_it(earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row: Callable[..., dict[str, object]] = TakeRepository.row
    monkeypatch.setattr(TakeRepository, "row", lambda self, take, n: {**row(self, take, n), "endpoint": "another"})
    with pytest.raises(StoreUnusable, match="64 records of an earlier version could not be carried over unchanged"):
        open_store(earlier)
    monkeypatch.undo()
    assert '"format": 1' in (earlier / MARK).read_text()
    store = open_store(earlier)
    assert store.settings.get(SETTING)["counts"] == COUNTS
    store.close()


def test_the_old_files_are_no_part_of_a_new_folder(tmp_path: Path) -> None:
    open_store(tmp_path / "home").close()
    assert {one.name for one in (tmp_path / "home").iterdir()} <= {MARK, DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"}
