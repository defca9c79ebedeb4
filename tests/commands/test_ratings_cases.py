"""Ratings files that once gave a wrong verdict without a word, and exports of whatever a store holds."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.cli import main
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.sessions import ItemKind
from sora_compare.evidence.ratings_csv import reading as evidence_csv
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.pages import filling

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sora_compare.domain.comparisons import Comparison
    from sora_compare.domain.takes import Take

    Run = Callable[..., tuple[int, dict[str, Any], str]]

HEADER = "prompt,reviewer,arm,criterion,score"
REFUSED, UNDECIDED = 2, 3


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))


@pytest.fixture
def results(capsys: pytest.CaptureFixture[str]) -> Run:
    """`results --json` with these flags: its exit code, its document, and what it wrote to standard error."""

    def run(*flags: str) -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        code = main(["results", "--json", *flags])
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return code, json.loads(found.out) if found.out else {}, found.err

    return run


def written(path: Path, *lines: str, header: str = HEADER) -> str:
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("header", "line", "sentence"),
    [
        (f"{HEADER},", "p0,a,A,physics,4,7", "Line 2: “7” stands in a column without a name."),
        (f"{HEADER},,", "p0,a,A,physics,4,,7", "Line 2: “7” stands in a column without a name."),
        (HEADER, 'p0,a,A,physics,"4,7,1"', "Line 2: “4,7,1” is no number."),
        (HEADER, "p0,a,,physics,4", "Line 2 has no arm."),
        ("prompt,reviewer,criterion,A,B", "p0,a,physics,4", "Line 2 has 4 cells for 5 columns."),
        (HEADER, 'p0,a,A,physics,4\np1,a,A,"phys', "r.csv is not a CSV file (line 3:"),
        (f"{HEADER},is_current", "p0,a,A,physics,4,maybe", "Line 2: “maybe” in is_current is neither True nor False."),
        (f"{HEADER},is_current,kind", "p0,a,A,physics,4,True,odd", "Line 2: “odd” is no kind of review."),
        (f"{HEADER},is_current,origin", "p0,a,A,physics,4,True,mars", "Line 2: “mars” is no origin."),
        (f"{HEADER},is_current,preference", "p0,a,A,physics,4,True,9", "Line 2: “9” is no preference from -3 to 3."),
        (f"{HEADER},is_current,at", "p0,a,A,physics,4,True,noon", "Line 2: “noon” is no date and time."),
    ],
)
def test_what_would_be_read_in_part_is_refused_by_line(
    header: str, line: str, sentence: str, results: Run, tmp_path: Path
) -> None:
    code, _, err = results("--ratings", written(tmp_path / "r.csv", line, header=header))
    assert (code, sentence in err) == (REFUSED, True), err


def test_a_file_without_rows_is_as_empty_as_a_new_store(results: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv")
    for flags in ((), ("--model-a", "old", "--model-b", "new")):
        code, found, _ = results("--ratings", file, *flags)
        assert (code, found["criteria"]) == (0, {})


def test_the_gate_asks_for_a_criterion_as_the_file_spells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"p{number},{who},{arm},Lip sync,{4 + number % 2}" for number in range(3) for who in "ab" for arm in "AB"]
    assert main(["gate", "--criterion", "Lip  Sync", "--ratings", written(tmp_path / "r.csv", *lines)]) == UNDECIDED
    found = capsys.readouterr().out
    assert found.startswith("undecided: lip sync: ")
    assert "There is no score" not in found


def test_one_arm_of_an_export_is_described_under_its_models_name(results: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", "p0,a,A,physics,4,True,X", header=f"{HEADER},is_current,model")
    assert results("--ratings", file)[1]["arms"] == {"A": "X", "B": "B"}
    assert "it has X and no model." in results("--ratings", file, "--model-b", "Y")[2]


def test_too_many_scores_are_refused_with_a_sentence(
    results: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_csv, "ROWS_LIMIT", 2)
    lines = [f"p{number},a,A,physics,4" for number in range(3)]
    code, _, err = results("--ratings", written(tmp_path / "r.csv", *lines))
    assert (code, err) == (REFUSED, "r.csv has more than 2 scores: split it by criterion.\n")


def test_how_a_file_was_read_is_said_everywhere(
    results: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["p0,a,A,physics,4", "p0,a,A,physics,4", 'p0,a,B,physics,"5,5"', "p1,a,A,physics,", "p1,a,B,physics,6"]
    file = written(tmp_path / "r.csv", *lines)
    notes = [
        "1 row says in r.csv what another row said before: it is counted once.",
        "1 row has no score in r.csv: counted as missing.",
        "The scores in r.csv were read with a decimal comma: 4,7 is 4.7.",
    ]
    assert results("--ratings", file)[1]["warnings"][:3] == notes
    main(["results", "--ratings", file])
    text = capsys.readouterr().out
    assert all(f"! {note}" in text for note in notes)
    main(["gate", "--criterion", "physics", "--ratings", file])
    text = capsys.readouterr().err
    assert all(note in text for note in notes)
    assert main(["report", "--ratings", file, "--to", str(tmp_path / "r.html")]) == 0
    assert all(note in (tmp_path / "r.html").read_text("utf-8") for note in notes)


def test_an_export_with_columns_taken_out_still_counts_corrected_reviews_once(results: Run, tmp_path: Path) -> None:
    lines = [
        "p0,a,A,physics,9,0,False",
        "p0,a,B,physics,1,0,False",
        "p0,a,A,physics,5,1,True",
        "p0,a,B,physics,6,1,True",
    ]
    header = f"{HEADER},revision,is_current"
    _, found, _ = results("--ratings", written(tmp_path / "r.csv", *lines, header=header))
    physics = found["criteria"]["physics"]
    assert (physics["n_reviews"], physics["arms"]["A"]["mean"], physics["arms"]["B"]["mean"]) == (1, 5, 6)


def _fill(home: Path) -> None:
    """What the pages are tried with, control items, and a take of which the server says that it used another model."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)

    def make_clip(words: str) -> Any:  # noqa: ANN401  # as `filling` has it
        return filling.clip(opened.files, words)

    def reviewed(made: Comparison, takes: tuple[Take, Take], a: int, b: int, **details: Any) -> None:  # noqa: ANN401
        opened.store.reviews.add(dataclasses.replace(filling.review(made, takes, "Ana", a, b), **details))

    filling.fill(opened.store, make_clip)
    for number in range(3):
        made, takes = filling.fill_pair(
            opened.store, make_clip, f"Scene {number}", at=filling.START + (50 + number) * filling.MINUTE
        )
        reviewed(made, takes, 3, 4 + number)
        for item in range(2):
            a, _ = takes
            details = {"session": "ses_1", "item": f"item_{item}", "id": new_identifier("rev")}
            reviewed(made, takes, 9 - item, 1, kind=ItemKind.REPEAT, **details)
            details = {"session": "ses_1", "item": f"same_{item}", "id": new_identifier("rev")}
            reviewed(made, (a, a), 2 + item, 7, kind=ItemKind.SAME_CLIP, **details)
    made = filling.comparison("Another model", at=filling.START + 60 * filling.MINUTE)
    completed = filling.TakeState.COMPLETED
    a, b = (filling.take(made, label, completed, make_clip(str(label))) for label in filling.ArmLabel)
    b = dataclasses.replace(b, echoed_model=filling.DEFAULT_A)
    opened.store.comparisons.add(made, (a, b))
    reviewed(made, (a, b), 10, 1)
    opened.close()


