"""Responses about stations, for operators."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import SlotStatus
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.text.digits import number_text
from chalicelib.edge.formats import Time, WebAddress
from chalicelib.edge.models import ResponseModel
from chalicelib.services.cabinets.station_lists import StationOverview
from functions.admin.paging import AnyPage
from functions.admin.powerbanks import AdminPowerbank, to_powerbank
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.schemas import time_or_none


class StationImage(ResponseModel):
    id: str
    file_url: WebAddress
    is_primary: bool


class HardwareInfo(ResponseModel):
    is_online: bool
    snapshot_at: Time | None


class AdminStation(ResponseModel):
    id: str
    station_name: str
    serial_number: str
    imei: str
    latitude: str
    longitude: str
    address: str
    landmark: str
    opening_time: str
    closing_time: str
    total_slots: int
    status: Annotated[str, one_of_upper_case(StationStatus)]
    is_maintenance: bool
    hardware_info: HardwareInfo
    last_heartbeat: Time | None
    created_at: Time | None
    updated_at: Time | None
    amenities: list[str]
    media: list[StationImage]
    available_slots: int
    occupied_slots: int
    total_powerbanks: int
    available_powerbanks: Annotated[int, Field(description="Charged and sound, whether or not the station is online")]


class SlotPowerbank(ResponseModel):
    id: str
    serial_number: str
    battery_level: int | None
    status: str


class AdminSlot(ResponseModel):
    id: str
    slot_number: int
    status: Annotated[str, one_of_upper_case(SlotStatus)]
    battery_level: int | None
    last_updated: Time | None
    powerbank: SlotPowerbank | None
    current_rental_id: str | None


class AdminStationDetail(AdminStation):
    slots: list[AdminSlot]
    powerbanks: list[AdminPowerbank]


class AdminStationsResponse(AnyPage[AdminStation]):
    pass


class DeletedStation(ResponseModel):
    serial_number: str


def to_station(overview: StationOverview) -> AdminStation:
    return AdminStation(**_fields(overview))


def to_station_detail(overview: StationOverview, banks: Mapping[str, Powerbank]) -> AdminStationDetail:
    in_slots = [bank for slot in overview.slots if (bank := banks.get(slot.powerbank_sn or "")) is not None]
    return AdminStationDetail(
        **_fields(overview),
        slots=to_slots(overview, banks),
        powerbanks=[to_powerbank(powerbank) for powerbank in in_slots],
    )


def to_slots(overview: StationOverview, banks: Mapping[str, Powerbank]) -> list[AdminSlot]:
    cabinet = overview.cabinet
    updated_at = time_or_none(cabinet.snapshot_at or cabinet.last_seen_at)
    return [
        AdminSlot(
            id=f"{cabinet.sn}-{slot.slot_number}",
            slot_number=slot.slot_number,
            status=in_upper_case(slot.status),
            battery_level=slot.battery_percent,
            last_updated=updated_at,
            powerbank=_slot_powerbank(banks.get(slot.powerbank_sn or "")),
            current_rental_id=_rental_of(banks.get(slot.powerbank_sn or "")),
        )
        for slot in overview.slots
    ]


def _rental_of(powerbank: Powerbank | None) -> str | None:
    return powerbank.rental_id if powerbank is not None else None


def _slot_powerbank(powerbank: Powerbank | None) -> SlotPowerbank | None:
    if powerbank is None:
        return None
    shown = to_powerbank(powerbank)
    return SlotPowerbank(
        id=shown.serial_number,
        serial_number=shown.serial_number,
        battery_level=shown.battery_level,
        status=shown.status,
    )


def _fields(overview: StationOverview) -> dict[str, Any]:
    station, cabinet, listed = overview.station, overview.cabinet, overview.listed
    occupied_slots = sum(slot.powerbank_sn is not None or slot.unreadable for slot in overview.slots)
    return {
        "id": station.sn,
        "station_name": station.name,
        "serial_number": station.sn,
        "imei": station.imei,
        "latitude": number_text(station.latitude),
        "longitude": number_text(station.longitude),
        "address": station.address,
        "landmark": station.landmark,
        "opening_time": station.opening_time,
        "closing_time": station.closing_time,
        "total_slots": overview.total_slots,
        "status": in_upper_case(listed.status),
        "is_maintenance": station.maintenance,
        "hardware_info": HardwareInfo(is_online=cabinet.online, snapshot_at=time_or_none(cabinet.snapshot_at)),
        "last_heartbeat": time_or_none(cabinet.last_seen_at),
        "created_at": time_or_none(station.created_at),
        "updated_at": time_or_none(station.updated_at),
        "amenities": list(station.amenities),
        "media": [
            StationImage(id=url.rpartition("/")[2].partition(".")[0], file_url=url, is_primary=number == 0)
            for number, url in enumerate(station.images)
        ],
        "available_slots": listed.free_slots,
        "occupied_slots": occupied_slots,
        "total_powerbanks": occupied_slots,
        "available_powerbanks": overview.available_powerbanks,
    }
