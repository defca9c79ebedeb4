"""Where a server's answer may lead us: judged by the address, which is the one that is connected to."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from sora_compare.endpoints.addresses import is_link_local, is_public
from sora_compare.endpoints.downloads import open_location
from sora_compare.errors import NotReady, PollFailed
from sora_compare.settings import Secret
from tests.endpoints.servers import MOVIE, Warehouse
from tests.simulation import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = "https://93.184.216.34/v1"
NAME = "named.example"


@pytest.fixture(scope="module")
def running_warehouse() -> Iterator[Warehouse]:
    with Warehouse() as running:
        yield running


@pytest.fixture
def warehouse(running_warehouse: Warehouse) -> Warehouse:
    running_warehouse.reset()
    return running_warehouse


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "0.0.0.0",  # noqa: S104  # to be refused
    "::1", "::", "fe80::1", "fec0::1", "ff02::1", "fd00::1", "::ffff:127.0.0.1", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::",
])  # fmt: skip
def test_a_private_address_is_seen_through_every_form(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.1.1", "64:ff9b::a9fe:a9fe"])
def test_an_address_of_one_cable_is_seen_through_every_form(address: str) -> None:
    assert is_link_local(ip_address(address))


class Names:
    """A name server that gives each answer in turn, the last one for ever."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self._answers = list(answers)
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, *more: Any, **named: Any) -> Any:  # noqa: ANN401  # as the library's
        if host in {NAME, NAME.encode()}:
            host = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return self._real(host, *more, **named)


def client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, timeout=1.0)


async def test_a_name_that_changes_its_address_between_check_and_connection_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, warehouse: Warehouse
) -> None:
    Names(monkeypatch, "93.184.216.34", "127.0.0.1")
    address = warehouse.origin.replace("127.0.0.1", NAME)
    async with client() as web:
        with pytest.raises(PollFailed):
            async with open_location("lab", f"{address}/1", PUBLIC, Secret(KEY), web):
                pass
    assert warehouse.headers == []


async def test_a_name_is_still_the_host_that_the_server_is_asked_as(
    monkeypatch: pytest.MonkeyPatch, warehouse: Warehouse
) -> None:
    Names(monkeypatch, "127.0.0.1")
    address = warehouse.origin.replace("127.0.0.1", NAME)
    async with (
        client() as web,
        open_location("lab", f"{address}/1", "http://10.0.0.1/v1", Secret(KEY), web) as content,
    ):
        assert b"".join([chunk async for chunk in content.chunks]) == MOVIE
    assert [one["host"] for one in warehouse.headers] == [address.removeprefix("http://")]
    assert "authorization" not in warehouse.headers[0]


@pytest.mark.parametrize("home", [PUBLIC, "http://10.0.0.1/v1"])
async def test_an_address_of_one_cable_is_refused_from_any_endpoint(home: str) -> None:
    async with client() as web:
        with pytest.raises(NotReady, match="private address"):
            async with open_location("lab", "http://169.254.169.254/latest/meta-data", home, Secret(KEY), web):
                pass
