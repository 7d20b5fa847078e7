"""Handles reports of cabinets over HTTP. Anybody can forge them: they are hints, and no sign of life of a cabinet."""

import json

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.cabinet_protocol.frames import FrameError, Snapshot, decode
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.services import event_log
from chalicelib.services.cabinets import liveness
from chalicelib.services.rentals import snapshot_requests
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def handle(world: World, event: DeviceEvent, record: event_log.MessageRecord) -> str:
    """Handle a report, and return what became of it. Raises Poison for one that the service did not queue."""
    if event.kind is DeviceEventKind.HTTP_RETURN:
        return _handle_return(world, event, record)
    try:
        frame = record.frame = decode(event.frame)
    except FrameError as error:
        raise Poison(f"frame: {error.reason}") from error
    binding = _require(fetch_one(cabinets.binding_key(event.imei)))
    if not isinstance(frame, Snapshot) or not frame.checksum_ok:
        return "ignored"
    return _handle_snapshot(world, binding, frame, event)


def _handle_snapshot(world: World, binding: Binding, frame: Snapshot, event: DeviceEvent) -> str:
    """A snapshot that lists what MQTT listed says nothing new. One that differs is asked for over MQTT, and moves no
    power bank."""
    cabinet = fetch_one(cabinets.cabinet_key(binding.sn)) or Cabinet(binding.sn, binding.imei)
    listed = {number: slot.powerbank_sn for number, slot in cabinet.slots.items()}
    if all(listed.get(slot.slot_number, "") == slot.powerbank_sn for slot in frame.slots):
        return "confirmed"
    _ask(world, binding, event)
    return "asked_over_mqtt"


def _handle_return(world: World, event: DeviceEvent, record: event_log.MessageRecord) -> str:
    """Ask the cabinet for a snapshot over MQTT. The call itself changes no rental and no power bank."""
    try:
        report = json.loads(event.frame)
        powerbank_sn, slot_number = str(report["powerbank_sn"]), int(report["slot_number"])
    except (ValueError, KeyError, TypeError) as error:
        raise Poison("not our own report") from error
    binding_key, bank_key = cabinets.binding_key(event.imei), powerbanks.powerbank_key(powerbank_sn)
    rows = fetch(binding_key, bank_key)
    binding, powerbank = _require(rows[binding_key]), rows[bank_key]
    record.likely_rental_id = powerbank.likely_rental_id(event.at) if powerbank else None
    _ask(world, binding, event)
    return _outcome_of_return(binding, powerbank, slot_number)


def _outcome_of_return(binding: Binding, powerbank: Powerbank | None, slot_number: int) -> str:
    """The outcome for the event log. Raises an alarm for a missing, unreadable or taken slot."""
    cabinet = fetch_one(cabinets.cabinet_key(binding.sn)) or Cabinet(binding.sn, binding.imei)
    stored = cabinet.slots.get(slot_number)
    if powerbank is None or powerbank.custody is not Custody.RENTED:
        return "not_out"
    if stored is None or stored.unreadable or stored.powerbank_sn not in (None, powerbank.powerbank_sn):
        log.alarm(
            Alarm.CABINET_HTTP_CONTRADICTED,
            sn=binding.sn,
            powerbank_sn=powerbank.powerbank_sn,
            slot_number=slot_number,
        )
        return "contradicted"
    return "asked_over_mqtt"


def _ask(world: World, binding: Binding, event: DeviceEvent) -> None:
    """Ask the cabinet for a snapshot over MQTT, at most once a minute."""
    if liveness.record_doubt(world, binding, event.at):
        snapshot_requests.request(world, binding)


def _require(binding: Binding | None) -> Binding:
    if binding is None:
        raise Poison("cabinet not registered")
    return binding
