"""Sends an operator's command to a cabinet and waits for the cabinet's own answer (decision 0066)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.cabinet_protocol.events import Verdict
from chalicelib.domain.cabinets.event_log import CommandOutcome, EventKind, LogEntry
from chalicelib.domain.cabinets.operator_eject import must_be_ejectable, ordered, withdrawn
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.remote_command import SILENT, CommandKind, RemoteCommand, answer_among, verdict_in
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.stations.station import Station
from chalicelib.services import audit_log, event_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import snapshot_requests
from chalicelib.tables import cabinets, powerbanks, stations
from chalicelib.tables import event_log as event_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World

ANSWER_WITHIN = timedelta(seconds=14)
"""From the order to the last look for an answer."""
POLL_PAUSE_SECONDS = 0.5
MAX_READS = int(ANSWER_WITHIN.total_seconds() / POLL_PAUSE_SECONDS)
MAX_ENTRIES = 30
"""How many of the cabinet's newest entries are read at each look."""
RETRY_AFTER_SECONDS = 10


@dataclass(frozen=True)
class Order:
    """A stored order. `powerbank` is the power bank to eject as it was before. No other eject runs until then."""

    command: RemoteCommand
    station: Station
    cabinet: Cabinet
    history_id: str
    at: datetime
    powerbank: Powerbank | None = None
    busy_until: datetime | None = None

    def entry(self, outcome: CommandOutcome) -> LogEntry:
        """The command in the event log. A later outcome takes the place of an earlier one."""
        name, raw = self.command.kind.value, self.command.recorded(self.at)
        return LogEntry(
            self.station.imei, EventKind.COMMAND, name, self.at, self.at, outcome.value, self.history_id, None, raw
        )


@dataclass(frozen=True)
class CommandAnswer:
    """What the cabinet answered. `networks` are the WiFi networks of a scan."""

    order: Order
    networks: Sequence[str] = ()


def run(world: World, caller: Caller, sn: str, command: RemoteCommand) -> CommandAnswer:
    """Send the command once, and wait for the cabinet's answer. The order is in the event log and in the audit log.

    Raises Problem: not_found, command_not_sent, command_no_answer, command_refused; for an eject also
    station_offline, station_busy, powerbank_elsewhere, powerbank_in_rental, powerbank_in_doubt.
    """
    order = atomic(world, partial(_order, world, caller, sn, command, world.new_id()))
    _send(world, order)
    answer = _wait(world, order)
    verdict = verdict_in(answer) if answer is not None else None
    log.fact("remote_command", sn=sn, command=command.kind.value, state=answer.outcome if answer else "silent")
    if answer is None or verdict is Verdict.UNCLEAR:
        raise _failure("command_no_answer", order)
    if verdict is Verdict.NOT_EJECTED:
        raise _failure("command_refused", order, state=f"{answer.fields['state']:02x}")
    return CommandAnswer(order, answer.fields.get("names", ()))


def _failure(code: Literal["command_no_answer", "command_refused"], order: Order, **details: Any) -> Problem:
    return Problem(
        code,
        retry_after_seconds=RETRY_AFTER_SECONDS,
        action_type=order.command.kind.value,
        iot_history_id=order.history_id,
        **details,
    )


def _order(world: World, caller: Caller, sn: str, command: RemoteCommand, history_id: str, ops: Transaction) -> Order:
    fresh_caller(world, caller, ops)
    station_key, cabinet_key = stations.station_key(sn), cabinets.cabinet_key(sn)
    rows = fetch(station_key, cabinet_key)
    station, now = must_exist(rows[station_key]), world.now()
    cabinet, powerbank, busy_until = rows[cabinet_key] or Cabinet(sn, station.imei), None, None
    if command.kind is CommandKind.EJECT:
        powerbank = _ejectable(world, station, cabinet, command)
        command = replace(command, powerbank_sn=powerbank.powerbank_sn)
        powerbanks.save_powerbank(ops, ordered(powerbank, now))
        busy_until = now + timedelta(seconds=world.settings().station_busy_seconds)
        stations.save(ops, replace(station, ejecting_rental_id=None, ejecting_until=busy_until))
    order = Order(command, station, cabinet, history_id, now, powerbank, busy_until)
    event_log.stage_command(ops, order.entry(CommandOutcome.ORDERED))
    before = {"service": powerbank.service.value, "slot_number": powerbank.slot_number} if powerbank else None
    changes = {"before": before, "after": command.facts | {"iot_history_id": history_id}}
    audit_log.record(ops, world, caller.user_id, AdminAction("station_command", sn, changes))
    return order


def _ejectable(world: World, station: Station, cabinet: Cabinet, command: RemoteCommand) -> Powerbank:
    """The power bank that the command names, by its number or by its slot.

    The cabinet never gets a slot number: the slot may hold another power bank by then, and a customer's.
    """
    now, settings = world.now(), world.settings()
    if not cabinet.reachable(now, settings):
        raise Problem("station_offline", retry_after_seconds=60)
    station.must_not_eject(now)
    powerbank_sn = command.powerbank_sn
    if powerbank_sn is None:
        slot = cabinet.slots.get(command.slot_number or 0)
        if slot is not None and slot.unreadable:
            raise Problem("powerbank_in_doubt")
        powerbank_sn = slot.powerbank_sn if slot is not None else None
    powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn)) if powerbank_sn is not None else None
    return must_be_ejectable(powerbank, station.sn, now, settings)


def _send(world: World, order: Order) -> None:
    """Raises Problem("command_not_sent")."""
    imei, command = order.station.imei, order.command
    try:
        if order.powerbank is not None:
            world.cabinets.eject(imei, order.powerbank.powerbank_sn, at=order.at)
        else:
            world.cabinets.command(imei, command.content(order.at))
    except (Rejected, Unavailable) as error:
        event_log.record(order.entry(CommandOutcome.NOT_SENT))
        _withdraw(world, order)
        raise Problem("command_not_sent", retry_after_seconds=RETRY_AFTER_SECONDS) from error
    except OutcomeUnknown:
        event_log.record(order.entry(CommandOutcome.UNANSWERED))
    if command.kind in SILENT:
        snapshot_requests.request(world, order.cabinet)


def _withdraw(world: World, order: Order) -> None:
    """Take back what the order of an eject stored."""
    before = order.powerbank
    if before is None:
        return

    def decide(ops: Transaction) -> None:
        station_key, bank_key = stations.station_key(order.station.sn), powerbanks.powerbank_key(before.powerbank_sn)
        rows = fetch(station_key, bank_key)
        station, powerbank = rows[station_key], rows[bank_key]
        if powerbank is not None and powerbank.last_eject_ordered_at == order.at:
            powerbanks.save_powerbank(ops, withdrawn(powerbank, before))
        if station is not None and station.ejecting_rental_id is None and station.ejecting_until == order.busy_until:
            stations.save(ops, replace(station, ejecting_until=None))

    atomic(world, decide)


def _wait(world: World, order: Order) -> LogEntry | None:
    """The cabinet's answer, read from the event log, where the consumer of its reports writes it."""
    for _ in range(MAX_READS):
        if world.now() - order.at >= ANSWER_WITHIN:
            break
        world.pause(POLL_PAUSE_SECONDS)
        entries = event_rows.newest(order.station.imei, limit=MAX_ENTRIES)
        answer = answer_among(entries, order.command, order.at)
        if answer is not None:
            return answer
    return None
