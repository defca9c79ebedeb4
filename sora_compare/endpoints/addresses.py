"""Which network addresses a server's answer may lead us to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052."""
NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
"""RFC 8215."""
IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""RFC 4291, deprecated."""
LOW_32_BITS = 2**32 - 1


async def resolved(host: str) -> list[IPv4Address | IPv6Address]:
    """The addresses of a name, IPv4 first; empty when there are none. Connect to these, and ask no second time."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted((ipaddress.ip_address(entry[4][0]) for entry in found), key=lambda one: one.version)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it lies in the public internet, also when an IPv4 address is written into an IPv6 one."""
    inner = _unwrapped(address)
    is_elsewhere = inner.is_multicast or inner.is_unspecified or (inner.version == 6 and inner.is_site_local)  # noqa: PLR2004  # IPv6
    return inner.is_global and not is_elsewhere and inner not in NAT64_LOCAL


def is_link_local(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is of one cable only, such as the addresses under which clouds hand out their machines' secrets."""
    return _unwrapped(address).is_link_local


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64 or (address in IPV4_COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & LOW_32_BITS)
    return address.ipv4_mapped or address.sixtofour or address
