"""A phone number or an e-mail address as the tables know it."""

from chalicelib.domain import identifier as identifiers
from chalicelib.domain.identifier import Identifier
from chalicelib.domain.problems import Problem
from chalicelib.world import World


def identifier_of(written: str) -> Identifier:
    """The phone number or e-mail address somebody wrote. Raises Problem("invalid_input")."""
    found = identifiers.read(written)
    if found is None:
        raise Problem("invalid_input", errors={"identifier": ["must be a Nepali mobile number or an e-mail address"]})
    return found


def identifier_key(world: World, identifier: str) -> str:
    """What tables know an identifier by."""
    return world.peppers.digest("identifier", identifier).hex()
