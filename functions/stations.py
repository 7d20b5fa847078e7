"""Stations as anybody sees them: /api/app/stations."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.problems import Problem
from chalicelib.domain.station import distance_km
from chalicelib.edge import cursor
from chalicelib.edge.body import Listed as Page
from chalicelib.edge.body import PageAsked, Told, path_text, query
from chalicelib.edge.http import Answer, cached
from chalicelib.services import stations
from chalicelib.services.stations import Detail, Listed, Wanted
from chalicelib.wiring import world
from functions.doors import doors
from functions.views import time_text

routes = doors(__name__)
FRESH_SECONDS = 5
ANYBODY = "anybody"
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, examples=[27.7172])]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, examples=[85.324])]


class StationsAsked(PageAsked):
    status: Literal["online", "offline", "maintenance"] | None = None
    search: Annotated[str, Field(max_length=100)] | None = None
    has_powerbank: bool | None = None
    has_free_slot: bool | None = None
    lat: Latitude | None = None
    lng: Longitude | None = None

    def wanted(self) -> Wanted:
        return Wanted(self.status, self.search, self.has_powerbank, self.has_free_slot)


class NearbyAsked(StationsAsked):
    lat: Latitude
    lng: Longitude
    radius: Annotated[float, Field(gt=0, le=50, allow_inf_nan=False)] = 5.0


class StationView(Told):
    sn: str
    name: str
    address: str
    landmark: str
    latitude: float
    longitude: float
    status: str
    total_slots: int
    available_powerbanks: int
    free_slots: int
    opening_time: str
    closing_time: str
    images: list[str]
    distance_km: float | None = None


class SlotView(Told):
    slot_number: int
    status: str
    battery_level: int | None
    powerbank_sn: str | None


class StationDetail(StationView):
    slots: list[SlotView]
    amenities: list[str]
    last_seen_at: str | None


@routes.get("/api/app/stations", query=StationsAsked, answer=Page[StationView], cached=True)
def list_stations() -> Answer:
    """All stations, by serial number."""
    asked = query(routes, StationsAsked)
    if (asked.lat is None) != (asked.lng is None):
        raise Problem("invalid_input", errors={"lat": ["lat and lng go together"]})
    listing = stations.listing(world())
    wanted = asked.wanted()
    position = cursor.opened(routes, ANYBODY, asked)
    after = str(position["after"]) if position else ""
    found = [listed for listed in listing.all if listed.sn > after and wanted.takes(listed)]
    page = found[: asked.limit]
    following = None
    if len(found) > len(page):
        following = cursor.sealed(routes, ANYBODY, asked, {"after": page[-1].sn})
    views = [station_view(listed, _away(asked, listed)) for listed in page]
    return cached(Page[StationView].of(views, following), seconds=FRESH_SECONDS)


@routes.get("/api/app/stations/nearby", query=NearbyAsked, answer=Page[StationView], cached=True)
def nearby() -> Answer:
    """Stations within a radius (km), nearest first."""
    asked = query(routes, NearbyAsked)
    wanted = asked.wanted()
    near = stations.listing(world()).near(asked.lat, asked.lng, asked.radius)
    found = [(away, listed) for away, listed in near if wanted.takes(listed)]
    position = cursor.opened(routes, ANYBODY, asked)
    start = int(position["from"]) if position else 0
    page = found[start : start + asked.limit]
    following = None
    if start + asked.limit < len(found):
        following = cursor.sealed(routes, ANYBODY, asked, {"from": start + asked.limit})
    views = [station_view(listed, away) for away, listed in page]
    return cached(Page[StationView].of(views, following), seconds=FRESH_SECONDS)


@routes.get("/api/app/stations/{sn}", answer=StationDetail, cached=True)
def station(sn: str) -> Answer:
    """One station as it is now, slot by slot."""
    return cached(detail_view(stations.detail(world(), path_text(sn))), seconds=FRESH_SECONDS)


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
