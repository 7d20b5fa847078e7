"""What cabinets call over HTTP: connection data, their configuration, snapshots and returns.

Anybody can forge such a call: its signature has no secret in it. Only registered cabinets are served, and seldom. A
report goes into the queue of device events, where `http_reports` checks it against what the cabinet says over MQTT.
"""

import json
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.cabinet_http import configuration
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.cabinet_protocol.frames import FrameError, decode
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.network_address import network_of
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.tables import cabinets, rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World

WINDOW = timedelta(hours=1)
ALL_ADDRESSES = 10
"""How many addresses together may use up their calls of one cabinet. The cabinet's own address is seldom known."""


def connection_data(world: World, imei: str, address: str) -> str:
    """What the cabinet needs to connect to the platform, in the manufacturer's form.

    Raises Problem: not_found for a cabinet without a station, rate_limited, cabinet_connected,
    cabinet_unavailable when the platform does not answer.
    """
    binding = _admit(world, imei, address)
    cabinet = fetch_one(cabinets.cabinet_key(binding.sn))
    if cabinet is not None and cabinet.reachable(world.now(), world.settings()):
        # a connected cabinet needs no password, so the call may be forged
        log.fact("connection_refused", sn=binding.sn)
        raise Problem("cabinet_connected")
    try:
        credentials = world.cabinets.credentials(imei)
    except (Unavailable, Rejected, OutcomeUnknown) as error:
        raise Problem("cabinet_unavailable", retry_after_seconds=30) from error
    log.fact("connection_data_sent", sn=binding.sn)
    return credentials.as_text()


def configuration_of(world: World, imei: str, address: str) -> str:
    """The configuration as the JSON text that the cabinet reads. Raises Problem: not_found, rate_limited."""
    _admit(world, imei, address)
    return configuration(world.settings().cabinet_area_code)


def receive_snapshot(world: World, imei: str, address: str, frame: bytes) -> None:
    """Queue a snapshot frame. Raises Problem: not_found, rate_limited, malformed_body, storage_unavailable."""
    try:
        decode(frame)
    except FrameError as error:
        raise Problem("malformed_body") from error
    _admit(world, imei, address)
    _queue(world, imei, DeviceEventKind.HTTP_FRAME, frame)


def receive_return(world: World, imei: str, address: str, powerbank_sn: str, slot_number: int) -> None:
    """Queue the report of a return. Raises Problem: not_found, rate_limited, storage_unavailable."""
    _admit(world, imei, address)
    report = {"powerbank_sn": powerbank_sn, "slot_number": slot_number}
    _queue(world, imei, DeviceEventKind.HTTP_RETURN, json.dumps(report).encode())


def _admit(world: World, imei: str, address: str) -> Binding:
    """The station of a registered cabinet, after the call counted against its limits."""
    binding = fetch_one(cabinets.binding_key(imei))
    now, settings = world.now(), world.settings()
    number = int(now.timestamp() // WINDOW.total_seconds())
    limit = Problem("rate_limited", retry_after_seconds=int(WINDOW.total_seconds()))
    where = world.digests.digest("cabinet address", network_of(address)).hex()[:32]
    counters = {f"cabinet-http#address#{where}#{number}": settings.cabinet_http_per_address_hour}
    if binding is not None:
        cap = settings.cabinet_http_per_cabinet_hour
        counters[f"cabinet-http#cabinet#{imei}#{where}#{number}"] = cap
        counters[f"cabinet-http#cabinet#{imei}#{number}"] = cap * ALL_ADDRESSES

    def decide(ops: Transaction) -> None:
        for name, cap in counters.items():
            rate_limits.count(ops, name, cap, now + 2 * WINDOW, conflict=limit)

    atomic(world, decide)
    if binding is None:
        log.alarm(Alarm.CABINET_UNKNOWN, imei=imei)
        raise Problem("not_found")
    return binding


def _queue(world: World, imei: str, kind: DeviceEventKind, content: bytes) -> None:
    event = DeviceEvent(f"http-{world.new_id()}", imei, kind, world.now(), content)
    try:
        world.queues.send(DEVICE_EVENTS, [event.to_body()])
    except Unavailable as error:
        raise Problem("storage_unavailable", retry_after_seconds=5) from error
