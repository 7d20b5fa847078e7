"""Stations, as every visitor sees them: /api/app/stations."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.stations.geo import distance_km
from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.place_index import SEARCH_START
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.text.days import KATHMANDU
from chalicelib.edge.formats import ClockTime, Time, WebAddress, one_of
from chalicelib.edge.models import Page, PageQuery, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, cached, personal
from chalicelib.edge.text_conversion import AsNumber, Boolean
from chalicelib.services.caller import OptionalCaller
from chalicelib.services.stations import favorites, station_views
from chalicelib.services.stations.listing_in_memory import Listing
from chalicelib.services.stations.station_views import StationDetail
from chalicelib.wiring import world
from functions.params import Latitude, Longitude, StationSn
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.STATIONS)
FRESH_SECONDS = 5
ShownStatus = Literal["online", "offline", "maintenance"]
STATUSES = tuple(StationStatus)
Search = Annotated[
    str, Field(max_length=100, description="Part of the name, address, landmark or serial number, in any case")
]


class StationsQuery(PageQuery):
    status: Annotated[ShownStatus | None, Field(description="Only stations in this state")] = None
    search: Search | None = None
    has_powerbank: Annotated[Boolean | None, Field(description="Only with a power bank to rent, or without")] = None
    has_free_slot: Annotated[Boolean | None, Field(description="Only with a free slot, or without")] = None
    open_now: Annotated[Boolean | None, Field(description="Only within opening hours, or only outside")] = None
    lat: Latitude | None = None
    lng: Longitude | None = None

    def to_filter(self) -> StationFilter:
        status = StationStatus(self.status) if self.status else None
        return StationFilter(
            status, self.search, self.has_powerbank, self.has_free_slot, self.open_now, _clock_time(world().now())
        )


class NearbyQuery(StationsQuery):
    lat: Latitude
    lng: Longitude
    radius: Annotated[
        float, Field(strict=True, gt=0, le=50, allow_inf_nan=False, description="In kilometres"), AsNumber
    ] = 5.0


AnyStationsQuery = TypeVar("AnyStationsQuery", bound=StationsQuery)


class StationResponse(ResponseModel):
    sn: str
    name: str
    address: str
    landmark: str
    latitude: float
    longitude: float
    status: Annotated[str, one_of(STATUSES)]
    total_slots: int
    available_powerbanks: int
    free_slots: int
    opening_time: ClockTime
    closing_time: ClockTime
    images: list[WebAddress]
    is_favorite: Annotated[bool, Field(description="False without an access token")]
    distance_km: float | None = None


class SlotResponse(ResponseModel):
    slot_number: int
    status: Annotated[str, one_of(("empty", "occupied", "error"))]
    battery_level: int | None
    powerbank_sn: str | None


class StationDetailResponse(StationResponse):
    slots: list[SlotResponse]
    amenities: list[str]
    last_seen_at: Time | None


@routes.get(
    "/api/app/stations",
    query=StationsQuery,
    response=Page[StationResponse],
    cached=True,
    optional_caller=True,
    prefetch=favorites.favorites_keys,
)
def list_stations(query: StationsQuery, cursor: Cursor, caller: OptionalCaller) -> Response:
    """All stations, ordered by serial number."""
    if (query.lat is None) != (query.lng is None):
        raise Problem("invalid_input", errors={"lat": [validation_message("location_incomplete")]})
    return _for_caller(_recent_response(_list_response, query, cursor), caller)


@routes.get(
    "/api/app/stations/nearby",
    query=NearbyQuery,
    response=Page[StationResponse],
    cached=True,
    optional_caller=True,
    prefetch=favorites.favorites_keys,
)
def nearby(query: NearbyQuery, cursor: Cursor, caller: OptionalCaller) -> Response:
    """Stations within a radius (km), nearest first."""
    return _for_caller(_recent_response(_nearby_response, query, cursor), caller)


@routes.get(
    "/api/app/stations/{sn}",
    response=StationDetailResponse,
    cached=True,
    optional_caller=True,
    prefetch=favorites.favorites_keys,
)
def station(sn: StationSn, caller: OptionalCaller) -> Response:
    """One station with its slots."""
    is_favorite = sn in favorites.favorites_of(caller)
    detail = to_station_detail_response(station_views.detail(world(), sn), is_favorite=is_favorite)
    make_response = cached if caller is None else personal
    return make_response(detail, seconds=FRESH_SECONDS)


def _for_caller(response: Response, caller: OptionalCaller) -> Response:
    """The page of everybody with the caller's favourites marked."""
    if caller is None:
        return response
    page, favorite_sns = response.data, set(favorites.favorites_of(caller))
    results = [
        station.model_copy(update={"is_favorite": True}) if station.sn in favorite_sns else station
        for station in page.results
    ]
    return personal(page.model_copy(update={"results": results}), seconds=FRESH_SECONDS)


