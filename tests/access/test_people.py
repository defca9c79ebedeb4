"""Who is the owner: only somebody at this machine, or with the owner's cookie, or on the list."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from itsdangerous import URLSafeTimedSerializer

from sora_compare.access.people import OWNER_COOKIE, REVIEWER_COOKIE, People, RequestIdentity, Role, verified_email
from sora_compare.access.signing import Signing, is_passphrase, passphrase_hash, signing_key
from sora_compare.errors import StoreUnusable
from sora_compare.settings import Secret, Settings
from sora_compare.web.gate import people_for

if TYPE_CHECKING:
    from pathlib import Path

SIGNING = Signing(lambda: b"k" * 32)
TOKEN = "the-token-of-the-owner"
HERE = {"client": "127.0.0.1", "headers": {"host": "localhost:8501"}}


def role(bound: str | None = "127.0.0.1", *, settings: dict[str, object] | None = None, **identity: object) -> Role:
    details = {"cookies": {}, **HERE, **identity}
    chosen = Settings(home=None, endpoints={}, **(settings or {}))  # type: ignore[arg-type]  # no folder is needed
    return people_for(chosen, SIGNING, TOKEN, bound).who(RequestIdentity(**details)).role  # type: ignore[arg-type]  # facts of RequestIdentity


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501"])
def test_somebody_at_this_machine_is_the_owner(host: str) -> None:
    assert role(headers={"host": host}) is Role.OWNER


def test_a_browser_that_joined_a_session_is_its_reviewers_until_it_leaves() -> None:
    joined = {REVIEWER_COOKIE: SIGNING.sign("reviewer", "rev_1")}
    assert role(cookies=joined) is Role.REVIEWER, "nothing tells a guest at this machine from its owner"
    assert role(cookies={REVIEWER_COOKIE: "forged"}) is Role.OWNER
    owner = people_for(Settings(home=None, endpoints={}), SIGNING, TOKEN, None).owner_cookie()  # type: ignore[arg-type]  # no folder is needed
    assert role(None, cookies={**joined, OWNER_COOKIE: owner}) is Role.OWNER, "who has shown the token is known"


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip", "via"])
def test_what_came_through_a_proxy_is_not_at_this_machine(header: str) -> None:
    assert role(headers={"host": "localhost", header: "127.0.0.1"}) is Role.NOBODY


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""])
def test_a_foreign_name_for_this_machine_makes_no_owner(host: str) -> None:
    assert role(headers={"host": host}) is Role.NOBODY


def test_a_server_that_others_can_reach_trusts_nobody_for_where_they_are() -> None:
    for bound in (None, "0.0.0.0", "192.0.2.1", "::"):  # noqa: S104  # an address to ask about
        assert role(bound) is Role.NOBODY
    assert role(settings={"owner_token": Secret("x")}) is Role.NOBODY
    assert role(client="192.0.2.9") is Role.NOBODY


def test_a_login_counts_only_when_it_is_on_the_list() -> None:
    owners = {"owners": frozenset({"Kim@lab.example"})}
    assert role(None, settings=owners, email="kim@LAB.example") is Role.OWNER
    assert role(None, settings=owners, email="eve@lab.example") is Role.NOBODY


@pytest.mark.parametrize("text", [True, "true", "True"])
def test_an_address_counts_when_the_provider_says_that_it_is_verified(text: object) -> None:
    assert verified_email({"email": "kim@lab.example", "email_verified": text}) == "kim@lab.example"


@pytest.mark.parametrize("claims", [{}, *({"email_verified": said} for said in (False, None, "false", "", 1, "yes"))])
def test_an_address_counts_for_nothing_unless_the_provider_says_so(claims: dict[str, object]) -> None:
    assert verified_email({"email": "kim@lab.example", **claims}) is None


def test_a_login_without_an_address_has_none() -> None:
    assert verified_email({"email_verified": True}) is None


def test_a_ticket_becomes_a_cookie_that_ends_with_the_place_on_the_list() -> None:
    def listing(*owners: str) -> People:
        return People(SIGNING, trusts_this_machine=False, owner_token=TOKEN, owners=frozenset(owners))

    ticket = listing("kim@lab.example").ticket("Kim@lab.example")
    cookie = listing("kim@lab.example").cookie_for(ticket)
    assert cookie is not None
    identity = RequestIdentity(client="192.0.2.9", headers={}, cookies={OWNER_COOKIE: cookie})
    person = listing("kim@lab.example").who(identity)
    assert (person.role, person.email) == (Role.OWNER, "Kim@lab.example"), "what is recorded is signed with it"
    assert listing("eve@lab.example").who(identity).role is Role.NOBODY
    assert listing("eve@lab.example").cookie_for(ticket) is None
    assert listing("kim@lab.example").cookie_for(SIGNING.sign("owner", "kim@lab.example")) is None, "no ticket"
    other = RequestIdentity(client="192.0.2.9", headers={}, cookies={OWNER_COOKIE: cookie}, email="eve@lab.example")
    assert listing("kim@lab.example").who(other).role is Role.NOBODY, "somebody else has logged in here since"


def test_the_cookie_of_an_owner_token_ends_with_the_token() -> None:
    def people(token: str) -> People:
        return People(SIGNING, trusts_this_machine=False, owner_token=token)

    identity = RequestIdentity(client="192.0.2.9", headers={}, cookies={OWNER_COOKIE: people(TOKEN).owner_cookie()})
    assert people(TOKEN).who(identity).role is Role.OWNER
    assert people("another-token-of-the-owner").who(identity).role is Role.NOBODY
    plain = hashlib.sha256(TOKEN.encode()).hexdigest()
    for earlier in ("owner", plain):
        identity = RequestIdentity(
            client="192.0.2.9", headers={}, cookies={OWNER_COOKIE: SIGNING.sign("owner", earlier)}
        )
        assert people(TOKEN).who(identity).role is Role.NOBODY, "a cookie of earlier versions"
    loads = URLSafeTimedSerializer(b"", salt="").loads_unsafe(people(TOKEN).owner_cookie())
    assert plain not in str(loads), "whoever sees the cookie could try tokens against it"


def test_a_cookie_for_one_purpose_is_nothing_for_another() -> None:
    signed = SIGNING.sign("reviewer", "owner")
    assert role(None, cookies={OWNER_COOKIE: signed}) is Role.NOBODY
    assert role(None, cookies={REVIEWER_COOKIE: signed}) is Role.REVIEWER
    assert role(None, cookies={OWNER_COOKIE: Signing(lambda: b"x" * 32).sign("owner", "owner")}) is Role.NOBODY


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    path = tmp_path / "signing.key"
    assert signing_key(tmp_path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"short")
    with pytest.raises(StoreUnusable, match="damaged"):
        signing_key(tmp_path)


def test_a_passphrase_is_kept_as_a_salted_hash() -> None:
    one, other = passphrase_hash("open"), passphrase_hash("open")
    assert one != other
    assert "open" not in one
    assert is_passphrase("open", one)
    assert not is_passphrase("Open", one)
