"""`results` and `gate` on ratings from which too little follows: small files that once passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.cli import main

if TYPE_CHECKING:
    from pathlib import Path

UNDECIDED = 3
LATIN = [[-3, 0, 4], [0, 4, -3], [4, -3, 0]] * 2
ALL_ONE = [[1, 1]] * 6
FIVES = [[0, 0]] * 6
THREE_BY_THREE = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))


def written(path: Path, differences: list[list[int]]) -> str:
    """A file in which A is always 5, B so much more; one row a prompt, one column a reviewer."""
    lines = ["prompt,reviewer,arm,criterion,score"]
    for prompt, row in enumerate(differences):
        for reviewer, gap in enumerate(row):
            lines += [f"p{prompt},r{reviewer},A,physics,5", f"p{prompt},r{reviewer},B,physics,{5 + gap}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("differences", "sentence"),
    [
        (LATIN, "B - A +0.33 [-1.13, +1.80]"),
        (ALL_ONE, "B - A +1.00 (n = 12, nothing varied)"),
        (FIVES, "B - A +0.00 (n = 12, nothing varied)"),
        (THREE_BY_THREE, "B - A +2.00 [+1.33, +2.67]"),
    ],
    ids=["a Latin square", "every difference is 1", "all scores are equal", "three by three"],
)
def test_the_gate_is_not_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], differences: list[list[int]], sentence: str
) -> None:
    file = written(tmp_path / "ratings.csv", differences)
    assert main(["results", "--ratings", file]) == 0
    found = capsys.readouterr().out
    assert sentence in found
    assert "not known" not in found
    assert main(["gate", "--ratings", file, "--criterion", "physics"]) == UNDECIDED
