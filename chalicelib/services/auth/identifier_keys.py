"""Parses identifiers, and makes the keys that tables store in place of identifiers and network addresses."""

from chalicelib.domain.auth import identifier as identifiers
from chalicelib.domain.auth.identifier import Identifier
from chalicelib.domain.operators.network_address import network_of
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.world import World


def parse_identifier(written: str) -> Identifier:
    """The normalised identifier. Raises Problem("invalid_input")."""
    identifier = identifiers.parse_identifier(written)
    if identifier is None:
        raise Problem("invalid_input", errors={"identifier": [validation_message("identifier_format")]})
    return identifier


def identifier_key(world: World, identifier: str) -> str:
    """The keyed digest that tables store in place of the identifier."""
    return world.digests.digest("identifier", identifier).hex()


def address_key(world: World, address: str) -> str:
    """The keyed digest that counters hold in place of a client's network address."""
    return world.digests.digest("address", network_of(address)).hex()
