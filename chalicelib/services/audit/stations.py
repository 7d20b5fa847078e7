"""The audit of one station: its cabinet, the binding of its cabinet, and the power banks that the cabinet lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.operations.audit import Violation
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import cabinets, powerbanks, stations
from chalicelib.tables.dynamodb import fetch_all
from chalicelib.world import World


@dataclass(frozen=True)
class StationCase:
    """What the rows of one serial number say of each other. A cabinet's row changes with each message."""

    sn: str
    imei: str | None
    """The IMEI that the station has. None without a station."""
    cabinet_imei: str | None
    """The IMEI that the cabinet has. None without a cabinet."""
    bound_sn: str | None
    """The station to which messages of the station's IMEI belong."""
    lost_powerbanks: tuple[str, ...]
    """Power banks that the cabinet lists, and of which there is no row."""


def load(world: World, sn: str) -> StationCase:  # noqa: ARG001  every check loads by world and id
    """The case of one serial number. Raises Problem("storage_unavailable")."""
    return _load_all([sn])[0]


def suspect_stations(world: World, rows: Scanned) -> Scanned:
    """Those of scanned serial numbers that look wrong after one read of all their rows."""
    cases = _load_all([sn for _, sn in rows])
    return [row for row, case in zip(rows, cases, strict=True) if any(station_violations(world, case))]


def _load_all(sns: Sequence[str]) -> list[StationCase]:
    keys = {sn: (stations.station_key(sn), cabinets.cabinet_key(sn)) for sn in sns}
    found = fetch_all([key for pair in keys.values() for key in pair])
    rows = {sn: (found[station_key], found[cabinet_key]) for sn, (station_key, cabinet_key) in keys.items()}
    bindings = {station.imei: cabinets.binding_key(station.imei) for station, _ in rows.values() if station}
    banks = {
        slot.powerbank_sn: powerbanks.powerbank_key(slot.powerbank_sn)
        for _, cabinet in rows.values()
        for slot in (cabinet.slots.values() if cabinet else ())
        if slot.powerbank_sn is not None
    }
    named = fetch_all([*bindings.values(), *banks.values()])
    lost = {powerbank_sn for powerbank_sn, key in banks.items() if named[key] is None}
    cases = []
    for sn, (station, cabinet) in rows.items():
        binding = named[bindings[station.imei]] if station else None
        listed = {slot.powerbank_sn for slot in cabinet.slots.values()} if cabinet else set()
        cases.append(
            StationCase(
                sn,
                station.imei if station else None,
                cabinet.imei if cabinet else None,
                binding.sn if binding else None,
                tuple(sorted(lost.intersection(listed))),
            )
        )
    return cases


def station_violations(world: World, case: StationCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """A station has a cabinet and its binding, a cabinet has a station, and each listed power bank has a row.

    A snapshot stores the power banks that it lists before it is stored itself.
    """
    if case.imei is not None and case.cabinet_imei is None:
        yield Violation("station_without_cabinet", case.sn)
    elif case.imei is None and case.cabinet_imei is not None:
        yield Violation("cabinet_without_station", case.sn)
    elif case.imei != case.cabinet_imei:
        yield Violation("cabinet_of_another_imei", case.sn, f"{case.imei} {case.cabinet_imei}")
    if case.imei is not None and case.bound_sn != case.sn:
        yield Violation("binding_gone" if case.bound_sn is None else "binding_of_another", case.sn, case.imei)
    for powerbank_sn in case.lost_powerbanks:
        yield Violation("bank_gone", powerbank_sn, case.sn)


@dataclass(frozen=True)
class BindingCase:
    """A binding, and the IMEI of its station."""

    imei: str
    bound: bool
    station_imei: str | None


def load_binding(world: World, subject: tuple[str, str]) -> BindingCase:  # noqa: ARG001  as every check
    """The case of an IMEI and the serial number that it was scanned with. Raises Problem("storage_unavailable")."""
    return _load_bindings([subject])[0]


def suspect_bindings(world: World, rows: Scanned) -> Scanned:
    """Those of scanned bindings that look wrong after one read of all their stations."""
    cases = _load_bindings([subject for _, subject in rows])
    return [row for row, case in zip(rows, cases, strict=True) if any(binding_violations(world, case))]


def _load_bindings(subjects: Sequence[tuple[str, str]]) -> list[BindingCase]:
    keys = {imei: (cabinets.binding_key(imei), stations.station_key(sn)) for imei, sn in subjects}
    found = fetch_all([*dict.fromkeys(key for pair in keys.values() for key in pair)])
    rows = [(imei, found[binding_key], found[station_key]) for imei, (binding_key, station_key) in keys.items()]
    return [
        BindingCase(imei, binding is not None, station.imei if station else None) for imei, binding, station in rows
    ]


def binding_violations(world: World, case: BindingCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """A binding is that of its station's present cabinet: messages of any other are refused."""
    if case.bound and case.station_imei != case.imei:
        yield Violation("binding_without_station", case.imei)