@pytest.mark.parametrize("flags", [(), ("--allow-other-model",)])
def test_an_export_of_everything_says_what_the_store_says(flags: tuple[str, ...], results: Run, tmp_path: Path) -> None:
    _fill(tmp_path / "home")
    file = tmp_path / "exported.csv"
    assert main(["export", "--to", str(file)]) == 0
    _, stored, _ = results(*flags)
    code, read, err = results("--ratings", str(file), *flags)
    assert code == 0, err
    compared = {name: one for name, one in stored["criteria"].items() if one["n_reviews"]}
    assert set(read["criteria"]) == set(compared) == {"physics", "motion", "faces"}
    for name, one in compared.items():
        mine = read["criteria"][name]
        assert (mine["n_reviews"], mine["missing"]) == (one["n_reviews"], one["missing"])
        assert mine["difference"] == pytest.approx(one["difference"])
        for arm in "AB":
            assert mine["arms"][arm] == pytest.approx(one["arms"][arm])
    assert compared["physics"]["n_reviews"] == (10 if flags else 9)
    assert read["origins"] == stored["origins"] == ["simulated"]
    assert any("left out: the server says that it used" in one for one in read["warnings"]) is not bool(flags)


@pytest.mark.parametrize("first", ["earlier", "later"])
@pytest.mark.parametrize("columns", ["is_current", "is_current,is_independent"])
def test_two_exports_pasted_together_count_a_corrected_review_once(
    columns: str, first: str, results: Run, tmp_path: Path
) -> None:
    """The earlier export still calls the replaced answer the last one."""
    width = len(columns.split(","))

    def exported(revision: int, scores: tuple[int, int], *, counts: bool) -> list[str]:
        sentence = ",".join([str(counts)] * width)
        return [f"p0,a,{arm},physics,{score},{revision},{sentence}" for arm, score in zip("AB", scores, strict=True)]

    earlier = exported(9, (9, 1), counts=True)
    later = [*exported(9, (9, 1), counts=False), *exported(10, (5, 6), counts=True)]
    lines = [*later, *earlier] if first == "later" else [*earlier, *later]
    file = written(tmp_path / "r.csv", *lines, header=f"{HEADER},revision,{columns}")
    _, found, _ = results("--ratings", file)
    physics = found["criteria"]["physics"]
    assert (physics["n_reviews"], physics["arms"]["A"]["mean"], physics["arms"]["B"]["mean"]) == (1, 5, 6)
    assert "Replaced by corrections, and not counted: 1 of the file's reviews." in found["warnings"]


def test_a_revision_that_is_no_number_is_refused_by_line(results: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", "p0,a,A,physics,4,second,True", header=f"{HEADER},revision,is_current")
    code, _, err = results("--ratings", file)
    assert (code, "Line 2: “second” is no revision." in err) == (REFUSED, True), err


def test_arm_and_score_beside_a_and_b_are_refused(results: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "r.csv", "p0,a,A,physics,5,6,7", header=f"{HEADER},A,B")
    code, _, err = results("--ratings", file)
    assert (code, err) == (REFUSED, "r.csv has both arm and score, and A and B: keep one of the two forms.\n")
