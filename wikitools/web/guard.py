"""Which network addresses may be contacted: only those that everybody can reach.

A wiki is written by strangers. A name in it may lead to a machine inside of your network, whatever the name looks like
(`0x7f.1`, `::ffff:10.0.0.1`, a name that resolves to 127.0.0.1). So no text is judged here, only the address that is
about to be connected to.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""The part of IPv6 that has been assigned; everything else is local or unused."""
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator (RFC 6052); the last 32 bits are the address."""
_NEVER_4 = tuple(
    IPv4Network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
"""IANA's registry of special purposes, as of 2024, and multicast. Versions of Python differ in what they know of it."""
_NEVER_6 = tuple(IPv6Network(each) for each in ("2001::/23", "2001:db8::/32", "3fff::/20"))


def is_public(address: str) -> bool:
    """Say whether everybody can reach an address; not if it is not an address.

    >>> is_public("1.1.1.1"), is_public("::ffff:127.0.0.1"), is_public("2002:7f00:1::"), is_public("2606:4700::1111")
    (True, False, False, True)
    """
    try:
        # A zone ("fe80::1%eth0") only says by which interface.
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


_INSIDE = (
    ".local",
    ".localhost",
    ".internal",
    ".intranet",
    ".lan",
    ".home",
    ".corp",
    ".private",
    ".home.arpa",
    ".test",
)


def is_inside(host: str) -> bool:
    """Say whether a host's name alone shows that it is inside a network: it has no dot, say.

    >>> is_inside("wiki"), is_inside("10.0.0.1"), is_inside("docs.internal"), is_inside("example.org")
    (True, True, True, False)
    """
    try:
        ip_address(host)
    except ValueError:
        return "." not in host.strip(".") or host.rstrip(".").endswith(_INSIDE)
    return not is_public(host)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _NEVER_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.ipv4_mapped is not None:
        return _is_public_4(address.ipv4_mapped)
    if address.sixtofour is not None:
        return _is_public_4(address.sixtofour)
    if address in _TRANSLATED:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    if address not in _GLOBAL_UNICAST or any(address in network for network in _NEVER_6):
        return False
    return address.is_global
