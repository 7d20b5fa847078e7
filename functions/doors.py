"""What every file of doors starts from: routes that know the world, who asks, and what was answered before."""

from chalicelib.edge.http import Routes
from chalicelib.services import accounts, once
from chalicelib.wiring import world


def doors(name: str) -> Routes:
    """Guarded routes for one file of doors."""
    return Routes(name, world, accounts.authenticate, once.keep, once.let_go)
