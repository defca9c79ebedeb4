"""Which commands may cost money: no other one sends anything, whatever is planned or due."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sora_compare import settings
from sora_compare.cli import COMMANDS, main, parser_for
from sora_compare.domain.comparisons import Arm
from sora_compare.domain.requests import ClipSettings
from sora_compare.domain.takes import ArmLabel
from sora_compare.releases.drift.schedule import Schedule
from sora_compare.services import open_services
from tests.simulation import KEY, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from tests.simulation import Simulation

SENDING = {"compare", "suite run", "worker"}
"""And `versions drift --run`, and the app, which `run` becomes."""
WITHOUT_A_STORE = {"simulate", "run"}
WORDS = {
    "import": "clips",
    "backup": "backup",
    "restore": "backup",
    "gate": "--criterion physics",
    "report": "--to report.html",
    "versions lock": "production sora-2-2025-12-08 --reason tried",
    "versions switch": "production stable --reason tried",
    "versions needs-reason": "staging yes",
    "versions canary start": "production sora-2-2025-12-08 --reason tried",
    "sessions withdraw": "ses_nowhere inv_nowhere",
    "sessions remove-reviewer": "ses_nowhere Ana --keep-scores",
    **{
        f"sessions {verb}": "ses_nowhere"
        for verb in ("show", "pause", "resume", "close", "reopen", "change", "delete", "restore")
    },
}
"""What commands are given that want more than their name."""


def verbs(parser: argparse.ArgumentParser, path: str) -> Iterator[str]:
    """Every command with its verbs, as the parser knows them."""
    groups = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
    for group in groups:
        for name, verb in group.choices.items():
            yield from verbs(verb, f"{path} {name}".strip())
    if not groups:
        yield path


def every_command() -> list[str]:
    return [one for name in COMMANDS for one in verbs(parser_for([name]), "") if one.partition(" ")[0] == name]


def test_no_command_but_those_that_say_so_sends_anything(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    values = {
        "OPENAI_BASE_URL": simulation.base_url,
        "OPENAI_API_KEY": KEY,
        "SORA_COMPARE_HOME": str(tmp_path / "home"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    endpoint = settings.load().default_endpoint
    opened = open_services(with_runner=False)
    arms = Arm(ArmLabel.A, endpoint, "sora-2-2025-10-06"), Arm(ArmLabel.B, endpoint, "sora-2-2025-12-08")
    opened.send(opened.planner.plan("a ball", ClipSettings(4, "1280x720"), arms))
    opened.drift.set_schedule(Schedule("sora-2", endpoint))
    assert opened.drift.is_due("sora-2", endpoint)
    opened.close()

    tried = [one for one in every_command() if one not in SENDING | WITHOUT_A_STORE]
    for command in tried:
        code = main([*command.split(), *WORDS.get(command, "").split()])
        assert (command, code in {0, 1, 2, 3}, simulation.jobs_created) == (command, True, 0)
    assert {"versions drift", "doctor", "export", "suite status"} <= set(tried)

    # The same folder, opened by what may send: there was something to be sent.
    carrier = open_services()
    wait_until(lambda: simulation.jobs_created == 2)
    carrier.close()
