"""Why a server could not be reached, in words."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def reason_of(error: BaseException) -> str | None:
    """Why no connection came about; None for any other error."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "it does not speak HTTPS there"
        if isinstance(cause, socket.gaierror):
            return "no server has that name"
        if isinstance(cause, ConnectionRefusedError):
            return "nothing answers at that address and port"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it; of several addresses that were tried, each one's."""
    found: BaseException | None = error
    while found is not None:
        yield found
        if isinstance(found, BaseExceptionGroup):
            for one in found.exceptions:
                yield from _causes(one)
        found = found.__cause__ or found.__context__
