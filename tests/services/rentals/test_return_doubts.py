"""Returns whose time is in doubt for more than an hour: listed with their rentals, and counted."""

from io import StringIO

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental import Rental
from infra.local.cabinets import frames
from tests.world.builders import CIVIL, LABIM, sign_in
from tests.world.http_client import request
from tests.world.log_lines import alarms
from tests.world.network import Network
from tests.world.tokens import token_for

PATH = "/api/admin/rentals/doubtful-returns"


def return_after_outage(network: Network, user: str, minutes: int, slot: int = 8) -> Rental:
    """A rental whose power bank comes back to CIVIL during an outage. Returns the ended rental."""
    network.fake_world.clock.advance(minutes=1)
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=1)
    network.report_frame(CIVIL, frames.heartbeat())
    network.report_status(CIVIL, DeviceEventKind.OFFLINE)
    network.fake_world.clock.advance(minutes=minutes)
    network.report_status(CIVIL, DeviceEventKind.ONLINE)
    network.report_slot_change(CIVIL, rental.powerbank_sn, slot)
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    return network.rental(rental)


def listed(network: Network) -> list[dict[str, object]]:
    token = token_for(network.world, network.operator("desk@example.com", Role.SUPPORT))
    reply = request(app, "GET", PATH, token=token)
    assert reply.status == 200, reply.text
    returns: list[dict[str, object]] = reply.data["returns"]
    assert reply.data["pagination"]["total_count"] == len(returns)
    return returns


@pytest.mark.parametrize(("minutes", "count"), [(60, 0), (61, 1), (600, 1)])
def test_a_doubt_of_more_than_an_hour_is_listed_with_its_rental(
    network: Network, log_output: StringIO, minutes: int, count: int
) -> None:
    rental = return_after_outage(network, network.customer(), minutes)
    doubts = listed(network)
    assert [(doubt["id"], doubt["doubt_minutes"]) for doubt in doubts] == [(rental.rental_id, minutes)][:count]
    assert all(doubt["return_station_serial"] == CIVIL.sn for doubt in doubts)
    assert alarms(log_output, Alarm.RETURN_DOUBT_REPEATED) == []


@pytest.mark.parametrize(("days", "count"), [(1, 2), (29, 2), (31, 0)])
def test_a_second_doubt_of_a_customer_within_30_days_raises_an_alarm(
    network: Network, log_output: StringIO, days: int, count: int
) -> None:
    user = network.customer()
    return_after_outage(network, user, 90)
    network.fake_world.clock.advance(days=days)
    network.report_snapshot(LABIM)
    network.sessions[user] = sign_in(network.world, user)
    return_after_outage(network, user, 90)
    assert len(alarms(log_output, Alarm.RETURN_DOUBT_REPEATED)) == count
    if count:
        assert {
            alarm.get("user_id", alarm.get("sn")) for alarm in alarms(log_output, Alarm.RETURN_DOUBT_REPEATED)
        } == {user, CIVIL.sn}


def test_a_second_doubt_at_a_station_raises_an_alarm(network: Network, log_output: StringIO) -> None:
    return_after_outage(network, network.customer(), 90, slot=7)
    return_after_outage(network, network.customer(), 90)
    assert [alarm.get("sn") for alarm in alarms(log_output, Alarm.RETURN_DOUBT_REPEATED)] == [CIVIL.sn]
    assert len(listed(network)) == 2


def test_a_repeated_report_counts_no_second_doubt(network: Network, log_output: StringIO) -> None:
    rental = return_after_outage(network, network.customer(), 90)
    network.report_slot_change(CIVIL, rental.powerbank_sn)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert len(listed(network)) == 1
    assert alarms(log_output, Alarm.RETURN_DOUBT_REPEATED) == []
