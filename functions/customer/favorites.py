"""Favourite stations: /api/stations/{sn}/favorite and /api/stations/favorites."""

from chalicelib.edge.models import EmptyRequest, Page, PageQuery, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.stations import favorites, station_views
from chalicelib.wiring import world
from functions.customer.stations import StationResponse, to_station_response
from functions.params import StationSn
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.STATIONS)
PATH = "/api/stations/{sn}/favorite"


class AddFavorite(EmptyRequest):
    """No fields."""


class FavoriteResponse(ResponseModel):
    sn: str
    is_favorite: bool


@routes.post(
    PATH,
    body=AddFavorite,
    response=FavoriteResponse,
    prefetch=favorites.change_keys,
    problems=("not_found", "favorites_full"),
)
def add_favorite(sn: StationSn, caller: Caller) -> Response:
    """Make a station a favourite. A station that is one stays one."""
    favorites.add(world(), caller, sn)
    return ok(FavoriteResponse(sn=sn, is_favorite=True))


@routes.delete(PATH, response=FavoriteResponse, prefetch=favorites.change_keys, problems=("not_found",))
def remove_favorite(sn: StationSn, caller: Caller) -> Response:
    """Make a station no favourite. A station that is none stays none."""
    favorites.remove(world(), caller, sn)
    return ok(FavoriteResponse(sn=sn, is_favorite=False))


@routes.get(
    "/api/stations/favorites",
    query=PageQuery,
    response=Page[StationResponse],
    prefetch=favorites.favorites_keys,
)
def list_favorites(query: PageQuery, cursor: Cursor, caller: Caller) -> Response:
    """The favourite stations, the one added last first."""
    listing, start = station_views.listing(world()), cursor.number("start") or 0
    listed = [station for sn in favorites.favorites_of(caller) if (station := listing.station(sn)) is not None]
    page = [to_station_response(station, None, is_favorite=True) for station in listed[start : start + query.limit]]
    end = start + len(page)
    next_cursor = cursor.following(start=end) if end < len(listed) else None
    return ok(Page[StationResponse].of(page, next_cursor))
