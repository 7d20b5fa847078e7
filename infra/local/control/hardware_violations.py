"""Kinds of violations that can be planted of stations, cabinets and power banks: `id` is theirs, not a user's."""

from collections.abc import Mapping

from chalicelib.tables.cabinets import BindingRow, CabinetRow
from chalicelib.tables.powerbanks import PowerbankRow
from chalicelib.tables.stations import StationRow
from infra.local.control.violation_changes import (
    Kind,
    as_rented,
    deleted,
    key,
)

HARDWARE: Mapping[str, Kind] = {
    "powerbank_given_away": Kind(
        PowerbankRow,
        key("powerbank_sn"),
        as_rented,
        "custody_differs_from_rental",
        "The power bank (`id` is its serial number) counts as rented by nobody.",
    ),
    "powerbank_lost": Kind(
        PowerbankRow,
        key("powerbank_sn"),
        deleted,
        "bank_gone",
        "The row of a power bank (`id` is its serial number) that its cabinet lists is gone.",
    ),
    "cabinet_lost": Kind(
        CabinetRow,
        key("sn"),
        deleted,
        "station_without_cabinet",
        "The row of a cabinet (`id` is the station's serial number) is gone.",
    ),
    "station_lost": Kind(
        StationRow,
        key("sn"),
        deleted,
        "cabinet_without_station",
        "The row of a station (`id` is its serial number) is gone.",
    ),
    "binding_lost": Kind(
        BindingRow,
        key("imei"),
        deleted,
        "binding_gone",
        "The row is gone that says to which station a cabinet (`id` is its IMEI) belongs.",
    ),
}
