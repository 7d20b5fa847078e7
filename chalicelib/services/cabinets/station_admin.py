"""Operators register stations, change them, set them aside for maintenance, and delete empty ones (decision 0065)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.stations.station import Station
from chalicelib.domain.users.upload import Purpose, Upload
from chalicelib.services import audit_log
from chalicelib.services.cabinets.station_lists import StationOverview, overview_of
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.media import upload_checks
from chalicelib.tables import cabinets, powerbanks, rentals, stations
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

AUDITED = (
    "imei",
    "name",
    "address",
    "latitude",
    "longitude",
    "landmark",
    "opening_time",
    "closing_time",
    "amenities",
    "images",
    "maintenance",
    "planned_slots",
)
"""The fields of a station that operators configure."""


def create(world: World, caller: Caller, draft: Station, image_ids: Sequence[str]) -> StationOverview:
    """Register a station with its cabinet. `image_ids` are uploads of the operator.

    Raises Problem: station_exists, upload_unusable, media_unavailable.
    """
    uploads = _usable(world, caller, image_ids)
    now, images = world.now(), tuple(_address(world, upload) for upload in uploads)
    added = replace(draft, images=images, created_at=now, updated_at=now)

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        station_key, cabinet_key = stations.station_key(added.sn), cabinets.cabinet_key(added.sn)
        binding_key = cabinets.binding_key(added.imei)
        rows = fetch(station_key, cabinet_key, binding_key)
        if rows[station_key] is not None or rows[binding_key] is not None:
            raise Problem("station_exists")
        left_over = rows[cabinet_key]
        stations.add(ops, added)
        cabinets.bind(ops, Binding(added.imei, added.sn, added.name))
        version = left_over.version if left_over is not None else 0
        cabinets.save_cabinet(ops, Cabinet(added.sn, added.imei, version=version))
        _mark_used(ops, uploads)
        audit_log.record(ops, world, caller.user_id, _action("station_created", added.sn, None, added))

    atomic(world, decide)
    return overview_of(world, added.sn)


def change(
    world: World, caller: Caller, sn: str, changes: Mapping[str, Any], image_ids: Sequence[str] | None = None
) -> StationOverview:
    """Change the named fields. `image_ids` replaces the images: own uploads, and addresses that the station has.

    With another IMEI the station has another modem. Its slots stay until the next snapshot.

    Raises Problem: not_found, station_exists, station_busy, upload_unusable, media_unavailable.
    """
    known = overview_of(world, sn).station.images
    new_uploads = _usable(world, caller, [each for each in image_ids or () if each not in known])

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        before = _read(sn)
        images = _images(world, before, image_ids, new_uploads)
        after = replace(before, **changes, images=images)
        if after == before:
            return
        _rebind(ops, world, before, after)
        _mark_used(ops, new_uploads)
        _save(ops, world, after)
        audit_log.record(ops, world, caller.user_id, _action("station_changed", sn, before, after))

    atomic(world, decide)
    return overview_of(world, sn)


def set_maintenance(world: World, caller: Caller, sn: str, *, maintenance: bool, reason: str) -> StationOverview:
    """Set a station aside: no eject for customers begins there. Returns are accepted as always.

    A rental that is starting goes on: its command may have reached the cabinet. No second power bank is tried for it.
    Raises Problem("not_found").
    """

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        before = _read(sn)
        if before.maintenance != maintenance:
            after = replace(before, maintenance=maintenance)
            _save(ops, world, after)
            action = _action("station_maintenance", sn, before, after, reason=reason)
            audit_log.record(ops, world, caller.user_id, action)

    atomic(world, decide)
    return overview_of(world, sn)


def delete(world: World, caller: Caller, sn: str) -> None:
    """Delete a station on which nothing rests. Raises Problem: not_found, station_busy, station_in_use."""

    def decide(ops: Transaction) -> None:
        fresh_caller(world, caller, ops)
        station, cabinet = _read(sn), fetch_one(cabinets.cabinet_key(sn))
        _must_be_empty(world, station, cabinet)
        stations.remove(ops, station)
        cabinets.unbind(ops, station.imei)
        if cabinet is not None:
            # A return that is stored meanwhile changes this row, so that this transaction decides again.
            cabinets.remove_cabinet(ops, cabinet)
        audit_log.record(ops, world, caller.user_id, _action("station_deleted", sn, station, None))

    atomic(world, decide)


def _must_be_empty(world: World, station: Station, cabinet: Cabinet | None) -> None:
    """Raises Problem: station_busy, station_in_use.

    A power bank whose place is unknown counts while evidence of an eject is still believed.
    """
    station.must_not_eject(world.now())
    slots = cabinet.slots.values() if cabinet is not None else ()
    since = world.now() - timedelta(hours=world.settings().eject_evidence_hours)
    banks = {
        slot.powerbank_sn or f"slot {slot.slot_number}" for slot in slots if slot.powerbank_sn or slot.unreadable
    }
    banks |= {
        powerbank.powerbank_sn
        for powerbank in powerbanks.last_at(station.sn)
        if powerbank.custody is not Custody.UNKNOWN or powerbank.moved_at > since
    }
    if banks:
        raise Problem("station_in_use", reason=Reason.POWERBANKS_INSIDE, count=len(banks))
    if running := rentals.running_at(station.sn):
        raise Problem("station_in_use", reason=Reason.RENTALS_OPEN, count=len(running))


def _rebind(ops: Transaction, world: World, before: Station, after: Station) -> None:
    """Stage the new IMEI or name with the binding of the cabinet. Raises Problem: station_busy, station_exists."""
    binding = Binding(after.imei, after.sn, after.name)
    if after.imei == before.imei:
        if after.name != before.name:
            cabinets.rename_binding(ops, binding)
        return
    before.must_not_eject(world.now())
    if fetch_one(cabinets.binding_key(after.imei)) is not None:
        raise Problem("station_exists")
    cabinets.unbind(ops, before.imei)
    cabinets.bind(ops, binding)
    cabinet = fetch_one(cabinets.cabinet_key(after.sn)) or Cabinet(after.sn, after.imei)
    cabinets.save_cabinet(ops, replace(cabinet, imei=after.imei))


def _images(
    world: World, before: Station, image_ids: Sequence[str] | None, uploads: Sequence[Upload]
) -> tuple[str, ...]:
    if image_ids is None:
        return before.images
    addresses = {upload.upload_id: _address(world, upload) for upload in uploads}
    kept = [each for each in image_ids if each in addresses or each in before.images]
    return tuple(dict.fromkeys(addresses.get(each, each) for each in kept))


def _usable(world: World, caller: Caller, image_ids: Sequence[str]) -> list[Upload]:
    return [
        upload_checks.require_usable(world, caller.user_id, image_id, purpose=Purpose.GENERAL)
        for image_id in dict.fromkeys(image_ids)
    ]


def _address(world: World, upload: Upload) -> str:
    return world.media.link(upload.public_id, str(upload.format), kind=upload.kind)


def _mark_used(ops: Transaction, uploads: Sequence[Upload]) -> None:
    for upload in uploads:
        if upload.next_check_at is not None:
            upload_checks.mark_used(ops, upload)


def _read(sn: str) -> Station:
    return must_exist(fetch_one(stations.station_key(sn)))


def _save(ops: Transaction, world: World, after: Station) -> None:
    after.must_fit_a_row()
    stations.save(ops, replace(after, updated_at=world.now()))


def _action(name: str, sn: str, before: Station | None, after: Station | None, *, reason: str = "") -> AdminAction:
    changes = {"before": _facts(before), "after": _facts(after)} | ({"reason": reason} if reason else {})
    return AdminAction(name, sn, changes)


def _facts(station: Station | None) -> dict[str, Any] | None:
    return None if station is None else {name: getattr(station, name) for name in AUDITED}
