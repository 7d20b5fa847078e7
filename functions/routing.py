"""Makes the routes of one route file."""

from chalicelib.edge.routes import Routes
from chalicelib.wiring import world
from functions.tags import Tag


def blueprint(name: str, tag: Tag) -> Routes:
    """Routes of the file `name`, in the group `tag` of the API document unless a route names another group."""
    return Routes(name, world, tag.value)
