"""Signed tokens by which a device is known that signed in before. A token gives no access by itself."""

from datetime import timedelta

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.ids import is_id
from chalicelib.world import World

OPERATORS, CUSTOMERS = "known-device", "customers-device"
"""The audiences: a token of a customer is none of an operator with the same email address."""


def sign(world: World, audience: str, identifier_key: str, device_id: str, *, days: int) -> str:
    """The token of a device that has just signed in with the identifier, valid for `days` days."""
    claims = {"sub": identifier_key, "jti": device_id}
    return world.tokens.sign(claims, audience=audience, until=world.now() + timedelta(days=days))


def read(world: World, audience: str, identifier_key: str, token: str | None) -> str | None:
    """The id of the device if it signed in with this identifier before. None for any other token, and for none."""
    if not token:
        return None
    try:
        claims = world.tokens.read(token, audience=audience)
    except Problem:
        return None
    device_id = claims.get("jti")
    return str(device_id) if claims.get("sub") == identifier_key and is_id(device_id) else None


def of_customer(world: World, identifier_key: str) -> str:
    """The token of a new device of a customer, for the requests of the next codes."""
    return sign(world, CUSTOMERS, identifier_key, world.new_id(), days=world.settings().customer_device_days)
