"""A server that names another model than the one asked for: flagged on every way out, and left out of the evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.snapshots import DEFAULT_A, DEFAULT_B
from sora_compare.domain.takes import ArmLabel, TakeState
from sora_compare.evidence.findings import Results
from sora_compare.evidence.selection import Selection
from tests.commands.terminal import run
from tests.endpoints.scripted import Answer, ScriptedServer
from tests.generation.asking import ask, ended
from tests.releases.evidence import add_pair
from tests.simulation import KEY, endpoint_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sora_compare.store.store import Store
    from tests.conftest import OpenServices

OTHER = "sora-2-2099-01-01"
SMALL = ("--seconds", "1", "--size", "96x64")


def answers(model: str) -> tuple[Answer, tuple[Answer, ...]]:
    job = {"id": "JOB", "model": model}
    return (200, {**job, "status": "queued"}), ((200, {**job, "status": "completed"}),)


def server(model: str, clip: bytes) -> ScriptedServer:
    create, status = answers(model)
    return ScriptedServer(create, status, (200, clip))


def at(base_url: str) -> dict[str, str]:
    return {"OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY, "SORA_COMPARE_POLL_S": "0.05"}


def test_the_take_is_flagged_and_the_trail_says_so(opened: OpenServices, stock_clip: bytes) -> None:
    with server(OTHER, stock_clip) as there:
        services = opened(endpoint_at(there.base_url))
        takes = ended(services, ask(services))
        assert [take.state for take in takes] == [TakeState.COMPLETED] * 2
        assert [take.other_model for take in takes] == [OTHER] * 2
        assert {one.take for one in services.store.takes.of_other_models()} == {take.id for take in takes}
        trail = [one for one in services.store.audit_trail() if one["event"] == "take ended"]
        assert {one["other_model"] for one in trail} == {OTHER}
        services.close()


def test_the_command_line_flags_it(tmp_path: Path, stock_clip: bytes) -> None:
    home = tmp_path / "home"
    with server(OTHER, stock_clip) as there:
        message = run("compare", "a ball", *SMALL, home=home, **at(there.base_url))
        assert f"The server says that it used {OTHER}, not {DEFAULT_A}" in message.out, message.err
        found = run("compare", "a ball", *SMALL, "--json", home=home, **at(there.base_url)).document
        assert [take["other_model"] for take in found["takes"]] == [OTHER] * 2
        results = run("results", "--json", home=home).document
        sentence = f"2 takes of arm A are left out: the server says that it used {OTHER}, not {DEFAULT_A}."
        assert sentence in results["warnings"]
        assert f"used {OTHER}, not {DEFAULT_B}" in run("results", home=home).out
        gate = run("gate", "--criterion", "physics", home=home)
        assert f"used {OTHER}, not {DEFAULT_B}" in gate.err
        run("report", "--to", str(tmp_path / "report.html"), home=home)
        assert f"{OTHER} (!)" in (tmp_path / "report.html").read_text("utf-8")


def test_an_echo_that_an_alias_may_mean_is_not_flagged(tmp_path: Path, stock_clip: bytes) -> None:
    home = tmp_path / "home"
    with server(DEFAULT_B, stock_clip) as there:
        flags = ("--model-a", "sora-2", "--model-b", DEFAULT_B)
        found = run("compare", "a ball", *SMALL, *flags, "--json", home=home, **at(there.base_url)).document
    assert [take["other_model"] for take in found["takes"]] == [None] * 2
    assert not [one for one in run("results", "--json", home=home).document["warnings"] if "server says" in one]


@pytest.fixture
def reviewed(opened: OpenServices) -> Iterator[Store]:
    """Four reviewed pairs; December's clip of the last came from another model."""
    services = opened(endpoint_at("http://127.0.0.1:9/v1"), with_runner=False)
    for number in range(3):
        add_pair(services.store, f"p{number}", 1_790_000_000.0 + number, scores=(7, 7))
    add_pair(services.store, "odd", 1_790_000_009.0, scores=(1, 10), echoed=OTHER)
    yield services.store
    services.close()


def test_pairs_of_another_model_are_left_out_unless_they_are_allowed(reviewed: Store) -> None:
    results = Results(reviewed)
    without = results.findings(Selection())
    assert without.analysis.n_reviews == 3
    assert without.attempts is not None
    assert without.attempts.outcomes[ArmLabel.B].n == 3
    assert any(one.startswith("1 take of arm B is left out") for one in without.warnings)
    allowed = results.findings(Selection(is_other_model_allowed=True))
    assert allowed.analysis.n_reviews == 4
    assert any(one.startswith("1 take of arm B is counted all the same") for one in allowed.warnings)
    assert results.analysis(Selection()).n_reviews == 3
