"""Who somebody is, decided from one request: pages and routes ask the same rule."""

from __future__ import annotations

import ipaddress
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from sora_compare.access.signing import same

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from sora_compare.access.signing import Signing

OWNER_COOKIE = "sora_compare_owner"
REVIEWER_COOKIE = "sora_compare_reviewer"
OWNER_PURPOSE, REVIEWER_PURPOSE, TICKET_PURPOSE, LOGIN_PURPOSE = "owner", "reviewer", "ticket", "login"
COOKIE_AGE_S = 30 * 86_400
COOKIE_ID_BYTES = 16
TICKET_AGE_S = 60
LOOPBACK = "127.0.0.1"
ENTERED = "entered"
"""Query parameter of the page that follows a login."""
FORWARDING_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


class Role(StrEnum):
    """What somebody may do: everything, their own review session, nothing."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: their role.

    Attributes:
        reviewer_id: under which they joined a session.
        email: of a login.
        cookie_id: of their owner cookie.
    """

    role: Role
    reviewer_id: str | None = None
    email: str | None = None
    cookie_id: str | None = None


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """What the rule looks at: the client's address, the request's headers (lower case) and cookies, the login.

    Attributes:
        client: the address the connection comes from; None when it is not known.
        email: of a login that the identity provider confirmed.
    """

    client: str | None
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    email: str | None = None


class People:
    """Tells owners from reviewers from nobody.

    On a server bound to loopback, a loopback client that asks for a loopback host and came through no proxy is
    the owner, unless an owner token or a list of owners was set: then a proxy on this machine cannot make owners. A
    browser that joined a session there is that reviewer's until it leaves, since nothing else tells the two apart.
    Anywhere else an owner has the cookie that the owner token or a login gave, or a login that is on the list. The
    token's cookie holds a keyed digest of it, and a login's the address: each ends with the token, or the place on the
    list. Every cookie has an id, under which logging out ends it.
    """

    def __init__(
        self,
        signing: Signing,
        *,
        trusts_this_machine: bool,
        owner_token: str,
        owners: frozenset[str] = frozenset(),
        ended: Container[str] = frozenset(),
    ) -> None:
        """Put the rule together; `ended` holds the ids of cookies that count no more."""
        self._signing = signing
        self._ended = ended
        self._owner_token = owner_token
        self._trusts_this_machine = trusts_this_machine
        self._owners = frozenset(owner.casefold() for owner in owners)

    @cached_property
    def _token_digest(self) -> str:
        return self._signing.mac(OWNER_PURPOSE, self._owner_token)

    def owner_cookie(self) -> str:
        """The owner cookie for whoever showed the owner token."""
        return self._new_cookie(self._token_digest)

    def ticket(self, email: str) -> str:
        """What lets a browser that has just logged in fetch its owner cookie; good for a minute.

        Streamlit's own login cookie is seen by pages alone; routes such as clips know this one.
        """
        return self._signing.sign(TICKET_PURPOSE, email)

    def cookie_for(self, ticket: str) -> str | None:
        """The owner cookie for a ticket; None when it is not ours, too old, or its person no owner any more."""
        email = self._signing.read(TICKET_PURPOSE, ticket, TICKET_AGE_S)
        return self._new_cookie(email) if email and self._is_listed(email) else None

    def _new_cookie(self, subject: str) -> str:
        return self._signing.sign(OWNER_PURPOSE, f"{secrets.token_hex(COOKIE_ID_BYTES)} {subject}")

    def sign_login(self, login_id: str) -> str:
        """What the link for logging out carries, to say which login it ends."""
        return self._signing.sign(LOGIN_PURPOSE, login_id)

    def login_of(self, signed: str) -> str | None:
        """The id of the login that a link for logging out ends; None when the link is not ours."""
        return self._signing.read(LOGIN_PURPOSE, signed, COOKIE_AGE_S)

    def has_ended(self, login_id: str) -> bool:
        """Whether a login was ended by logging out, though its cookie is still shown."""
        return login_id in self._ended

    def who(self, identity: RequestIdentity) -> Person:
        """The person behind a request; an owner by cookie or login who also joined a session stays the owner."""
        joined = self._signing.read(REVIEWER_PURPOSE, identity.cookies.get(REVIEWER_COOKIE, ""), COOKIE_AGE_S)
        cookie_id, subject = self._owner_cookie_of(identity)
        email = identity.email or (subject if self._is_listed(subject) else None)
        has_token = bool(subject) and same(subject, self._token_digest)
        is_at_home = self._trusts_this_machine and not joined and is_at_this_machine(identity)
        if has_token or self._is_listed(email) or is_at_home:
            return Person(Role.OWNER, reviewer_id=joined, email=email, cookie_id=cookie_id)
        return Person(Role.REVIEWER if joined else Role.NOBODY, reviewer_id=joined, email=email, cookie_id=cookie_id)

    def _owner_cookie_of(self, identity: RequestIdentity) -> tuple[str | None, str]:
        """The id of the owner cookie and what it holds; nothing when it is not ours, too old, or ended."""
        signed = self._signing.read(OWNER_PURPOSE, identity.cookies.get(OWNER_COOKIE, ""), COOKIE_AGE_S) or ""
        cookie_id, _, subject = signed.partition(" ")
        return (cookie_id, subject) if subject and cookie_id not in self._ended else (None, "")

    def _is_listed(self, email: str | None) -> bool:
        return bool(email and email.casefold() in self._owners)


def verified_email(claims: Mapping[str, object]) -> str | None:
    """The address of a login if the provider says that it is verified; Apple says so in text, "true"."""
    address, message = claims.get("email"), claims.get("email_verified")
    return str(address) if address and str(message).casefold() == "true" else None


def is_at_this_machine(identity: RequestIdentity) -> bool:
    """Whether a request was made on this machine, for this machine, without a proxy between."""
    if any(name in identity.headers for name in FORWARDING_HEADERS):
        return False
    # A browser always names a host; what names none cannot have been lured here under a foreign name.
    host = identity.headers.get("host")
    return is_loopback(identity.client or "") and (host is None or is_loopback(_host(host)))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    """The host of a Host header, without its port."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.rpartition(":")[0] or header if header.count(":") == 1 else header
