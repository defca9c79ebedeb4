"""An endpoint that is added on a page gets the keys that the operator listed for its host, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sora_compare.domain.endpoints import Endpoint
from sora_compare.errors import ConfigurationError
from sora_compare.services import open_services
from sora_compare.settings import Secret, Settings
from tests.endpoints.sockets import listening, scoring

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE = "env:AWS_SECRET_ACCESS_KEY"
LIST = {"AWS_SECRET_ACCESS_KEY": frozenset({"gpu.example"})}


def settings(home: Path, hosts: dict[str, frozenset[str]]) -> Settings:
    return Settings(home=home, endpoints={}, secrets={SOURCE: Secret("wJalr-secret")}, key_hosts=hosts)


@pytest.mark.parametrize("hosts", [{}, LIST, {"OTHER_KEY": frozenset({"127.0.0.1"})}])
async def test_a_key_goes_to_no_host_that_the_operator_did_not_list(
    tmp_path: Path, hosts: dict[str, frozenset[str]]
) -> None:
    """Kept before there was a list, as well as saved now."""
    opened = open_services(settings(tmp_path / "home", hosts), with_runner=False)
    async with listening(scoring(200, {"data": []})) as listener:
        endpoint = Endpoint("lab", listener.base_url, key_source=SOURCE)
        with pytest.raises(ConfigurationError, match="AWS_SECRET_ACCESS_KEY may not be sent to 127"):
            opened.endpoint_registry.save(endpoint)
        opened.store.endpoints.save(endpoint)
        found = await opened.client_pool.check("lab")
    opened.close()
    assert not found.is_usable
    assert "SORA_COMPARE_KEYS=AWS_SECRET_ACCESS_KEY=127.0.0.1:" in found.sentence
    assert listener.received == []


@pytest.mark.parametrize("with_port", [True, False])
async def test_a_listed_key_goes_to_its_host(tmp_path: Path, with_port: bool) -> None:  # noqa: FBT001  # a parameter of the test
    async with listening(scoring(200, {"data": []})) as listener:
        host = listener.base_url.removeprefix("http://").removesuffix("/v1")
        hosts = {"AWS_SECRET_ACCESS_KEY": frozenset({host if with_port else host.partition(":")[0]})}
        opened = open_services(settings(tmp_path / "home", hosts), with_runner=False)
        opened.endpoint_registry.save(Endpoint("lab", listener.base_url, key_source=SOURCE))
        assert (await opened.client_pool.check("lab")).is_usable
        opened.close()
    assert b"Bearer wJalr-secret" in listener.received[0]


def test_the_list_comes_from_the_environment_and_from_the_secrets(read_settings: Callable[..., Settings]) -> None:
    found = read_settings('[keys]\nLAB_KEY = "lab.example"', SORA_COMPARE_KEYS="LAB_KEY=10.0.0.5:8000, B_KEY=b.example")
    assert found.key_hosts == {
        "LAB_KEY": frozenset({"lab.example", "10.0.0.5:8000"}),
        "B_KEY": frozenset({"b.example"}),
    }
    for secrets, variable in (("keys = 3", ""), ("", "LAB_KEY"), ("", "=host")):
        with pytest.raises(ConfigurationError, match="listed with their hosts"):
            read_settings(secrets, SORA_COMPARE_KEYS=variable)
