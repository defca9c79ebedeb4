"""`results` and `gate`, as somebody's CI runs them: a process, its exit code and its output."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sora_compare.cli import main
from tests.commands.rating_files import write_ratings

if TYPE_CHECKING:
    from pathlib import Path

PROMISED = {
    "n_prompts", "n_reviewers", "n_reviews", "missing", "arms", "difference", "reviewers", "agreement", "warnings",
    "verdict", "needed_prompts",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def _json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_outside_ratings_give_the_promised_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = _json(capsys, "results", "--ratings", str(write_ratings(tmp_path / "r.csv", shift=2)))
    physics = found["criteria"]["physics"]
    assert code == 0
    assert set(physics) >= PROMISED
    assert (physics["n_prompts"], physics["n_reviewers"], physics["n_reviews"], physics["missing"]) == (30, 4, 120, 0)
    assert set(physics["difference"]) >= {"mean", "low", "high", "level", "scope", "method"}
    assert set(physics["arms"]) == {"A", "B"}
    assert set(physics["agreement"]) >= {"alpha_ordinal", "alpha_interval", "low", "high"}
    assert set(physics["reviewers"][0]) >= {"reviewer", "difference", "bias", "inconsistency"}
    assert physics["verdict"] == "better"
    boot = physics["bootstrap"]
    assert boot["low"] < boot["mean"] < boot["high"]
    assert (boot["draws"], boot["n_prompts"], boot["n_reviewers"]) == (1000, 30, 4)
    left_out = physics["leave_one_out"]
    assert [one["reviewer"] for one in left_out] == [one["reviewer"] for one in physics["reviewers"]]
    assert all(set(one) >= {"mean", "low", "high", "flips"} and one["n_reviewers"] == 3 for one in left_out)
    assert set(found) >= {"timings", "outcomes", "preference"}


def test_one_arm_alone_is_described_and_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, found = _json(capsys, "results", "--ratings", str(write_ratings(tmp_path / "r.csv", shift=2, arms="A")))
    physics = found["criteria"]["physics"]
    assert physics["difference"] is None
    assert set(physics["arms"]) == {"A"}
    assert physics["verdict"] == "undecided"


def test_an_empty_store_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = _json(capsys, "results")
    assert (code, found["criteria"]) == (0, {})
    assert found["outcomes"]["A"]["completed"]["mean"] is None
    assert main(["results"]) == 0
    assert "there is no independent review" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("shift", "prompts", "code", "word"), [(2.5, 30, 0, "pass"), (-2.5, 30, 1, "fail"), (2.5, 12, 3, "undecided")]
)
def test_the_gate_speaks_by_its_exit_code(tmp_path: Path, shift: float, prompts: int, code: int, word: str) -> None:
    path = write_ratings(tmp_path / "r.csv", shift=shift, prompts=prompts)
    flags = ("--criterion", "physics", "--margin", "0.5", "--min-prompts", "20", "--ratings", str(path))
    done = subprocess.run(
        [sys.executable, "-m", "sora_compare", "gate", *flags], check=False, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert done.stdout.startswith(word)


def test_the_gate_is_undecided_about_what_nobody_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ratings(tmp_path / "r.csv", shift=2)
    code, found = _json(capsys, "gate", "--criterion", "faces", "--ratings", str(path))
    assert (code, found["gate"]) == (3, "undecided")
    assert main(["gate", "--criterion", "physics"]) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("results", "--ratings", "nothing.csv"),
        ("gate", "--criterion", "physics", "--margin", "-1"),
        ("results", "--model-a", "unheard-of"),
        ("gate", "--criterion", "physics", "--alpha", "nan"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_exit_code_2(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 2
    sentence = capsys.readouterr().err.strip()
    assert sentence.endswith(".")
    assert "Traceback" not in sentence


def test_a_broken_row_is_named_by_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_ratings(tmp_path / "r.csv", shift=2)
    path.write_text(path.read_text("utf-8") + "p,ada,A,physics,many\n", "utf-8")
    assert main(["results", "--ratings", str(path)]) == 2
    assert "Line 242: “many” is no number." in capsys.readouterr().err
