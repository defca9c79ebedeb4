"""Commands over a data folder whose disk is full or read-only: reading and exporting go on, the rest says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from sora_compare.services import open_services
from sora_compare.settings import load
from tests.commands.terminal import is_one_sentence, run
from tests.disks import make_full, make_read_only
from tests.server.running import RunningApp
from tests.sessions import stock
from tests.sessions.test_scoring import answer, joined

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.heavy


@pytest.fixture
def home(small_disk: Path) -> Path:
    """A folder with reviews."""
    folder = small_disk / "home"
    opened = open_services(load({"SORA_COMPARE_HOME": str(folder)}), with_runner=False)
    session = stock.new_session(opened, stock.fill_paper_pairs(opened, 1))
    ana = joined(opened, session)
    opened.sessions.scoring.submit(ana.id, ana.items[0].id, answer())
    opened.close()
    return folder


@pytest.mark.parametrize(("spoil", "sentence"), [(make_read_only, "it is read-only"), (make_full, "the disk is full")])
def test_results_and_export_are_as_before_and_sending_says_why_not(
    spoil: Callable[[Path], None], sentence: str, home: Path, tmp_path: Path
) -> None:
    commands = {
        "results": ["results", "--json"],
        "export": ["export", "--to", str(tmp_path / "reviews.csv")],
        "versions": ["versions", "show", "--json"],
        "sessions": ["sessions", "list", "--json"],
    }
    before = {name: run(*words, home=home, cwd=tmp_path).out for name, words in commands.items()}
    spoil(home.parent)
    for name, words in commands.items():
        found = run(*words, home=home, cwd=tmp_path)
        assert (found.code, found.out) == (0, before[name]), found.err
    sent = run("compare", "a ball", "--seconds", "4", home=home, cwd=tmp_path)
    assert sent.code != 0
    assert "Traceback" not in sent.err
    checked = run("doctor", home=home, cwd=tmp_path)
    assert f"but nothing can be written: {sentence}" in checked.out
    assert "the database and every record can be read" in checked.out
    assert "empty or was made by" not in checked.out, "another folder is no way out for what is in this one"
    changed = run("sessions", "close", "ses_nowhere", home=home, cwd=tmp_path)
    assert is_one_sentence(changed.err)


def test_the_app_opens_over_a_read_only_folder_and_says_so(home: Path, tmp_path: Path) -> None:
    make_read_only(home.parent)
    app = RunningApp(home, tmp_path / "log").wait()
    health = httpx2.get(f"{app.url}/api/health", trust_env=False, timeout=30)
    assert (health.status_code, health.json()["status"]) == (503, "bad")
    assert "but nothing can be written: it is read-only" in str(health.json()["reasons"])
    app.end()
    assert "Traceback" not in app.said()
