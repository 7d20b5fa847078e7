"""Requests about stations, for operators."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from chalicelib.domain.stations.station import MAX_AMENITIES, MAX_IMAGES, MAX_TEXT_LENGTH, Station, StationStatus
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.edge.models import RequestModel
from chalicelib.edge.text_conversion import AsInteger, Boolean, as_list
from functions.admin.paging import AnyPageQuery
from functions.admin.upper_case import CaseInsensitive
from functions.params import FreeText, Latitude, Longitude

Sn = Annotated[str, Field(pattern="^[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*$", max_length=32, examples=["40000444"])]
Imei = Annotated[
    str, Field(pattern="^(?:[0-9]{15}|[0-9A-Fa-f]{12})$", description="15 digits; the MAC of a WiFi module")
]
Name = Annotated[str, Field(min_length=1, max_length=50, examples=["Labim Mall"])]
Place = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
Landmark = Annotated[str, Field(max_length=MAX_TEXT_LENGTH)]
Slots = Annotated[int, Field(strict=True, ge=1, le=100, description="Until the cabinet reports its slots"), AsInteger]
HoursTime = Annotated[str, Field(pattern="^(?:[01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM in Kathmandu")]
Amenity = Annotated[str, Field(min_length=1, max_length=60, examples=["wifi"])]
Amenities = Annotated[tuple[Amenity, ...], Field(max_length=MAX_AMENITIES), BeforeValidator(as_list)]
ImageRef = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH)]
Images = Annotated[
    tuple[ImageRef, ...],
    Field(max_length=MAX_IMAGES, description="Ids of own uploads, and addresses that the station has; in order"),
    BeforeValidator(as_list),
]
FIELDS = {
    "station_name": "name",
    "imei": "imei",
    "latitude": "latitude",
    "longitude": "longitude",
    "address": "address",
    "landmark": "landmark",
    "total_slots": "planned_slots",
    "opening_time": "opening_time",
    "closing_time": "closing_time",
    "amenities": "amenities",
    "is_maintenance": "maintenance",
}
"""The fields of a station by the names of the operators' dashboard."""


class StationsAdminQuery(AnyPageQuery):
    status: Annotated[
        Literal["online", "offline", "maintenance"] | None, CaseInsensitive, Field(description="Only in this state")
    ] = None
    search: Annotated[
        str | None, Field(max_length=100, description="Part of the name, address, landmark or serial number")
    ] = None
    has_powerbank: Annotated[Boolean | None, Field(description="Only with a power bank to rent, or without")] = None
    has_free_slot: Annotated[Boolean | None, Field(description="Only with a free slot, or without")] = None

    def to_filter(self) -> StationFilter:
        status = StationStatus(self.status) if self.status else None
        return StationFilter(status, self.search, self.has_powerbank, self.has_free_slot)


class ReplaceStation(RequestModel):
    """Every field of a station that operators configure. A field that is left out gets its default."""

    station_name: Name
    imei: Imei
    latitude: Latitude
    longitude: Longitude
    address: Place
    landmark: Landmark = ""
    total_slots: Slots | None = None
    opening_time: HoursTime = "00:00"
    closing_time: HoursTime = "23:59"
    amenities: Amenities = ()
    images: Images = ()
    is_maintenance: Boolean = False

    def changes(self) -> dict[str, Any]:
        """The configured fields of a station, without its images."""
        return {name: getattr(self, field) for field, name in FIELDS.items()}


class AddStation(ReplaceStation):
    serial_number: Sn

    def station(self) -> Station:
        return Station(self.serial_number, **self.changes())


class ChangeStation(RequestModel):
    """A field that is left out stays as it is."""

    station_name: Name | None = None
    imei: Imei | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    address: Place | None = None
    landmark: Landmark | None = None
    total_slots: Slots | None = None
    opening_time: HoursTime | None = None
    closing_time: HoursTime | None = None
    amenities: Amenities | None = None
    images: Images | None = None
    is_maintenance: Boolean | None = None

    def changes(self) -> dict[str, Any]:
        """The fields that the request names, without images."""
        named = {name: getattr(self, field) for field, name in FIELDS.items()}
        return {name: value for name, value in named.items() if value is not None}


class SetMaintenance(RequestModel):
    is_maintenance: Annotated[Boolean, Field(description="True: nobody can rent here. Returns are always accepted")]
    reason: FreeText | None = None
