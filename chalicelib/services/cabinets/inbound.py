"""Handles messages from cabinets one by one. A message that is handled twice has one effect."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.cabinet_protocol.envelope import (
    HTTP_KINDS,
    DeviceEvent,
    DeviceEventKind,
)
from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EJECT,
    RETURNED,
    SLOT_CHANGE,
    SNAPSHOT,
    EjectBySlotResult,
    EjectResult,
    Frame,
    FrameError,
    Heartbeat,
    Returned,
    SlotChange,
    Snapshot,
    UnusedFrame,
    Verdict,
    decode,
    is_damaged,
)
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.eject_answer import knows_eject
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.services import event_log
from chalicelib.services.cabinets import (
    heartbeats,
    http_reports,
    liveness,
    operator_ejects,
    snapshots,
    unreadable_powerbanks,
)
from chalicelib.services.rentals import eject_confirmations, ejects, returns, snapshot_requests
from chalicelib.services.rentals.eject_confirmations import OutOfSlotReport
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


class Handled(NamedTuple):
    """The outcome of a frame, and whether its handling saved the cabinet's row."""

    outcome: str
    cabinet_saved: bool = False


def handle_event(world: World, event: DeviceEvent) -> None:
    """Handle one message. Raises Poison when it can never be handled. Handling it twice changes nothing."""
    if event.kind is DeviceEventKind.OTHER:
        return
    # A time in the future would make every later message stale.
    event = replace(event, at=min(event.at, world.now()))
    with event_log.message(world, event) as record:
        if event.kind in HTTP_KINDS:
            record.outcome = http_reports.handle(world, event, record)
        else:
            _handle(world, event, record)


def _handle(world: World, event: DeviceEvent, record: event_log.MessageRecord) -> None:
    frame = record.frame = _decode(event.frame) if event.kind is DeviceEventKind.FRAME else None
    binding_key = cabinets.binding_key(event.imei)
    if frame is None:
        binding = _require_binding(fetch_one(binding_key), event)
        liveness.record_connection(world, binding, event.at, online=event.kind is DeviceEventKind.ONLINE)
        return
    powerbank_sn = _powerbank_in(frame)
    bank_key = powerbanks.powerbank_key(powerbank_sn) if powerbank_sn else None
    rows = fetch(binding_key, *([bank_key] if bank_key else []))
    binding = _require_binding(rows[binding_key], event)
    powerbank = rows[bank_key] if bank_key else None
    record.likely_rental_id = powerbank.likely_rental_id(event.at) if powerbank else None
    if not frame.checksum_ok:
        log.fact("checksum_wrong", sn=binding.sn, command=frame.command)
        if not _is_expected(frame, binding, powerbank):
            record.outcome = "damaged"
            _handle_damaged(world, binding, frame, event.at)
            return
    record.outcome = _handle_frame(world, binding, frame, powerbank, event.at)
    if isinstance(frame, Heartbeat) and event.echo_topic:
        record.outcome = heartbeats.echo(world, event)


def _decode(raw: bytes) -> Frame:
    """The frame in these bytes. A frame that damage made unreadable has no content. Raises Poison for bytes that are
    no frame."""
    try:
        return decode(raw)
    except FrameError as error:
        if is_damaged(raw):
            return UnusedFrame(raw=raw, command=raw[3], checksum_ok=False, data=b"")
        raise Poison(f"frame: {error.reason}") from error


def _is_expected(frame: Frame, binding: Binding, powerbank: Powerbank | None) -> bool:
    """Whether the frame reports that a power bank came out, and its station is ejecting this power bank now."""
    return (
        isinstance(frame, EjectResult)
        and frame.verdict is Verdict.EJECTED
        and powerbank is not None
        and powerbank.owner is not None
        and (powerbank.custody, powerbank.station_sn) == (Custody.SLOT, binding.sn)
    )


def _handle_damaged(world: World, binding: Binding, frame: Frame, at: datetime) -> None:
    """A frame with a wrong checksum moves no power bank. The service asks the cabinet for a snapshot instead."""
    if frame.command not in (SNAPSHOT, EJECT, RETURNED, SLOT_CHANGE):
        liveness.record_message(world, binding, at)
        return
    about_slot = frame.command in (RETURNED, SLOT_CHANGE)
    if liveness.record_damaged_frame(world, binding, at, about_slot=about_slot):
        log.alarm(Alarm.FRAME_DAMAGED, sn=binding.sn, command=frame.command)
        snapshot_requests.request(world, binding)


