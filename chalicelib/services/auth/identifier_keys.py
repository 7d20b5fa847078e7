"""A phone number or an e-mail address as the tables know it."""

from chalicelib.domain import identifier as identifiers
from chalicelib.domain.field_notes import note
from chalicelib.domain.identifier import Identifier
from chalicelib.domain.problems import Problem
from chalicelib.world import World


def parse_identifier(written: str) -> Identifier:
    """The phone number or e-mail address somebody wrote. Raises Problem("invalid_input")."""
    identifier = identifiers.parse_identifier(written)
    if identifier is None:
        raise Problem("invalid_input", errors={"identifier": [note("identifier_format")]})
    return identifier


def identifier_key(world: World, identifier: str) -> str:
    """What tables know an identifier by."""
    return world.digests.digest("identifier", identifier).hex()
