"""Network addresses: which of them limits count as one, and which are in an operator's networks."""

import pytest

from chalicelib.domain.operators.network_address import is_in_networks, network_of, parse_network


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::7", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_limits_count_an_ipv4_address_or_a_64_bit_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_an_address_with_host_bits_is_no_network() -> None:
    assert parse_network(" 203.0.113.0/24 ") == "203.0.113.0/24"
    assert parse_network("203.0.113.7/24") is None


def test_an_ipv4_address_written_as_ipv6_is_in_its_network() -> None:
    assert is_in_networks("::ffff:203.0.113.7", ["203.0.113.0/24"])
    assert not is_in_networks("203.0.114.7", ["203.0.113.0/24"])
    assert not is_in_networks("unknown", ["0.0.0.0/0"])