def _handle_frame(world: World, binding: Binding, frame: Frame, powerbank: Powerbank | None, at: datetime) -> str:
    """The outcome of the frame."""
    if isinstance(frame, Snapshot):
        return snapshots.handle_snapshot(world, binding, frame, at)
    unreadable_slot = _unreadable_slot(frame)
    if unreadable_slot is not None:
        unreadable_powerbanks.handle(world, binding, unreadable_slot, at)
        return "unreadable_powerbank"
    if isinstance(frame, Returned):
        handled = _handle_return(world, binding, frame, powerbank, at)
    elif isinstance(frame, SlotChange) and frame.slot.powerbank_sn:
        slot = snapshots.slot_of(frame.slot)
        sighting = Sighting(frame.slot.powerbank_sn, binding, slot, at, SightingSource.SLOT_CHANGE)
        handled = _handle_sighting(world, sighting, powerbank)
    elif isinstance(frame, EjectBySlotResult):
        handled = _handle_eject_by_slot(world, binding, frame, at)
    elif isinstance(frame, EjectResult) and powerbank is not None:
        handled = _handle_eject_result(world, binding, frame, powerbank, at)
    else:
        handled = Handled("ignored" if isinstance(frame, UnusedFrame) else "recorded")
    if not handled.cabinet_saved:
        liveness.record_message(world, binding, at)
    return handled.outcome


def _unreadable_slot(frame: Frame) -> int | None:
    """The slot that took in a power bank with an unreadable number, if the frame reports that."""
    if isinstance(frame, Returned):
        return frame.slot_number if frame.accepted and frame.powerbank_sn is None else None
    return frame.slot.slot_number if isinstance(frame, SlotChange) and frame.slot.unreadable else None


def _handle_return(
    world: World, binding: Binding, frame: Returned, powerbank: Powerbank | None, at: datetime
) -> Handled:
    if not frame.powerbank_sn or not frame.accepted:
        log.fact("return_refused", sn=binding.sn, state=frame.state)
        return Handled("return_refused")
    slot = Slot(frame.slot_number, NORMAL, frame.powerbank_sn, frame.battery_percent)
    return _handle_sighting(world, Sighting(frame.powerbank_sn, binding, slot, at, SightingSource.RETURN), powerbank)


def _handle_sighting(world: World, sighting: Sighting, powerbank: Powerbank | None) -> Handled:
    result = returns.handle_sighting(world, sighting, powerbank)
    return Handled(result.value, cabinet_saved=result is SightingResult.ENDED)


def _handle_eject_by_slot(world: World, binding: Binding, frame: EjectBySlotResult, at: datetime) -> Handled:
    """Ask for a snapshot: the service orders no eject by slot number. The snapshot shows which power bank is gone."""
    if frame.verdict is not Verdict.EJECTED:
        return Handled("eject_refused")
    log.fact("eject_by_slot", sn=binding.sn, slot_number=frame.slot_number)
    if liveness.record_eject_by_slot(world, binding, at):
        snapshot_requests.request(world, binding)
    return Handled("ejected_by_slot", cabinet_saved=True)


def _handle_eject_result(
    world: World, binding: Binding, frame: EjectResult, powerbank: Powerbank, at: datetime
) -> Handled:
    ids = {"sn": binding.sn, "powerbank_sn": powerbank.powerbank_sn}
    owner = powerbank.owner or powerbank.last_owner
    oldest = world.now() - timedelta(hours=world.settings().eject_evidence_hours)
    if frame.verdict is Verdict.UNCLEAR:
        log.fact("eject_outcome_unknown", state=frame.state, **ids)
        return Handled("eject_outcome_unknown")
    if operator_ejects.is_answer(world, powerbank, binding.sn, at):
        saved = operator_ejects.handle_answer(world, binding, frame, powerbank.powerbank_sn, at)
        return Handled("operator_eject_answered", saved)
    if owner is None or at < oldest:
        return Handled(_handle_eject_without_rental(world, binding, frame, powerbank, at))
    if frame.verdict is Verdict.EJECTED:
        cabinet_saved = eject_confirmations.confirm(world, powerbank, OutOfSlotReport(binding.sn, at, answered=True))
        return Handled("ejected", cabinet_saved)
    ejects.eject_refused(world, powerbank, binding.sn, at, frame.state)
    return Handled("eject_refused")


def _handle_eject_without_rental(
    world: World, binding: Binding, frame: EjectResult, powerbank: Powerbank, at: datetime
) -> str:
    ids = {"sn": binding.sn, "powerbank_sn": powerbank.powerbank_sn}
    if frame.verdict is not Verdict.EJECTED:
        return "recorded"
    if knows_eject(powerbank, binding.sn, at):
        log.fact("eject_answered_late", **ids)
        eject_confirmations.answered_late(world, powerbank.powerbank_sn, at, binding.sn)
        return "eject_answered_late"
    log.alarm(Alarm.EJECT_WITHOUT_RENTAL, **ids)
    return "eject_without_rental"


def _powerbank_in(frame: Frame) -> str | None:
    if isinstance(frame, SlotChange):
        return frame.slot.powerbank_sn
    return frame.powerbank_sn if isinstance(frame, Returned | EjectResult) else None


def _require_binding(binding: Binding | None, event: DeviceEvent) -> Binding:
    """The cabinet's binding. Raises Poison without one: the message waits in the dead-letter queue."""
    if binding is None:
        log.alarm(Alarm.CABINET_UNKNOWN, imei=event.imei)
        raise Poison("cabinet not registered")
    return binding
