"""Commands of operators to a cabinet: its own answer within 15 seconds, and what becomes of an ejected power bank."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.rentals import ejects
from chalicelib.tables import event_log
from chalicelib.world import OutcomeUnknown, Unavailable
from infra.local.cabinets import frames
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, REFUSED, UNCLEAR, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

URL, FULLEST = f"/api/admin/stations/{LABIM.sn}/remote-command", "40818052"
PASSWORD = "wifi-canary-1"


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)


def answering(network: Network, report: Callable[[], None], *, after_pauses: int = 3) -> None:
    """The cabinet reports once, after this number of half seconds, and the consumer writes the event log."""
    pauses = iter(range(1, 100))

    def on_pause() -> None:
        if next(pauses) == after_pauses:
            report()
            event_log.write(network.log_entries)
            network.log_entries.clear()

    network.fake_world.on_pause = on_pause


def send(token: str, command: str, **fields: Any) -> Reply:
    return request(app, "POST", URL, {"command": command, **fields}, token=token)


def eject(network: Network, token: str, state: int = EJECTED, sn: str = FULLEST) -> Reply:
    answering(network, lambda: network.report_eject(LABIM, sn, state))
    return send(token, "eject", powerbank_sn=sn)


def texts(table: str) -> list[str]:
    return next(rows for name, rows in all_rows().items() if name.endswith(f"-{table}"))


def test_a_check_answers_the_slots_that_the_cabinet_reports(network: Network, token: str) -> None:
    answering(network, lambda: network.report_snapshot(LABIM, without=FULLEST))
    reply = send(token, "CHECK")
    assert (reply.status, reply.data["action_type"], reply.data["is_successful"]) == (200, "CHECK", True)
    assert [slot["status"] for slot in reply.data["slots"]][:2] == ["OCCUPIED", "EMPTY"]
    assert (reply.data["station_id"], reply.data["station_imei"]) == (LABIM.sn, LABIM.imei)
    (entry,) = (row for row in texts("audit_log") if "station_command" in row)
    assert reply.data["iot_history_id"] in entry


def test_silence_is_no_answer_within_15_seconds(network: Network, token: str) -> None:
    before = network.world.now()
    network.report_snapshot(LABIM)
    event_log.write(network.log_entries)
    network.fake_world.clock.advance(seconds=2)
    reply = send(token, "check")
    assert (reply.status, reply.code) == (504, "command_no_answer")
    assert (network.world.now() - before).total_seconds() < 17


@pytest.mark.parametrize(
    ("command", "fields", "sent"),
    [
        ("volume", {"volume": 70}, {"cmd": "volume", "data": "70"}),
        ("mode", {"mode": "WIFI"}, {"cmd": "setMode", "data": "wifi"}),
        (
            "wifi_connect",
            {"ssid": "Labim", "password": PASSWORD},
            {"cmd": "setWifi", "username": "Labim", "password": PASSWORD},
        ),
    ],
)
def test_a_command_without_an_answer_is_proved_by_the_check_after_it(
    network: Network, token: str, log_output: StringIO, command: str, fields: dict[str, Any], sent: dict[str, str]
) -> None:
    answering(network, lambda: network.report_snapshot(LABIM))
    reply = send(token, command, **fields)
    assert (reply.status, reply.data["is_successful"], reply.data["slots"]) == (200, True, None)
    (content,) = (json.loads(content) for _, content in network.fake_world.cabinets.commands)
    assert content == sent
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.fake_world.on_pause = None
    network.fake_world.clock.advance(seconds=2)
    assert send(token, command, **fields).code == "command_no_answer"
    assert PASSWORD not in str(all_rows()) + log_output.getvalue()


def test_a_restart_is_proved_by_the_lost_connection(network: Network, token: str) -> None:
    answering(network, lambda: network.report_status(LABIM, DeviceEventKind.OFFLINE))
    assert send(token, "reboot").data["is_successful"]
    network.fake_world.clock.advance(seconds=2)
    answering(network, lambda: network.report_snapshot(LABIM))
    assert send(token, "reboot").code == "command_no_answer"


def test_a_scan_lists_the_networks_that_the_cabinet_sees(network: Network, token: str) -> None:
    answering(network, lambda: network.report_frame(LABIM, frames.wifi_list(["Labim", "Cafe"])))
    assert send(token, "wifi_scan").data["networks"] == ["Labim", "Cafe"]


def test_a_command_without_its_field_is_refused(network: Network, token: str) -> None:
    needed = {"volume": "volume", "mode": "mode", "wifi_connect": "ssid", "eject": "powerbank_sn"}
    for command, field in needed.items():
        reply = send(token, command)
        assert (reply.status, list(reply.body["errors"])) == (422, [field])
    assert send(token, "eject", powerbank_sn=FULLEST, slot_number=2).status == 422
    assert (network.fake_world.cabinets.commands, network.fake_world.cabinets.ejects) == ([], [])


def test_an_ejected_power_bank_is_the_operators_until_a_slot_has_it_again(network: Network, token: str) -> None:
    reply = eject(network, token)
    assert (reply.status, reply.data["message"]) == (200, "The power bank came out.")
    assert [slot["status"] for slot in reply.data["slots"]][:2] == ["OCCUPIED", "EMPTY"]
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.service, bank.rental_id) == (Custody.UNKNOWN, Service.MAINTENANCE, None)
    assert network.books_balance()
    network.fake_world.clock.advance(minutes=20)
    network.report_return(LABIM, FULLEST, 7)
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.slot_number, bank.service) == (Custody.SLOT, 7, Service.MAINTENANCE)
    assert network.start(network.customer()).powerbank_sn != FULLEST
    assert network.books_balance()


def test_a_slot_is_ejected_by_the_power_bank_in_it(network: Network, token: str) -> None:
    answering(network, lambda: network.report_eject(LABIM, FULLEST, EJECTED))
    assert send(token, "eject", slot_number=2).status == 200
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, FULLEST)]
    network.fake_world.clock.advance(minutes=1)
    assert send(token, "eject", slot_number=2).code == "powerbank_elsewhere"


def test_a_jam_leaves_the_power_bank_set_aside_in_its_slot(network: Network, token: str) -> None:
    reply = eject(network, token, REFUSED)
    assert (reply.status, reply.code) == (502, "command_refused")
    bank = network.bank(FULLEST)
    assert (bank.custody, bank.service, bank.last_eject_ordered_at) == (Custody.SLOT, Service.MAINTENANCE, None)
    network.fake_world.clock.advance(minutes=1)
    assert eject(network, token, UNCLEAR).code == "command_no_answer"
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, without=FULLEST)
    assert network.bank(FULLEST).taken_out_at is not None
    assert network.books_balance()


def test_a_late_or_repeated_answer_and_a_snapshot_are_one_fact(network: Network, token: str) -> None:
    assert send(token, "eject", powerbank_sn=FULLEST).code == "command_no_answer"
    at = network.world.now()
    network.fake_world.clock.advance(minutes=2)
    network.report_snapshot(LABIM, without=FULLEST)
    network.report_eject(LABIM, FULLEST, EJECTED, at)
    network.fake_world.clock.advance(minutes=2)
    network.report_return(LABIM, FULLEST, 2)
    network.report_eject(LABIM, FULLEST, EJECTED, at)
    assert network.bank(FULLEST).custody is Custody.SLOT
    assert network.books_balance()


def test_a_power_bank_that_a_customer_rents_later_is_the_customers(network: Network, token: str) -> None:
    assert send(token, "eject", powerbank_sn=FULLEST).code == "command_no_answer"
    network.fake_world.clock.advance(minutes=1)
    request(app, "PATCH", f"/api/admin/powerbanks/{FULLEST}", {"status": "available"}, token=token)
    rental = network.start(network.customer())
    assert rental.powerbank_sn == FULLEST
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    network.report_eject(LABIM, FULLEST, EJECTED)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.books_balance()


def test_a_rented_power_bank_is_never_ejected_by_an_operator(network: Network, token: str) -> None:
    starting = network.start(network.customer())
    network.fake_world.clock.advance(seconds=20)
    before = texts("powerbanks")
    reply = send(token, "eject", powerbank_sn=starting.powerbank_sn)
    assert (reply.status, reply.code) == (409, "powerbank_in_rental")
    assert texts("powerbanks") == before
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    assert send(token, "eject", powerbank_sn=starting.powerbank_sn).code == "powerbank_in_rental"
    assert network.rental(starting).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.ejects == [(LABIM.imei, starting.powerbank_sn)]


def test_a_power_bank_whose_eject_just_failed_is_left_to_the_evidence(network: Network, token: str) -> None:
    failed = network.start(network.customer())
    network.report_eject(LABIM, failed.powerbank_sn, REFUSED)
    network.fake_world.clock.advance(minutes=1)
    assert send(token, "eject", powerbank_sn=failed.powerbank_sn).code == "powerbank_in_doubt"
    network.fake_world.clock.advance(minutes=10)
    network.report_snapshot(LABIM)
    assert eject(network, token, sn=failed.powerbank_sn).status == 200
    network.fake_world.clock.advance(minutes=30)
    network.report_return(LABIM, failed.powerbank_sn, 7)
    assert network.rental(failed).state is RentalState.FAILED
    assert network.bank(failed.powerbank_sn).custody is Custody.SLOT
    assert network.books_balance()


def test_an_operators_eject_waits_for_the_customers_and_delays_the_next(network: Network, token: str) -> None:
    network.start(network.customer())
    assert send(token, "eject", slot_number=1).code == "station_busy"
    network.fake_world.clock.advance(seconds=20)
    network.fake_world.cabinets.fails = OutcomeUnknown("iot")
    assert send(token, "eject", slot_number=1).code == "command_no_answer"
    assert network.bank("40818051").last_eject_ordered_at is not None


def test_a_command_that_was_not_sent_changes_nothing(network: Network, token: str) -> None:
    before, bank = texts("cabinets"), network.bank(FULLEST)
    network.fake_world.cabinets.fails = Unavailable("iot")
    for command, fields in (("eject", {"powerbank_sn": FULLEST}), ("reboot", {})):
        reply = send(token, command, **fields)
        assert (reply.status, reply.code) == (503, "command_not_sent")
    after = network.bank(FULLEST)
    assert (after.custody, after.service, after.last_eject_ordered_at) == (bank.custody, bank.service, None)
    assert texts("cabinets") == before
    network.fake_world.cabinets.fails = None
    assert network.start(network.customer()).powerbank_sn == FULLEST


def test_a_silent_cabinet_is_asked_but_ejects_nothing(network: Network, token: str) -> None:
    network.fake_world.clock.advance(minutes=40)
    assert send(token, "eject", powerbank_sn=FULLEST).code == "station_offline"
    assert send(token, "check").code == "command_no_answer"
    assert request(app, "POST", URL.replace(LABIM.sn, "41999999"), {"command": "check"}, token=token).status == 404
    assert [found.rule for found in whole_audit.audit(network.world)] == []
