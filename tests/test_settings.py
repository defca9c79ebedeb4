"""Settings: what is read from outside, what it gives, and that a key shows itself nowhere."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sora_compare import settings as settings_module
from sora_compare.domain.endpoints import SIMULATOR
from sora_compare.domain.takes import Origin
from sora_compare.settings import OPENAI_BASE_URL, Secret, Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-live-0123456789abcdef"


# The default choice


def test_without_anything_the_simulator_is_the_default(read_settings: Callable[..., Settings]) -> None:
    found = read_settings()
    assert (found.default_endpoint, list(found.endpoints)) == (SIMULATOR, [SIMULATOR])
    assert found.endpoints[SIMULATOR].origin is Origin.SIMULATED
    assert not found.key_for(found.endpoints[SIMULATOR])
    assert found.deploy_environment == "development"


def test_a_key_alone_configures_openai_but_does_not_choose_it(read_settings: Callable[..., Settings]) -> None:
    """OpenAI switched the API off, and many people have that key set for other work."""
    found = read_settings(OPENAI_API_KEY=KEY)
    assert found.default_endpoint == SIMULATOR
    openai = found.endpoints["openai"]
    assert (openai.base_url, openai.profile, openai.key_source) == (OPENAI_BASE_URL, "openai", "env:OPENAI_API_KEY")
    assert found.key_for(openai).reveal() == KEY


def test_a_base_url_is_the_default_of_both_arms(read_settings: Callable[..., Settings]) -> None:
    found = read_settings(OPENAI_BASE_URL="http://127.0.0.1:8000/v1/", OPENAI_API_KEY=KEY)
    assert found.default_endpoint == "default"
    default = found.endpoints["default"]
    assert (default.base_url, default.profile, default.origin) == ("http://127.0.0.1:8000/v1", "generic", Origin.LIVE)
    assert found.key_for(default).reveal() == KEY


def test_a_base_url_without_a_key_is_an_endpoint_without_a_key(read_settings: Callable[..., Settings]) -> None:
    found = read_settings(OPENAI_BASE_URL="http://127.0.0.1:8000/v1")
    assert found.endpoints["default"].key_source == ""
    assert not found.key_for(found.endpoints["default"])


def test_openais_own_address_does_not_become_the_default(read_settings: Callable[..., Settings]) -> None:
    found = read_settings(OPENAI_BASE_URL=f"{OPENAI_BASE_URL}/", OPENAI_API_KEY=KEY)
    assert (found.default_endpoint, sorted(found.endpoints)) == (SIMULATOR, ["openai", SIMULATOR])


def test_secrets_are_read_where_the_environment_says_nothing(read_settings: Callable[..., Settings]) -> None:
    text = f'OPENAI_API_KEY = "{KEY}"\nOPENAI_BASE_URL = "http://secret.example/v1"'
    found = read_settings(text)
    assert found.endpoints["default"].base_url == "http://secret.example/v1"
    assert found.endpoints["default"].key_source == "secrets:OPENAI_API_KEY"
    assert found.key_for(found.endpoints["default"]).reveal() == KEY
    found = read_settings(text, OPENAI_BASE_URL="http://env.example/v1", OPENAI_API_KEY="other")
    assert found.endpoints["default"].base_url == "http://env.example/v1"
    assert found.key_for(found.endpoints["default"]).reveal() == "other"


def test_named_endpoints_come_from_secrets(read_settings: Callable[..., Settings]) -> None:
    found = read_settings(
        f"""
        [endpoints.lab]
        base_url = "https://lab.example/v1/"
        key = "{KEY}"
        profile = "vllm-omni"
        poll_interval_s = 3
        concurrency = 2
        requests_per_minute = 30
        [endpoints.open]
        base_url = "http://127.0.0.1:9/v1"
        [endpoints.shared]
        base_url = "http://127.0.0.1:10/v1"
        key_source = "env:LAB_KEY"
        """,
        LAB_KEY="from-env",
    )
    lab = found.endpoints["lab"]
    assert (lab.base_url, lab.profile, lab.poll_interval_s) == ("https://lab.example/v1", "vllm-omni", 3.0)
    assert (lab.concurrency, lab.requests_per_minute) == (2, 30)
    keys = {name: found.key_for(one).reveal() for name, one in found.endpoints.items()}
    assert keys == {SIMULATOR: "", "lab": KEY, "open": "", "shared": "from-env"}
    assert found.default_endpoint == "lab"


def test_the_base_url_of_the_environment_goes_before_named_endpoints(read_settings: Callable[..., Settings]) -> None:
    named = '[endpoints.lab]\nbase_url = "https://lab.example/v1"'
    assert read_settings(named, OPENAI_BASE_URL="http://127.0.0.1:8000/v1").default_endpoint == "default"
    assert read_settings(named, OPENAI_API_KEY=KEY).default_endpoint == "lab"


def test_folders_and_names_come_from_the_environment(
    read_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = read_settings(SORA_COMPARE_HOME="data", DEPLOY_ENV="production", SORA_COMPARE_SIMULATOR_SPEED="40")
    assert (found.home, found.deploy_environment, found.simulator_speed) == (tmp_path / "data", "production", 40.0)
    assert read_settings(SORA_COMPARE_HOME="~/data").home == Path("~/data").expanduser()
    assert read_settings(SORA_COMPARE_HOME=" ").home == read_settings().home
    assert read_settings().home.is_absolute()


def test_the_process_environment_and_the_local_secrets_are_read_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text('[endpoints.here]\nbase_url = "http://127.0.0.1:1/v1"')
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setenv("DEPLOY_ENV", "staging")
    found = load()
    assert (found.deploy_environment, found.default_endpoint) == ("staging", "here")


# A key shows itself nowhere


@pytest.fixture
def secretive(read_settings: Callable[..., Settings]) -> Settings:
    named = f'[endpoints.lab]\nbase_url = "https://lab.example/v1"\nkey = "{KEY}-3"\n'
    return read_settings(f'OTHER = "{KEY}-2"\n{named}', OPENAI_API_KEY=KEY, OPENAI_BASE_URL="http://127.0.0.1:1/v1")


def test_the_keys_are_there_for_their_headers(secretive: Settings) -> None:
    """Or else nothing below would mean anything."""
    assert secretive.key_for(secretive.endpoints["default"]).reveal() == KEY
    assert secretive.key_for(secretive.endpoints["lab"]).reveal() == f"{KEY}-3"
    assert secretive.secrets["secrets:OTHER"].reveal() == f"{KEY}-2"


def test_no_text_of_the_settings_holds_a_key(secretive: Settings, caplog: pytest.LogCaptureFixture) -> None:
    texts = [
        repr(secretive),
        str(secretive),
        f"{secretive.secrets}",
        repr(dataclasses.asdict(secretive)),
        repr(dataclasses.astuple(secretive)),
        repr(copy.deepcopy(secretive)),
        json.dumps(dataclasses.asdict(secretive), default=repr),
        repr(list(secretive.endpoints.values())),
    ]
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").warning("settings: %s %r", secretive, secretive.secrets)
    assert all("sk-live" not in text for text in [*texts, caplog.text])
    assert "Secret(…)" in repr(secretive.secrets)


def test_a_key_that_differs_does_not_compare_by_its_text() -> None:
    assert Secret(KEY) != KEY
    assert bool(Secret(KEY))
    assert not Secret("")


def test_the_module_keeps_no_settings_by_itself() -> None:
    held = [name for name, value in vars(settings_module).items() if isinstance(value, (Settings, Secret))]
    assert held == []
