"""What every file of doors starts from: routes that know the world, who asks, and what was answered before."""

from chalicelib.edge.routes import Routes
from chalicelib.services import caller, idempotency
from chalicelib.wiring import world
from functions.tags import Tag


def blueprint(name: str, tag: Tag) -> Routes:
    """Guarded routes for one file of doors, in the group `tag` of the API document unless a route names another."""
    return Routes(name, world, caller.authenticate, idempotency.store_response, idempotency.release, tag.value)
