"""Records when cabinets send messages and whether they are online, and asks the platform about silent ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_outage import MAX_SILENCE
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services.sweeps import ITEM_SECONDS, for_each_isolated
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import station_listings, stations
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import Unavailable, World
from chalicelib.world.hardware import MAX_IMEIS_PER_CALL
from chalicelib.world.time_left import has_time


def record_message(world: World, binding: Binding, at: datetime) -> None:
    """Record that the cabinet sent a message at `at`. One call, unless it ends an outage or is late."""
    if not cabinet_rows.mark_seen(binding.sn, at, max_silence=MAX_SILENCE):
        _change(world, binding.sn, binding.imei, lambda cabinet: cabinet.with_message(at))


def record_connection(world: World, binding: Binding, at: datetime, *, online: bool) -> None:
    """Record that the platform reported at `at` that the connection of the cabinet was made or lost."""
    _change(world, binding.sn, binding.imei, lambda cabinet: cabinet.with_connection(at, online=online))


def record_unreadable(world: World, binding: Binding, at: datetime, slot_number: int) -> bool:
    """Record that an unreadable power bank came into the slot. True when a snapshot is due."""
    return _change_asks_for_snapshot(
        world,
        binding,
        lambda cabinet: cabinet.with_unreadable(slot_number, at).with_damaged_frame(at, about_slot=True),
    )


def record_damaged_frame(world: World, binding: Binding, at: datetime, *, about_slot: bool) -> bool:
    """Record that the cabinet sent a damaged frame at `at`. True when a snapshot is due."""
    return _change_asks_for_snapshot(
        world, binding, lambda cabinet: cabinet.with_damaged_frame(at, about_slot=about_slot)
    )


def record_eject_by_slot(world: World, binding: Binding, at: datetime) -> bool:
    """Record that a slot opened without a command of the service. True when a snapshot is due."""
    return record_damaged_frame(world, binding, at, about_slot=False)


def record_doubt(world: World, binding: Binding, at: datetime) -> bool:
    """Record that the slots are in doubt, without a message of the cabinet. True when a snapshot is due."""
    return _change_asks_for_snapshot(world, binding, lambda cabinet: cabinet.with_check_asked(at))


def _change_asks_for_snapshot(world: World, binding: Binding, change: Callable[[Cabinet], Cabinet]) -> bool:
    """Save the change. True when it is the one that asks the cabinet for a snapshot."""
    before, after = _change(world, binding.sn, binding.imei, change)
    return after.check_asked_at != before.check_asked_at


def _record_check(world: World, cabinet: Cabinet, at: datetime, *, online: bool) -> None:
    _change(world, cabinet.sn, cabinet.imei, lambda current: current.with_check(at, online=online))


def _change(world: World, sn: str, imei: str, change: Callable[[Cabinet], Cabinet]) -> tuple[Cabinet, Cabinet]:
    """The cabinet before and after the change. One whose station was deleted is reported, and not stored again."""
    key = cabinet_rows.cabinet_key(sn)

    def decide(ops: Transaction) -> tuple[Cabinet, Cabinet] | None:
        before = fetch_one(key)
        if before is None:
            return None
        after = change(before)
        if after != before:
            cabinet_rows.save_cabinet(ops, after)
        return before, after

    changed = atomic(world, decide)
    if changed is None:
        log.alarm(Alarm.CABINET_UNKNOWN, imei=imei)
    return changed or (Cabinet(sn, imei), Cabinet(sn, imei))


def watch(world: World) -> int:
    """Ask the platform about every cabinet that is stored as online and has sent nothing for `cabinet_quiet_minutes`.

    The platform's message that the cabinet went offline may be lost. Returns the number of these cabinets.
    """
    silent = [cabinet for page in station_listings.listing_tags().pages for cabinet in _silent(world, page)]
    for start in range(0, len(silent), MAX_IMEIS_PER_CALL):
        if not has_time(ITEM_SECONDS):
            log.fact("sweep_out_of_time", about=f"{len(silent) - start} cabinets")
            return start
        part = silent[start : start + MAX_IMEIS_PER_CALL]
        asked_at = world.now()
        try:
            online_by_imei = world.cabinets.online([cabinet.imei for cabinet in part])
        except Unavailable:
            log.alarm(Alarm.PLATFORM_UNAVAILABLE)
            return start
        _record_checks(world, part, asked_at, online_by_imei)
    return len(silent)


def _record_checks(
    world: World, cabinets: Sequence[Cabinet], at: datetime, online_by_imei: Mapping[str, bool]
) -> None:
    for_each_isolated(
        [cabinet for cabinet in cabinets if cabinet.imei in online_by_imei],
        lambda cabinet: _record_check(world, cabinet, at, online=online_by_imei[cabinet.imei]),
        lambda cabinet: cabinet.imei,
    )


def _silent(world: World, listing_page: str) -> list[Cabinet]:
    """The silent cabinets of a listing page. A page that can't be read raises an alarm and counts as empty."""
    quiet = timedelta(minutes=world.settings().cabinet_quiet_minutes)
    try:
        cabinets = fetch_many([cabinet_rows.cabinet_key(sn) for sn in stations.sns_on_page(listing_page)])
    except Exception as error:  # noqa: BLE001  whatever is wrong with one page, the other cabinets are checked
        log.alarm(Alarm.LISTING_PAGE_FAILED, about=listing_page, error=type(error).__name__)
        return []
    return [
        cabinet for cabinet in cabinets if cabinet.online and world.now() - _last_contact_at(cabinet, world) >= quiet
    ]


def _last_contact_at(cabinet: Cabinet, world: World) -> datetime:
    return max(
        at for at in (cabinet.last_seen_at, cabinet.online_at, world.now() - timedelta(days=1)) if at is not None
    )
