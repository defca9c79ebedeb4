"""A service goes on while the store is away: real processes, real faults, and back again."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

import pytest

from sora_compare.domain.policies import Author, default_policy
from sora_compare.domain.snapshots import ALIAS, DEFAULT_A, DEFAULT_B
from sora_compare.releases.policy.changes import Releases
from sora_compare.releases.policy.file import policy_text
from sora_compare.releases.policy.last_policy import LastPolicyFile
from sora_compare.releases.policy.repository import PolicyInStore
from sora_compare.store.sqlite import DATABASE
from sora_compare.store.store import open_store
from tests.simulation import KEY, Simulation, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOTICED_S = 1.0
AWAY, BACK = "The version policy is away.", "The policy can be read again."
LOG_AWAY, LOG_BACK = "The audit log is away", "The audit log can be written again"


class Service:
    """A process with a version manager."""

    def __init__(self, home: Path, base_url: str, log: Path, policy: str = "") -> None:
        self._log = log
        with log.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.releases.policy.service_child", str(home), base_url, KEY, policy],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def __call__(self, word: str) -> Any:  # noqa: ANN401  # JSON
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.log
        return json.loads(line)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def remove(home: Path) -> Callable[[], None]:
    aside = home.with_name("aside")
    home.rename(aside)
    return lambda: shutil.move(aside, home)


def remove_database(home: Path) -> Callable[[], None]:
    aside = home.with_name("aside")
    aside.mkdir()
    for part in home.glob(f"{DATABASE}*"):
        part.rename(aside / part.name)

    def restore() -> None:
        _put_back(aside, home)

    return restore


def damage(home: Path) -> Callable[[], None]:
    aside = home.with_name("aside")
    aside.mkdir()
    for part in home.glob(f"{DATABASE}*"):
        shutil.copy2(part, aside)
        part.write_bytes(os.urandom(len(part.read_bytes()) or 4096))

    def restore() -> None:
        _put_back(aside, home)

    return restore


def _put_back(aside: Path, home: Path) -> None:
    for part in home.glob(f"{DATABASE}*"):
        part.unlink()
    for part in aside.iterdir():
        shutil.move(part, home)


def lock(home: Path) -> Callable[[], None]:
    connection = sqlite3.connect(home / DATABASE, timeout=20, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")

    def restore() -> None:
        connection.execute("ROLLBACK")
        connection.close()

    return restore


FAULTS = {"removed": remove, "database removed": remove_database, "damaged": damage, "locked": lock}


@pytest.fixture
def open_service(home: Path, tmp_path: Path, simulation: Simulation) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def start(policy: str = "") -> Service:
        made.append(Service(home, simulation.base_url, tmp_path / f"service-{len(made)}.log", policy))
        return made[-1]

    yield start
    for one in made:
        one.__exit__()


def lock_elsewhere(home: Path, model: str) -> None:
    store = open_store(home)
    Releases(PolicyInStore(store, home), store.audit_log).lock(
        "production", model, force=True, author=Author("maria", "elsewhere")
    )
    store.close()


@pytest.mark.heavy
@pytest.mark.parametrize("fault", FAULTS)
def test_a_service_goes_on_with_the_last_policy_and_follows_again(
    home: Path, open_service: Callable[..., Service], fault: str
) -> None:
    service = open_service()
    assert service("switch") is True
    assert service("model") == [DEFAULT_B] * 3
    restore = FAULTS[fault](home)
    for _ in range(12):
        assert service("model") == [DEFAULT_B] * 3
        service("report")
    assert service("check") is False
    assert service("video") is True, "a log that is away keeps no video back"
    with open_service() as other:
        assert other("model") == [DEFAULT_B] * 3, "from the file beside the store"
        other("report")
        assert other.log.count(AWAY) == 1
    if fault != "locked":
        wait_until(lambda: service("model") and AWAY in service.log)
    assert service.log.count(AWAY) <= 1
    assert service.log.count(LOG_AWAY) == 1
    assert "Traceback" not in service.log

    restore()
    lock_elsewhere(home, ALIAS)
    wait_until(lambda: service("model") == [ALIAS] * 3, limit_s=20)
    wait_until(lambda: service("report") is None and LOG_BACK in service.log, limit_s=20)
    service("report")
    assert service.log.count(BACK) == service.log.count(AWAY)
    assert service.log.count(LOG_BACK) == 1


@pytest.mark.heavy
def test_a_full_disk_loses_log_lines_and_nothing_else(open_service: Callable[..., Service]) -> None:
    service = open_service()
    assert service("switch") is True
    service("full")
    wait_until(lambda: service("report") is None and LOG_AWAY in service.log, limit_s=20)
    for _ in range(5):
        service("report")
        assert service("model") == [DEFAULT_B] * 3
    assert service("video") is True
    assert service.log.count(LOG_AWAY) == 1
    assert "is full" in service.log or "disk" in service.log


@pytest.mark.heavy
def test_a_policy_file_that_is_gone_changes_nothing(
    tmp_path: Path, home: Path, open_service: Callable[..., Service]
) -> None:
    path = tmp_path / "policy.toml"
    text = policy_text(default_policy()).replace(f'model = "{DEFAULT_A}"', f'model = "{DEFAULT_B}"')
    path.write_text(text, "utf-8")
    service = open_service(str(path))
    assert service("model") == [DEFAULT_B] * 3
    path.unlink()
    restore = remove(home)
    wait_until(lambda: service("model") == [DEFAULT_B] * 3 and "it is missing" in service.log)
    service("report")
    with open_service(str(path)) as other:
        assert other("model") == [DEFAULT_B] * 3
        assert other.log.count("it is missing") == 1
    restore()
    path.write_text(text.replace(f'model = "{DEFAULT_B}"', f'model = "{ALIAS}"'), "utf-8")
    wait_until(lambda: service("model") == [ALIAS] * 3)
    assert service.log.count("it is missing") == 1
    assert service.log.count("can be read again") == 1


def test_the_last_policy_is_kept_whole_beside_the_folder_or_inside(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    file = LastPolicyFile(home, None)
    assert file.write(default_policy()) == tmp_path / "home.last-policy.json"
    assert file.find() == default_policy()
    file.path.write_text('{"format": 1, "noted_at": ')
    assert file.find() is None
    file.path.unlink()
    file.path.mkdir()
    assert file.write(default_policy()) == home / "last-policy.json"
    assert file.find() == default_policy()
    assert LastPolicyFile(home, tmp_path / "policy.toml").find() is None, "of another policy"
