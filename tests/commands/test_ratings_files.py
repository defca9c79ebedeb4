"""Outside ratings as people bring them: read whole, or refused by line; A and B are never guessed."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.cli import main
from sora_compare.domain.identifiers import new_identifier
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.pages import filling

if TYPE_CHECKING:
    from pathlib import Path

    from sora_compare.domain.reviews import Review

HEADER = "prompt,reviewer,arm,criterion,score"
PROMPTS, REVIEWERS = 12, "abc"
PASSED, FAILED, REFUSED = 0, 1, 2


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))


def rows(low: str = "A", high: str = "B", *, criterion: str = "physics") -> list[list[str]]:
    """Ratings in which `high` is 2 or 3 points better."""
    found = []
    for number in range(PROMPTS):
        for who, reviewer in enumerate(REVIEWERS):
            start = 3 + (number + who) % 3
            found.append([f"p{number}", reviewer, low, criterion, str(start)])
            found.append([f"p{number}", reviewer, high, criterion, str(start + 2 + (number * who) % 2)])
    return found


def write(path: Path, lines: list[list[str]], *, header: str = HEADER, delimiter: str = ",", **how: str) -> str:
    text = "\n".join([header.replace(",", delimiter), *(delimiter.join(line) for line in lines)]) + "\n"
    path.write_bytes((how.get("before", "") + text).encode(how.get("encoding", "utf-8")))
    return str(path)


@dataclasses.dataclass
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def gate(capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401  # a function
    def run(file: str, *flags: str) -> Ended:
        code = main(["gate", "--criterion", "physics", "--ratings", file, *flags])
        found = capsys.readouterr()
        assert "Traceback" not in found.err
        return Ended(code, found.out, found.err)

    return run


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        ((), REFUSED),
        (("--model-a", "prod"), REFUSED),
        (("--model-a", "prod", "--model-b", "other"), REFUSED),
        (("--model-a", "prod", "--model-b", "prod"), REFUSED),
        (("--model-a", "prod", "--model-b", "canary"), FAILED),
        (("--model-a", "canary", "--model-b", "Prod"), PASSED),
    ],
)
def test_which_arm_is_a_is_never_guessed(flags: tuple[str, ...], code: int, gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """By the order of letters canary would be A: worse by two points, it passed."""
    ended = gate(write(tmp_path / "r.csv", rows("canary", "prod")), *flags)
    assert ended.code == code, ended
    if not flags:
        assert "it has canary and prod. Name them with --model-a and --model-b, or call them A and B" in ended.err
    if "other" in flags:
        assert "no arm “other”: it has canary, prod" in ended.err


def test_of_three_arms_two_can_be_chosen(gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    three = rows("old", "new") + [[f"p{number}", "a", "older", "physics", "5"] for number in range(PROMPTS)]
    file = write(tmp_path / "r.csv", three)
    assert "compare two at a time" in gate(file).err
    ended = gate(file, "--model-a", "old", "--model-b", "new")
    assert ended.code == PASSED
    assert "12 rows of other arms are left out." in ended.err


def test_the_arms_can_be_two_columns(gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    wide = [
        [one[0], one[1], "physics", one[4], str(int(one[4]) + 2 + place // 2 % 2)] for place, one in enumerate(rows())
    ]
    ended = gate(write(tmp_path / "r.csv", wide[::2], header="prompt,reviewer,criterion,A,B"))
    assert ended.code == PASSED, ended


@pytest.mark.parametrize(
    "how",
    [
        {"delimiter": ";", "before": "sep=;\n"},
        {"encoding": "utf-16"},
        {"encoding": "utf-8-sig"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"header": "Prompt, REVIEWER ,Arm,criterion\u00a0,Score"},
    ],
)
def test_what_spreadsheets_write_is_read(how: dict[str, str], gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    ended = gate(write(tmp_path / "r.csv", rows(), **how))
    assert ended.code == PASSED, ended
    assert gate(write(tmp_path / "plain.csv", rows())).out == ended.out


def test_a_file_in_windows_letters_is_read_and_it_is_said(gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    ended = gate(write(tmp_path / "r.csv", [[f"café {one[0]}", *one[1:]] for one in rows()], encoding="cp1252"))
    assert ended.code == PASSED
    assert "read as Windows-1252" in ended.err


def test_a_decimal_comma_is_read_between_semicolons_and_refused_between_commas(
    gate: Any,  # noqa: ANN401
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    halves = [[*one[:4], f"{one[4]},5"] for one in rows()]
    file = write(tmp_path / "r.csv", halves, delimiter=";")
    ended = gate(file)
    assert ended.code == PASSED
    assert "with a decimal comma" in ended.err
    main(["results", "--ratings", file, "--json"])
    record = json.loads(capsys.readouterr().out)
    assert record["criteria"]["physics"]["arms"]["A"]["mean"] % 0.5 == 0
    assert any("decimal comma" in sentence for sentence in record["warnings"])
    ended = gate(write(tmp_path / "r.csv", halves))
    assert (ended.code, "Line 2 has 6 cells for 5 columns." in ended.err) == (REFUSED, True)
    ended = gate(write(tmp_path / "r.csv", [["p0", "a", "A", "physics", "1,000"]], delimiter=";"))
    assert "1,000 may be a decimal or thousands" in ended.err


@pytest.mark.parametrize(
    ("header", "lines", "sentence"),
    [
        (f"{HEADER},score", [["p0", "a", "A", "physics", "8", "5"]], "has the column score more than once"),
        (f"{HEADER},Score\u00a0", [["p0", "a", "A", "physics", "8", "5"]], "has the column score more than once"),
        (HEADER, [["p0", "a", "A", "physics"]], "Line 2 has 4 cells for 5 columns."),
        (HEADER, [["p0", "a", "A", "physics", "1_0"]], "“1_0” is no number"),
        (
            HEADER,
            [["p0", "a", "A", "physics", "4"], ["p1", "a", "A", "physics", "4"], ["p0", "a", "A", "Physics", "6"]],
            "Lines 2 and 4 give two scores of a for “p0”, A, physics: 4 and 6.",
        ),
    ],
)
def test_what_cannot_be_read_whole_is_refused(
    header: str,
    lines: list[list[str]],
    sentence: str,
    gate: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    ended = gate(write(tmp_path / "r.csv", lines, header=header))
    assert ended.code == REFUSED
    assert sentence in ended.err


def test_rows_pasted_three_times_count_once(gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    ended = gate(write(tmp_path / "r.csv", rows() * 3))
    assert "144 rows say in r.csv what another row said before: it is counted once." in ended.err
    assert ended.out == gate(write(tmp_path / "once.csv", rows())).out


def test_criteria_and_prompts_are_one_however_they_are_spelt(gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    mixed = [
        [
            one[0].replace("p", "p\u00a0" if place % 3 else "p "),
            *one[1:3],
            "physics" if place % 2 else " Physics",
            one[4],
        ]
        for place, one in enumerate(rows())
    ]
    assert gate(write(tmp_path / "r.csv", mixed)).out == gate(write(tmp_path / "once.csv", rows())).out


def test_excels_word_for_missing_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = rows()
    lines[0][4] = "#N/A"
    main(["results", "--ratings", write(tmp_path / "r.csv", lines), "--json"])
    assert json.loads(capsys.readouterr().out)["criteria"]["physics"]["missing"] == 1


@pytest.mark.parametrize("flag", ["--session=x", "--suite=x", "--tag=x", "--origin=live", "--since=2026-01-01"])
def test_a_flag_that_a_file_cannot_honour_is_refused(flag: str, gate: Any, tmp_path: Path) -> None:  # noqa: ANN401
    ended = gate(write(tmp_path / "r.csv", rows()), flag)
    assert ended.code == REFUSED
    assert f"{flag.partition('=')[0]} chooses among the store's reviews" in ended.err


def _stored(home: Path) -> None:
    """Reviews with corrections before and after a reveal, one given with the names shown, and control pairs."""
    opened = open_services(load({"SORA_COMPARE_HOME": str(home)}), with_runner=False)

    def keep(review: Review, **details: object) -> None:
        known = {"id": new_identifier("rev"), "note": ""}
        opened.store.reviews.add(dataclasses.replace(review, **{**known, **details}))  # type: ignore[arg-type]

    for number in range(PROMPTS):
        at = filling.START + number * filling.MINUTE
        made, takes = filling.fill_pair(
            opened.store, lambda words: filling.clip(opened.files, words), f"Scene {number % 9}", at=at
        )
        for place, who in enumerate(("Ana", "Ben", "Chiara")):
            start = 1 + (number + place) % 6
            keep(filling.review(made, takes, who, start, start + 2 + (number * place) % 2))
            if number == place:
                keep(filling.review(made, takes, who, 9, 1))
            if number == place + 4:
                keep(filling.review(made, takes, who, 10, 1), is_after_reveal=True, saw_others=True)
        if number < 2:
            keep(filling.review(made, takes, "Dan", 10, 1), is_blind=False)
            for kind in ("repeat", "same_clip", "practice"):
                keep(filling.review(made, takes, "Ana", 10, 1), session="ses_1", item=f"{kind} {number}", kind=kind)
    opened.close()


@pytest.mark.parametrize("evidence", ["independent", "all"])
def test_our_own_export_read_back_says_what_the_store_says(
    evidence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _stored(tmp_path / "home")
    file = tmp_path / "exported.csv"
    assert main(["export", "--to", str(file)]) == 0
    capsys.readouterr()

    def results(*flags: str) -> dict[str, Any]:
        assert main(["results", "--json", "--evidence", evidence, *flags]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    stored, read = results(), results("--ratings", str(file))
    assert set(read["criteria"]) == set(stored["criteria"]) == {"physics", "motion", "faces"}
    for name, one in stored["criteria"].items():
        assert read["criteria"][name]["n_reviews"] == one["n_reviews"]
        assert read["criteria"][name]["n_prompts"] == one["n_prompts"] == 9
        assert read["criteria"][name]["difference"] == pytest.approx(one["difference"])
        assert read["criteria"][name]["verdict"] == one["verdict"]
        for arm in "AB":
            assert read["criteria"][name]["arms"][arm] == pytest.approx(one["arms"][arm])
    assert read["set_aside"] == stored["set_aside"]
    assert read["preference"]["win_share"] == pytest.approx(stored["preference"]["win_share"])
    assert read["origins"] == stored["origins"] == ["simulated"]
    assert read["arms"]["A"].startswith(stored["arms"]["A"])


def test_an_export_of_an_earlier_release_counts_each_corrected_review_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = (
        "comparison,prompt,repeat,reviewer,revision,is_current,at,criterion,arm,model,endpoint,origin,score,preference,"
        "is_blind,kind,session,note"
    )
    lines = []
    for revision, is_current, kind, scores in (
        (0, False, "pair", (9, 1)),
        (1, True, "pair", (5, 6)),
        (0, True, "repeat", (9, 1)),
        (0, True, "same_clip", (9, 1)),
        (0, True, "practice", (9, 1)),
    ):
        for arm, score in zip("AB", scores, strict=True):
            when = "2026-11-26T03:02:46+00:00"
            parts = [f"cmp_1,A ball rolls,0,ann,{revision},{is_current},{when},physics,{arm},model-{arm},lab,live"]
            lines.append([*parts, f"{score},1,False,{kind},,"])
    main(["results", "--ratings", write(tmp_path / "r.csv", lines, header=header), "--json"])
    record = json.loads(capsys.readouterr().out)
    physics = record["criteria"]["physics"]
    assert (physics["n_reviews"], physics["arms"]["A"]["mean"], physics["arms"]["B"]["mean"]) == (1, 5, 6)
    assert record["arms"] == {"A": "model-A on lab", "B": "model-B on lab"}
    assert record["origins"] == ["live"]
    assert "Replaced by corrections, and not counted: 1 of the file's reviews." in record["warnings"]
    assert "the last answers decide, 1 of them not blind" in " ".join(record["warnings"])


def test_an_export_of_several_models_asks_which(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = f"comparison,{HEADER},model,origin,kind,revision,is_current,is_blind"
    lines = []
    for comparison, models in (("c1", "XY"), ("c2", "XZ")):
        for number in range(PROMPTS):
            for arm, model in zip("AB", models, strict=True):
                score = "5" if model == "X" else str(7 + number % 2)
                lines.append([f"{comparison}{number}", f"p{number}", "ann", arm, "physics", score, model, "live"])
                lines[-1] += ["pair", "0", "True", "True"]
    file = write(tmp_path / "r.csv", lines, header=header)
    assert main(["results", "--ratings", file]) == REFUSED
    assert (
        "compares several models: X and Y; X and Z. Choose one with --model-a and --model-b" in capsys.readouterr().err
    )
    assert main(["results", "--ratings", file, "--model-b", "W"]) == REFUSED
    assert main(["results", "--ratings", file, "--model-b", "Z", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["arms"] == {"A": "X", "B": "Z"}
    assert record["criteria"]["physics"]["n_prompts"] == PROMPTS
