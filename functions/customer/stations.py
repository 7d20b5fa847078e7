"""Stations as anybody sees them: /api/app/stations."""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from chalicelib.domain.geo import distance_km
from chalicelib.domain.problems import Problem
from chalicelib.edge import pagination
from chalicelib.edge.coercion import AsNumber, Boolean
from chalicelib.edge.formats import ClockTime, Time, WebAddress, one_of
from chalicelib.edge.models import Listed as Page
from chalicelib.edge.models import PageAsked, Told
from chalicelib.edge.parsing import path_text, query
from chalicelib.edge.responses import Answer, cached
from chalicelib.services.stations import listings
from chalicelib.services.stations.listings import Detail, Listed, Wanted
from chalicelib.wiring import world
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.STATIONS)
FRESH_SECONDS = 5
ANYBODY = "anybody"
ShownStatus = Literal["online", "offline", "maintenance"]
STATUSES = get_args(ShownStatus)
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, examples=[27.7172], description="In degrees"), AsNumber]
Longitude = Annotated[
    float, Field(strict=True, ge=-180, le=180, examples=[85.324], description="In degrees"), AsNumber
]
Radius = Annotated[float, Field(strict=True, gt=0, le=50, description="In kilometres"), AsNumber]
Search = Annotated[
    str, Field(max_length=100, description="Part of the name, address, landmark or serial number, in any case")
]


class StationsAsked(PageAsked):
    status: Annotated[ShownStatus | None, Field(description="Only stations in this state")] = None
    search: Search | None = None
    has_powerbank: Annotated[Boolean | None, Field(description="Only with a power bank to rent, or without")] = None
    has_free_slot: Annotated[Boolean | None, Field(description="Only with a free slot, or without")] = None
    lat: Latitude | None = None
    lng: Longitude | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.status, self.search, self.has_powerbank, self.has_free_slot)


class NearbyAsked(StationsAsked):
    lat: Latitude
    lng: Longitude
    radius: Annotated[
        float, Field(strict=True, gt=0, le=50, allow_inf_nan=False, description="In kilometres"), AsNumber
    ] = 5.0


class StationView(Told):
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
    distance_km: float | None = None


class SlotView(Told):
    slot_number: int
    status: Annotated[str, one_of(("empty", "occupied", "error"))]
    battery_level: int | None
    powerbank_sn: str | None


class StationDetail(StationView):
    slots: list[SlotView]
    amenities: list[str]
    last_seen_at: Time | None


@routes.get("/api/app/stations", query=StationsAsked, answer=Page[StationView], cached=True)
def list_stations() -> Answer:
    """All stations, by serial number."""
    asked = query(routes, StationsAsked)
    if (asked.lat is None) != (asked.lng is None):
        raise Problem("invalid_input", errors={"lat": ["lat and lng go together"]})
    listing = listings.listing(world())
    wanted = asked.wanted()
    position = pagination.opened(routes, ANYBODY, asked)
    after = str(position["after"]) if position else ""
    found = [listed for listed in listing.all if listed.sn > after and wanted.takes(listed)]
    page = found[: asked.limit]
    following = None
    if len(found) > len(page):
        following = pagination.sealed(routes, ANYBODY, asked, {"after": page[-1].sn})
    views = [station_view(listed, _away(asked, listed)) for listed in page]
    return cached(Page[StationView].of(views, following), seconds=FRESH_SECONDS)


@routes.get("/api/app/stations/nearby", query=NearbyAsked, answer=Page[StationView], cached=True)
def nearby() -> Answer:
    """Stations within a radius (km), nearest first."""
    asked = query(routes, NearbyAsked)
    wanted = asked.wanted()
    near = listings.listing(world()).near(asked.lat, asked.lng, asked.radius)
    found = [(away, listed) for away, listed in near if wanted.takes(listed)]
    position = pagination.opened(routes, ANYBODY, asked)
    start = int(position["from"]) if position else 0
    page = found[start : start + asked.limit]
    following = None
    if start + asked.limit < len(found):
        following = pagination.sealed(routes, ANYBODY, asked, {"from": start + asked.limit})
    views = [station_view(listed, away) for away, listed in page]
    return cached(Page[StationView].of(views, following), seconds=FRESH_SECONDS)


@routes.get("/api/app/stations/{sn}", answer=StationDetail, cached=True)
def station(sn: str) -> Answer:
    """One station as it is now, slot by slot."""
    return cached(detail_view(listings.detail(world(), path_text(sn))), seconds=FRESH_SECONDS)


def station_view(listed: Listed, away_km: float | None) -> StationView:
    return StationView(**_fields(listed), distance_km=None if away_km is None else round(away_km, 3))


def detail_view(detail: Detail) -> StationDetail:
    slots = [
        SlotView(
            slot_number=slot.slot_number,
            status=slot.status,
            battery_level=slot.battery_percent,
            powerbank_sn=slot.powerbank_sn,
        )
        for slot in detail.slots
    ]
    return StationDetail(
        **_fields(detail.listed),
        slots=slots,
        amenities=list(detail.amenities),
        last_seen_at=time_text(detail.last_seen_at),
    )


def _fields(listed: Listed) -> dict[str, Any]:
    return {name: getattr(listed, name) for name in Listed.__dataclass_fields__ if name != "images"} | {
        "images": list(listed.images)
    }


def _away(asked: StationsAsked, listed: Listed) -> float | None:
    if asked.lat is None or asked.lng is None:
        return None
    return distance_km(asked.lat, asked.lng, listed.latitude, listed.longitude)
