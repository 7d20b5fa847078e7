"""The event log: every frame of a cabinet and every command to one, with its outcome and its rental."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.commands import eject_command
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.event_log import EVENT_TTL, EventKind, LogEntry
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.services.rentals import ejects
from chalicelib.tables import event_log
from chalicelib.tables.event_log import EventRow
from chalicelib.world import OutcomeUnknown, Rejected
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.engines.counting import counted
from tests.functions.test_consumers import feed
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.tokens import token_of


def event(network: Network, raw: bytes, *, at: datetime | None = None, imei: str = LABIM.imei) -> dict[str, Any]:
    network.messages_count += 1
    kind = DeviceEventKind.FRAME
    return DeviceEvent(f"m{network.messages_count}", imei, kind, at or network.world.now(), raw).to_body()


def entries(imei: str = LABIM.imei) -> list[LogEntry]:
    return event_log.newest(imei, limit=50)


def outcomes(imei: str = LABIM.imei) -> list[tuple[str, str]]:
    return [(entry.name, entry.outcome) for entry in reversed(entries(imei))]


def test_a_frame_is_kept_with_bytes_fields_times_outcome_and_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    said_at = network.world.now()
    network.fake_world.clock.advance(seconds=90)
    raw = frames.returned(SlotContent(8, rental.powerbank_sn, 40))
    assert feed(DEVICE_EVENTS, event(network, raw, at=said_at)) == []
    entry = entries()[0]
    assert (entry.kind, entry.name, entry.outcome) == (EventKind.FRAME, "return", "ended")
    assert (entry.raw, entry.at, entry.recorded_at) == (raw, said_at, network.world.now())
    assert entry.rental_id == rental.rental_id
    assert entry.fields["slot_number"] == 8
    assert entry.fields["powerbank_sn"] == rental.powerbank_sn
    assert entry.fields["battery_percent"] == 40


def test_the_frames_of_a_batch_take_one_call(network: Network) -> None:
    with counted() as counts:
        assert feed(DEVICE_EVENTS, *(event(network, frames.heartbeat()) for _ in range(10))) == []
    assert counts.calls.count("BatchWriteItem") == 1
    assert len(entries()) == 10


def test_entries_end_after_ninety_days_and_name_no_person(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    feed(DEVICE_EVENTS, event(network, frames.returned(SlotContent(8, rental.powerbank_sn, 40))))
    rows = list(EventRow.query(LABIM.imei))
    assert rows
    assert timedelta(days=90) == EVENT_TTL
    for row in rows:
        assert row.expires == int((row.recorded_at + EVENT_TTL).timestamp())
        assert user not in json.dumps(row.serialize(), default=str)


def test_frames_that_change_nothing_are_kept(network: Network) -> None:
    stale_at = network.world.now() - timedelta(hours=1)
    snapshot = frames.snapshot([SlotContent(1, LABIM.slots()[1][0], 100)])
    bodies = [
        event(network, b"no frame"),
        event(network, frames.frame(0x1A, b"version")),
        event(network, frames.frame(0xEE, b"?")),
        event(network, frames.frame(0xCF, b'["cafe"]')),
        event(network, frames.with_wrong_checksum(frames.heartbeat())),
        event(network, snapshot),
        event(network, snapshot, at=stale_at),
    ]
    assert feed(DEVICE_EVENTS, *bodies) == [0]
    assert dict(outcomes()) | {"snapshot": ""} == {
        "unreadable": "refused: frame: wrong first byte",
        "command_1a": "ignored",
        "command_ee": "ignored",
        "wifi_list": "recorded",
        "heartbeat": "damaged",
        "snapshot": "",
    }
    assert [outcome for name, outcome in outcomes() if name == "snapshot"] == ["snapshot_stale", "snapshot_stored"]
    assert {entry.fields.get("names", [""])[0] for entry in entries() if entry.name == "wifi_list"} == {"cafe"}


def test_frames_of_an_unknown_cabinet_are_kept(network: Network) -> None:
    assert feed(DEVICE_EVENTS, event(network, frames.heartbeat(), imei="860000000000000")) == [0]
    assert outcomes("860000000000000") == [("heartbeat", "refused: cabinet not registered")]


def test_repeated_reports_of_a_return_belong_to_its_rental(network: Network) -> None:
    rental = network.rented(network.customer())
    slot = SlotContent(8, rental.powerbank_sn, 40)
    network.fake_world.clock.advance(minutes=5)
    feed(DEVICE_EVENTS, event(network, frames.returned(slot)), event(network, frames.slot_change(slot)))
    feed(DEVICE_EVENTS, event(network, frames.returned(slot)))
    network.fake_world.clock.advance(hours=2)
    feed(DEVICE_EVENTS, event(network, frames.slot_change(slot)))
    of_rental = event_log.of_rental(rental.rental_id, after=None, limit=50)
    assert [(entry.name, entry.outcome) for entry in of_rental if entry.kind is EventKind.FRAME] == [
        ("return", "ended"),
        ("slot_change", "handled"),
        ("return", "handled"),
    ]


def test_a_snapshot_belongs_to_each_rental_that_it_is_about(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=30)
    other = network.start(network.customer())
    gone = [SlotContent(number) for number in LABIM.slots()]
    feed(DEVICE_EVENTS, event(network, frames.snapshot(gone)))
    logged = [event_log.of_rental(item.rental_id, after=None, limit=9)[-1] for item in (rental, other)]
    assert [entry.name for entry in logged] == ["snapshot", "snapshot"]
    assert sorted(bool(entry.raw) for entry in logged) == [False, True]


def test_messages_come_again_while_the_log_can_not_be_written(network: Network, storage_faults: Simulation) -> None:
    rental = network.rented(network.customer())
    body = event(network, frames.returned(SlotContent(8, rental.powerbank_sn, 40)))
    storage_faults.faults["dynamodb"] = Fault(1, code="ThrottlingException", path="BatchWriteItem")
    assert feed(DEVICE_EVENTS, body) == [0]
    assert network.rental(rental).state.value == "completed"
    assert feed(DEVICE_EVENTS, body) == []
    assert [entry.rental_id for entry in entries() if entry.name == "return"] == [rental.rental_id]


def test_an_eject_command_is_stored_with_its_rental(network: Network) -> None:
    rental = network.start(network.customer())
    (entry,) = event_log.of_rental(rental.rental_id, after=None, limit=9)
    assert (entry.kind, entry.name, entry.outcome) == (EventKind.COMMAND, "eject", "ordered")
    assert entry.raw == eject_command(rental.powerbank_sn, rental.requested_at)
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, rental.powerbank_sn)]


@pytest.mark.parametrize(
    ("error", "outcome"), [(Rejected("no device"), "not_sent"), (OutcomeUnknown("no answer"), "unanswered")]
)
def test_a_command_that_failed_has_one_entry_with_that_outcome(
    network: Network, error: Exception, outcome: str
) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = error
    order = {"station_sn": LABIM.sn, "package_id": "1-hour"}
    reply = request(app, "POST", "/api/rentals/start", order, token=token_of(network, user))
    assert reply.status in (202, 503)
    assert outcomes() == [("eject", outcome)]


def test_the_sweep_records_its_snapshot_requests_in_one_call(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(minutes=2)
    with counted() as counts:
        assert ejects.sweep(network.world) == 1
    assert counts.calls.count("BatchWriteItem") == 1
    of_rental = event_log.of_rental(rental.rental_id, after=None, limit=9)
    assert [(entry.name, entry.outcome) for entry in of_rental] == [("eject", "ordered"), ("check", "sent")]
    assert of_rental[1].raw == b'{"cmd":"check_all"}'


def test_an_eject_answer_belongs_to_its_rental(network: Network) -> None:
    rental = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    feed(DEVICE_EVENTS, event(network, frames.eject_result(rental.powerbank_sn, REFUSED)))
    network.fake_world.clock.advance(seconds=1)
    feed(DEVICE_EVENTS, event(network, frames.eject_result(rental.powerbank_sn, EJECTED)))
    of_rental = event_log.of_rental(rental.rental_id, after=None, limit=9)
    outcomes = [entry.outcome for entry in of_rental if entry.kind is not EventKind.NOTIFICATION]
    assert outcomes == ["ordered", "eject_refused", "ejected"]
