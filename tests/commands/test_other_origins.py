"""Evidence that rests on one origin says how much of others it leaves out, wherever it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.cli import main
from sora_compare.domain.takes import Origin
from sora_compare.evidence.origins import not_counted
from sora_compare.services import open_services
from sora_compare.settings import load
from tests.releases.evidence import add_pair

if TYPE_CHECKING:
    from pathlib import Path

LIVE, SIMULATED, IMPORTED = 3, 5, 1
SAID = "Not counted: 1 imported review and 5 simulated reviews."


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    opened = open_services(load({"SORA_COMPARE_HOME": str(tmp_path / "home")}), with_runner=False)
    for origin, count in ((Origin.LIVE, LIVE), (Origin.SIMULATED, SIMULATED), (Origin.IMPORTED, IMPORTED)):
        for number in range(count):
            add_pair(opened.store, f"{origin} {number}", 1.79e9 + number, origin=origin, scores=(5, 6 + number % 2))
    opened.close()


def test_results_gate_and_report_say_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["results", "--origin", "live"])
    assert SAID in capsys.readouterr().out
    main(["results", "--origin", "live", "--json"])
    assert SAID in capsys.readouterr().out
    main(["gate", "--criterion", "physics", "--origin", "live"])
    assert SAID in capsys.readouterr().err
    main(["report", "--origin", "live", "--to", str(tmp_path / "report.html")])
    assert SAID in (tmp_path / "report.html").read_text("utf-8")
    capsys.readouterr()
    main(["results"])
    assert "Not counted" not in capsys.readouterr().out, "all origins are in these figures, which is said otherwise"


def test_the_checklist_and_the_summary_before_a_change_say_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["versions", "checklist", "production"])
    assert "3 prompts, 3 pairs. Not counted: 1 imported pair and 5 simulated pairs." in capsys.readouterr().out
    main(["versions", "lock", "production", "sora-2-2025-12-08", "--force", "--reason", "we try it"])
    found = capsys.readouterr()
    assert "Not counted: 1 imported pair and 5 simulated pairs" in found.out + found.err


def test_nothing_left_out_says_nothing() -> None:
    assert not_counted({}, "pair") == not_counted({"live": 0}, "pair") == ""
