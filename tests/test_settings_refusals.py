"""Settings that cannot be used are a sentence, and no sentence repeats a key."""

from __future__ import annotations

import pickle
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sora_compare.errors import ConfigurationError
from sora_compare.settings import Secret, Settings, checked_base_url, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNHURRIED = settings(deadline=None, max_examples=60)
KEY = "sk-live-0123456789abcdef"


def test_a_key_cannot_be_pickled(read_settings: Callable[..., Settings]) -> None:
    with pytest.raises(TypeError, match="is not kept"):
        pickle.dumps(read_settings(OPENAI_API_KEY=KEY))
    with pytest.raises(TypeError, match="is not kept"):
        pickle.dumps(Secret(KEY))


def test_an_owner_token_that_could_be_guessed_is_refused(read_settings: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigurationError, match="at least 16") as caught:
        read_settings(SORA_COMPARE_OWNER_TOKEN="k" * 15)
    assert "kkk" not in str(caught.value)
    assert read_settings(SORA_COMPARE_OWNER_TOKEN="k" * 16).owner_token.reveal() == "k" * 16
    assert not read_settings(SORA_COMPARE_OWNER_TOKEN=" ").owner_token


@pytest.mark.parametrize(
    "url", ["", "localhost:8000", "ftp://host/v1", "https://", "/v1", "host/v1", "http://[::1", "https://host:port/v1"]
)
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(ConfigurationError, match="write it as https://host/v1"):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{KEY}@host/v1",
        f"https://{KEY}@host/v1",
        f"ftp://user:{KEY}@host/v1",
        f"https://host/v1?key={KEY}",
        f"https://host/v1#{KEY}",
        KEY,
    ],
)
def test_a_key_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        checked_base_url(url)
    assert KEY not in str(caught.value)


@UNHURRIED
@given(st.text(max_size=40))
def test_any_text_gives_an_address_or_a_sentence(text: str) -> None:
    with suppress(ConfigurationError):
        assert checked_base_url(text).startswith(("http", "HTTP"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "https://host.example/openai/v1/", "  http://[::1]:8000/v1 "]
)
def test_an_address_loses_spaces_and_its_last_stroke_only(url: str) -> None:
    assert checked_base_url(url) == url.strip().rstrip("/")


@pytest.mark.parametrize(
    "text",
    [
        "this is no toml",
        '[endpoints.lab]\nkey = "x"',
        "[endpoints.lab]\nbase_url = 5",
        '[endpoints]\nlab = "http://host/v1"',
        'endpoints = "http://host/v1"',
        "OPENAI_BASE_URL = 5",
        '[endpoints.lab]\nbase_url = "http://host/v1"\npoll_interval_s = "often"',
        '[endpoints.lab]\nbase_url = "http://host/v1"\npoll_interval_s = 0',
        '[endpoints.lab]\nbase_url = "http://host/v1"\nconcurrency = 0',
        '[endpoints.lab]\nbase_url = "http://host/v1"\nrequests_per_minute = "many"',
        '[endpoints.lab]\nbase_url = "http://host/v1"\nwatch_limit_s = nan',
    ],
)
def test_secrets_that_cannot_be_used_are_a_sentence(read_settings: Callable[..., Settings], text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_settings(text)


@pytest.mark.parametrize("slip", [f'api_key = "{KEY}"', "concurency = 9", f'key = ["{KEY}"]', f'concurrency = "{KEY}"'])
def test_a_slip_in_the_table_of_an_endpoint_is_named_and_its_value_is_not(
    read_settings: Callable[..., Settings], slip: str
) -> None:
    with pytest.raises(
        ConfigurationError, match=rf"endpoints\.lab.*: {slip.split(maxsplit=1)[0]} cannot be used"
    ) as caught:
        read_settings(f'[endpoints.lab]\nbase_url = "http://host/v1"\n{slip}')
    assert KEY not in str(caught.value)


def test_secrets_that_are_no_text_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_bytes(b'key = "\xff\xfe"')
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        load({}, path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load({}, tmp_path)


def test_the_sentence_about_broken_secrets_repeats_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(f'OPENAI_API_KEY = "{KEY}', "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load({}, path)
    assert KEY not in str(caught.value)


def test_nothing_may_pass_for_the_simulator(read_settings: Callable[..., Settings]) -> None:
    """Its takes would be called simulated."""
    with pytest.raises(ConfigurationError, match="simulator"):
        read_settings('[endpoints.simulator]\nbase_url = "https://live.example/v1"')


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan", "inf"])
def test_a_speed_that_is_no_speed_is_a_sentence(read_settings: Callable[..., Settings], text: str) -> None:
    with pytest.raises(ConfigurationError, match="SORA_COMPARE_SIMULATOR_SPEED"):
        read_settings(SORA_COMPARE_SIMULATOR_SPEED=text)


def test_a_home_of_an_unknown_user_is_a_sentence(read_settings: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigurationError, match="SORA_COMPARE_HOME"):
        read_settings(SORA_COMPARE_HOME="~nobody-of-that-name/data")
