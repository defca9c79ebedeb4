"""Signed values, and the one key they are signed with."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from itsdangerous import BadData, URLSafeTimedSerializer

from sora_compare.errors import StoreUnusable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY_FILE = "signing.key"
KEY_BYTES = 32
NEEDED_FOR = "Review sessions and logins need it; everything else works."
TOKEN_BYTES = 32
MAC_CHARACTERS = 32
SCRYPT = {"n": 2**14, "r": 8, "p": 1}


class Signing:
    """Signs and reads values; a value signed for one purpose is nothing for another.

    The key is read when it is first needed, so that only what is signed depends on it.
    """

    def __init__(self, read_key: Callable[[], bytes]) -> None:
        self._read_key = read_key

    @cached_property
    def _key(self) -> bytes:
        return self._read_key()

    def sign(self, purpose: str, value: str) -> str:
        """The value with its signature and the time, safe in URLs and cookies."""
        return str(self._serializer(purpose).dumps(value))

    def read(self, purpose: str, signed: str, max_age_s: float) -> str | None:
        """The value, or None when the signature is not ours, not for this purpose, or too old."""
        if not signed:
            return None
        try:
            value = self._serializer(purpose).loads(signed, max_age=int(max_age_s))
        except BadData:
            return None
        return value if isinstance(value, str) else None

    def mac(self, purpose: str, *parts: str) -> str:
        """A keyed digest of the parts, to be compared with `same`."""
        message = "\n".join((purpose, *parts)).encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:MAC_CHARACTERS]

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._key, salt=f"sora-compare.{purpose}")


def same(a: str, b: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(a.encode(), b.encode())


def new_token() -> str:
    """A random token of 256 bits, safe in URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256. A random token needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def passphrase_hash(passphrase: str, salt: str | None = None) -> str:
    """What is kept of a passphrase: salt and scrypt digest (RFC 7914), in hexadecimal."""
    chosen = salt or secrets.token_hex(16)
    digest = hashlib.scrypt(passphrase.encode(), salt=bytes.fromhex(chosen), **SCRYPT).hex()
    return f"{chosen}:{digest}"


def is_passphrase(passphrase: str, kept: str) -> bool:
    """Whether a passphrase is the one of which the hash is kept."""
    return same(passphrase_hash(passphrase, kept.partition(":")[0]), kept)


def signing_key(folder: Path) -> bytes:
    """The key in `folder`; made at the first call, readable by its owner only.

    Raises:
        StoreUnusable: it cannot be read or written, or is not a key.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise StoreUnusable(folder, f"{KEY_FILE}: {(error.strerror or str(error)).lower()}", NEEDED_FOR) from error
    if len(key) != KEY_BYTES:
        raise StoreUnusable(
            folder, f"its {KEY_FILE} is damaged", f"Remove it: links made so far stop working. {NEEDED_FOR}"
        )
    return key


def _make_key(path: Path) -> None:
    """Write the key whole, then give it its name, unless another process was quicker."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        new.write(secrets.token_bytes(KEY_BYTES))
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()
