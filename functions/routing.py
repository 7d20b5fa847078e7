"""What every file of doors starts from: routes that know the world, who asks, and what was answered before."""

from chalicelib.edge.http import Routes
from chalicelib.services import accounts, once
from chalicelib.wiring import world
from functions.tags import Tag


def doors(name: str, tag: Tag) -> Routes:
    """Guarded routes for one file of doors, in the group `tag` of the API document unless a route names another."""
    return Routes(name, world, accounts.authenticate, once.keep, once.let_go, tag.value)
