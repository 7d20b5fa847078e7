"""The network address of a client, as limits count it."""

from ipaddress import IPv6Address, ip_address, ip_network

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
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), IPV6_PREFIX_BITS), strict=False))
