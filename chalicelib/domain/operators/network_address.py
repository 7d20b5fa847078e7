"""The network address of a client, as limits count it."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPV6_PREFIX_BITS = 64
"""A household gets at least a /64 of IPv6 addresses, and its devices change their addresses within it."""


def network_of(address: str) -> str:
    """The text that stands for all addresses of one connection: an IPv4 address, or an IPv6 network.

    Any other text stands for itself.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    plain = _without_mapping(parsed)
    if not isinstance(plain, IPv6Address):
        return str(plain)
    return str(ip_network((int(plain), IPV6_PREFIX_BITS), strict=False))


def parse_network(text: str) -> str | None:
    """An address or a network in CIDR form, in its shortest spelling. None for any other text.

    An address with host bits, such as 203.0.113.7/24, is refused: it may be a slip for one address.
    """
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        return None


def is_in_networks(address: str, networks: Iterable[str]) -> bool:
    """Whether the address is in one of the networks. Text that is no address is in none."""
    try:
        plain = _without_mapping(ip_address(address))
    except ValueError:
        return False
    return any(plain in ip_network(network) for network in networks)


def _without_mapping(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that is written as IPv6 becomes itself."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
