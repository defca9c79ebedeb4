"""The composition: what the signing key is needed for, and what is left behind when something in the middle fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sora_compare import services
from sora_compare.access.signing import KEY_FILE
from sora_compare.errors import ConfigurationError, StoreUnusable
from sora_compare.services import open_services
from sora_compare.settings import Settings
from tests.commands.terminal import is_one_sentence, run


def open_files(home: Path) -> list[str]:
    """Files below the folder that this process holds open."""
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [str(link.readlink()) for link in links if link.readlink().is_relative_to(home)]


@pytest.mark.parametrize("part", ["open_governance", "open_sessions", "Scheduler", "Services"])
def test_what_was_opened_is_closed_when_something_in_the_middle_fails(
    part: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ConfigurationError("It is damaged.")

    monkeypatch.setattr(services, part, fails)
    threads = set(threading.enumerate())
    with pytest.raises(ConfigurationError, match="It is damaged"):
        open_services(Settings(home=tmp_path / "home", endpoints={}))
    assert set(threading.enumerate()) == threads
    assert open_files(tmp_path / "home") == []


def test_results_and_export_work_with_a_damaged_signing_key_and_sessions_say_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    open_services(Settings(home=home, endpoints={}), with_runner=False).close()
    (home / KEY_FILE).write_bytes(b"short")
    for words in (("results", "--json"), ("export", "--to", str(tmp_path / "all.csv")), ("versions", "show")):
        done = run(*words, home=home)
        assert done.code == 0, done
    opened = open_services(Settings(home=home, endpoints={}), with_runner=False)
    with pytest.raises(StoreUnusable) as caught:
        opened.sessions.signing.sign("reviewer", "somebody")
    opened.close()
    assert is_one_sentence(str(caught.value))
    assert "signing.key is damaged" in str(caught.value)
    assert "everything else works" in str(caught.value)
