"""Commands of operators to a cabinet, with its own answer within 15 seconds."""

import json
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import whole_audit
from chalicelib.tables import event_log
from chalicelib.world import Unavailable
from infra.local.cabinets import frames
from tests.functions.admin.station_commands import FULLEST, URL, answering, send, texts
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

PASSWORD = "wifi-canary-1"


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)


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
