"""Open connections by their client's address, so that a fault can break one in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio


class BreakableProtocol(H11Protocol):
    """uvicorn's own protocol, which also remembers its connection."""

    open: dict[Any, asyncio.Transport] = {}  # noqa: RUF012 - shared by all connections on purpose

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the connection."""
        super().connection_made(transport)
        self.open[tuple(transport.get_extra_info("peername")[:2])] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.open.pop(tuple(self.transport.get_extra_info("peername")[:2]), None)
        super().connection_lost(exc)


def break_connection(client: tuple[str, int]) -> None:
    """End a client's connection at once, without an answer."""
    transport = BreakableProtocol.open.get(tuple(client))
    if transport is not None:
        transport.abort()
