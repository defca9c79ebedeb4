"""Identifiers that sort by the time they were made."""

from __future__ import annotations

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
TIME_DIGITS = 10
RANDOM_DIGITS = 12
_ROOM_BITS, _STEP_BITS = 59, 30
"""Of 60 bits: those of a millisecond's first identifier, and those by which the next one is greater."""

_lock = threading.Lock()
_last = (0, 0)


def new_identifier(kind: str, *, at_s: float | None = None) -> str:
    """Return `kind_` followed by 10 digits of time (ms) and 12 random ones, base 32.

    Those that one process makes in one millisecond sort in the order in which they were made.

    Args:
        kind: a short prefix such as "cmp" or "take".
        at_s: seconds since the epoch; now when left out.
    """
    milliseconds = int((time.time() if at_s is None else at_s) * 1000)
    return f"{kind}_{_digits(milliseconds, TIME_DIGITS)}{_digits(_random(milliseconds), RANDOM_DIGITS)}"


def _random(milliseconds: int) -> int:
    global _last  # noqa: PLW0603  # what the next one has to pass
    with _lock:
        before, drawn = _last
        again = drawn + 1 + secrets.randbits(_STEP_BITS)
        number = again if milliseconds == before else secrets.randbits(_ROOM_BITS)
        _last = milliseconds, number
    return number


def earliest_identifier(kind: str, at_s: float) -> str:
    """Text that sorts before every identifier of that kind made at or after that moment."""
    return f"{kind}_{_digits(int(at_s * 1000), TIME_DIGITS)}"


def _digits(number: int, length: int) -> str:
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(length)))
