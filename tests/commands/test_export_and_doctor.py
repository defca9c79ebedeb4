"""`export` and `doctor` as processes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sora_compare.store.sqlite import DATABASE
from tests.commands.terminal import is_one_sentence, run
from tests.simulation import KEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation import Simulation


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def compared(simulation: Simulation, home: Path) -> Path:
    """A data folder with one pair, whose prompt would be a formula in a spreadsheet."""
    record = {"OPENAI_BASE_URL": simulation.base_url, "OPENAI_API_KEY": KEY, "SORA_COMPARE_POLL_S": "0.05"}
    message = run("compare", "=1+1", "--seconds", "2", "--size", "96x64", "--json", home=home, **record)
    assert message.code == 0, message.err
    return home


def test_takes_go_to_csv_and_json_and_no_cell_is_a_formula(compared: Path, tmp_path: Path) -> None:
    message = run("export", "--what", "takes", home=compared)
    rows = list(csv.DictReader(io.StringIO(message.out)))
    assert sorted(row["arm"] for row in rows) == ["A", "B"]
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    assert KEY not in message.out
    whole = run("export", "--json", home=compared).document
    assert set(whole) >= {"scores", "takes"}
    assert len(whole["takes"]) == 2
    target = tmp_path / "out.json"
    written = run("export", "--to", str(target), home=compared)
    assert (written.code, written.out) == (0, "")
    assert json.loads(target.read_text()) == whole


def test_an_export_that_cannot_be_written_says_so(home: Path, tmp_path: Path) -> None:
    for place, words in ((tmp_path / "no" / "out.csv", "cannot be written"), (tmp_path / "out.xlsx", "not a format")):
        message = run("export", "--to", str(place), home=home)
        assert (message.code, message.out) == (2, "")
        assert words in message.err
        assert is_one_sentence(message.err)


def test_doctor_says_that_all_is_well(simulation: Simulation, home: Path) -> None:
    message = run("doctor", "--json", home=home, OPENAI_BASE_URL=simulation.base_url, OPENAI_API_KEY=KEY)
    findings = {one["what"]: one for one in message.document["findings"]}
    assert message.code == 0, message.out
    assert {"data folder", "disk", "runner", "endpoint default", "endpoint simulator"} <= set(findings)
    assert all(one["is_in_order"] for one in findings.values())
    assert KEY not in message.out + message.err
    assert simulation.jobs_created == 0


@pytest.mark.parametrize(
    ("changes", "what", "words"),
    [
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "endpoint default", "Check its base URL"),
        ({"OPENAI_API_KEY": KEY}, "endpoint openai", "switched off on 2026-09-24"),
    ],
)
def test_doctor_says_what_to_do_about_what_is_wrong(changes: dict[str, str], what: str, words: str, home: Path) -> None:
    message = run("doctor", "--json", home=home, **changes)
    assert message.code == 1
    problems = [one for one in message.document["findings"] if not one["is_in_order"]]
    assert [one["what"] for one in problems] == [what]
    assert words in problems[0]["sentence"]


def test_doctor_in_a_folder_that_is_not_ours(home: Path) -> None:
    home.mkdir()
    (home / "letters.txt").write_text("mine")
    message = run("doctor", home=home)
    assert message.code == 1
    assert "FAIL" in message.out
    assert "SORA_COMPARE_HOME" in message.out
    assert "Traceback" not in message.out + message.err


def test_one_rotten_record_is_left_out_counted_and_named(compared: Path) -> None:
    """Bytes that are no text, in the middle of a take: it is left out, and no sentence repeats what it holds."""
    with closing(sqlite3.connect(compared / DATABASE)) as database, database:
        ((key, value), *_) = database.execute("SELECT id, CAST(details AS BLOB) FROM takes").fetchall()
        rotten = value.replace(b"=1+1", b"\xff\xfe\xfd\xfc")
        database.execute("UPDATE takes SET details = CAST(? AS TEXT) WHERE id = ?", (rotten, key))
    name = f"takes {key}"
    for words in (("export", "--what", "takes"), ("results",)):
        done = run(*words, home=compared)
        assert done.code in {0, 3}, done
        assert f"1 record of the store cannot be read and is left out: {name}." in done.err
    assert len(list(csv.DictReader(io.StringIO(run("export", "--what", "takes", home=compared).out)))) == 1
    looked = run("doctor", "--json", home=compared)
    assert looked.code == 1
    (found,) = [one for one in looked.document["findings"] if one["what"] == "records"]
    assert (found["is_in_order"], name in found["sentence"]) == (False, True)
    assert "+1" not in found["sentence"]
