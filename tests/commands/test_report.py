"""`report` and the exports: files that need nothing else."""

from __future__ import annotations

import json
import re
import shutil
import types
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from sora_compare.cli import main
from sora_compare.domain.identifiers import new_identifier
from sora_compare.domain.reviews import ASKED, Review, Score
from sora_compare.domain.takes import ArmLabel, latest_attempts
from sora_compare.services import open_services
from tests.commands.rating_files import write_ratings

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"


class _Addresses(HTMLParser):
    """Everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one simulated comparison, scored by two people of whom one has a hostile name."""
    made = tmp_path_factory.mktemp("filled") / "home"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SORA_COMPARE_HOME", str(made))
        patched.setenv("SORA_COMPARE_SIMULATOR_SPEED", "100")
        patched.delenv("OPENAI_API_KEY", raising=False)
        assert main(["compare", f"a ball {HOSTILE}", "--seconds", "4"]) == 0
        opened = open_services(with_runner=False)
    (comparison,) = opened.store.comparisons.list()
    takes = latest_attempts(opened.store.takes.of(comparison.id))
    shown = (takes[0, ArmLabel.A].id, takes[0, ArmLabel.B].id)
    for who, score in (("Ada", 5), (HOSTILE, 7)):
        scores = tuple(Score(criterion, arm, score + (arm == "B")) for criterion in ASKED for arm in ArmLabel)
        given = Review(new_identifier("rev"), comparison.id, 0, shown, who, 1.7e9, scores, preference=1, note="=1+1")
        review = replace(given, is_blind=True)
        opened.store.reviews.add(review)
    opened.close()
    return made


@pytest.fixture
def home(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy of it, which commands use."""
    shutil.copytree(filled, tmp_path / "home")
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path


@pytest.mark.heavy
def test_the_report_is_one_file_that_opens_offline_and_is_the_same_each_time(home: Path) -> None:
    first, second = home / "first.html", home / "second.html"
    assert main(["report", "--to", str(first)]) == 0
    assert main(["report", "--to", str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    page, read = first.read_text("utf-8"), _Addresses()
    read.feed(page)
    assert read.found
    assert all(address.startswith("data:image/jpeg;base64,") for address in read.found)
    assert "script" not in read.tags
    assert "alert(1)" in page
    for part in ("SIMULATED DATA", "Verdict", "Methods", "Every take", "published, unverified", "1280x720"):
        assert part in page, part
    assert len(re.findall(r"\b[0-9a-f]{64}\b", page)) >= 4


@pytest.mark.heavy
def test_results_say_which_arm_was_sent_first(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--what", "takes", "--to", str(home / "takes.json"), "--format", "json"]) == 0
    rows = json.loads((home / "takes.json").read_text("utf-8"))["takes"]
    takes = {take["arm"]: take["sent_first"] for take in rows}
    capsys.readouterr()
    assert main(["results", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sent_first"] == {arm: int(is_first) for arm, is_first in takes.items()}
    assert main(["results"]) == 0
    assert f"A's request left first in {int(takes['A'])} pairs, B's in {int(takes['B'])}." in capsys.readouterr().out


@pytest.mark.heavy
def test_exports_hold_every_score(home: Path) -> None:
    assert main(["export", "--to", str(home / "scores.parquet")]) == 0
    assert main(["export", "--what", "takes", "--to", str(home / "takes.parquet")]) == 0
    scores, takes = pd.read_parquet(home / "scores.parquet"), pd.read_parquet(home / "takes.parquet")
    assert (len(scores), len(takes)) == (12, 2)
    assert sorted(scores["score"].unique()) == [5, 6, 7, 8]
    assert main(["export", "--format", "parquet"]) == 2
    assert main(["export", "--what", "matrix", "--to", str(home / "m.csv")]) == 2


@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore")  # sureal is unmaintained and warns about itself
def test_the_matrix_is_what_sureal_reads(home: Path) -> None:
    from sureal.dataset_reader import RawDatasetReader  # noqa: PLC0415  # slow to load, for this test alone
    from sureal.subjective_model import MosModel  # noqa: PLC0415  # as above

    assert main(["export", "--what", "matrix", "--criterion", "motion", "--to", str(home / "m.json")]) == 0
    record: dict[str, Any] = json.loads((home / "m.json").read_text("utf-8"))
    found = MosModel(RawDatasetReader(types.SimpleNamespace(**record))).run_modeling()
    assert np.sort(found["quality_scores"]).tolist() == [6.0, 7.0]


def test_outside_ratings_have_a_report_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SORA_COMPARE_HOME", str(tmp_path / "home"))
    ratings, target = write_ratings(tmp_path / "r.csv", shift=2), tmp_path / "r.html"
    assert main(["report", "--ratings", str(ratings), "--to", str(target)]) == 0
    page = target.read_text("utf-8")
    assert "B is better" in page
    assert page.count("<svg") == 2
    assert main(["report", "--ratings", str(ratings), "--to", str(tmp_path / "no" / "r.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err