def _recent_response(
    make: Callable[[Listing, AnyStationsQuery, Cursor], Response], query: AnyStationsQuery, cursor: Cursor
) -> Response:
    """The response for everybody. Equal queries get the same one until the listing changes.

    A query for opening hours is equal within the same minute.
    """
    listing = station_views.listing(world())
    clock_time = None if query.open_now is None else _clock_time(world().now())
    return listing.recent.get((type(query), *query, clock_time), lambda: make(listing, query, cursor))


def _clock_time(now: datetime) -> str:
    return now.astimezone(KATHMANDU).strftime("%H:%M")


def _list_response(listing: Listing, query: StationsQuery, cursor: Cursor) -> Response:
    matching = list(islice(listing.after(cursor.text("after") or "", query.to_filter()), query.limit + 1))
    page = matching[: query.limit]
    next_cursor = cursor.following(after=page[-1].sn) if len(matching) > len(page) else None
    results = [to_station_response(station, _distance_km(query, station)) for station in page]
    return cached(Page[StationResponse].of(results, next_cursor), seconds=FRESH_SECONDS)


def _nearby_response(listing: Listing, query: NearbyQuery, cursor: Cursor) -> Response:
    km, after = cursor.real("km"), cursor.text("after")
    beyond = SEARCH_START if km is None or after is None else (km, after)
    near = listing.near(query.lat, query.lng, query.radius, query.to_filter(), beyond)
    matching = list(islice(near, query.limit + 1))
    page = matching[: query.limit]
    next_cursor = cursor.following(km=page[-1][0], after=page[-1][1].sn) if len(matching) > len(page) else None
    results = [to_station_response(station, away_km) for away_km, station in page]
    return cached(Page[StationResponse].of(results, next_cursor), seconds=FRESH_SECONDS)


def to_station_response(
    listed_station: ListedStation, away_km: float | None, *, is_favorite: bool = False
) -> StationResponse:
    return StationResponse(
        **_fields(listed_station),
        is_favorite=is_favorite,
        distance_km=None if away_km is None else round(away_km, 3),
    )


def to_station_detail_response(detail: StationDetail, *, is_favorite: bool) -> StationDetailResponse:
    slots = [
        SlotResponse(
            slot_number=slot.slot_number,
            status=slot.status,
            battery_level=slot.battery_percent,
            powerbank_sn=slot.powerbank_sn,
        )
        for slot in detail.slots
    ]
    return StationDetailResponse(
        **_fields(detail.listed),
        is_favorite=is_favorite,
        slots=slots,
        amenities=list(detail.amenities),
        last_seen_at=time_or_none(detail.last_seen_at),
    )


def _fields(listed_station: ListedStation) -> dict[str, Any]:
    return listed_station._asdict() | {"images": list(listed_station.images)}


def _distance_km(request: StationsQuery, listed_station: ListedStation) -> float | None:
    if request.lat is None or request.lng is None:
        return None
    return distance_km(request.lat, request.lng, listed_station.latitude, listed_station.longitude)
