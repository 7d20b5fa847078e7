"""Parses identifiers and makes the keys that tables store in their place."""

from chalicelib.domain import identifier as identifiers
from chalicelib.domain.field_notes import note
from chalicelib.domain.identifier import Identifier
from chalicelib.domain.problems import Problem
from chalicelib.world import World


def parse_identifier(written: str) -> Identifier:
    """The normalised identifier. Raises Problem("invalid_input")."""
    identifier = identifiers.parse_identifier(written)
    if identifier is None:
        raise Problem("invalid_input", errors={"identifier": [note("identifier_format")]})
    return identifier


def identifier_key(world: World, identifier: str) -> str:
    """The keyed digest that tables store in place of the identifier."""
    return world.digests.digest("identifier", identifier).hex()
