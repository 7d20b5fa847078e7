"""Calls over HTTP while the cabinet is offline, and what they never say of its connection."""

from dataclasses import replace

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental_state import RentalState
from infra.local.cabinets import frames
from tests.functions.test_cabinet_http import contents, delivered, rented, returned, uploaded
from tests.world.builders import LABIM, cabinet
from tests.world.network import Network


def go_off_line(network: Network, shown_by: str) -> None:
    """The platform reports the lost connection, or the cabinet sends nothing for half an hour."""
    network.fake_world.clock.advance(minutes=1 if shown_by == "loss" else 30)
    if shown_by == "loss":
        network.report_status(LABIM, DeviceEventKind.OFFLINE)


@pytest.mark.parametrize("shown_by", ["loss", "silence"])
@pytest.mark.parametrize("way", ["return", "snapshot"])
def test_a_report_of_a_cabinet_off_line_waits_for_mqtt(network: Network, shown_by: str, way: str) -> None:
    rental = rented(network)
    go_off_line(network, shown_by)
    before = cabinet()
    for _ in range(2):
        if way == "return":
            returned(rental.powerbank_sn)
        else:
            uploaded(frames.snapshot(contents(without=rental.powerbank_sn, plus=(8, rental.powerbank_sn))))
        assert delivered(network)[-1] == "asked_over_mqtt"
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    assert replace(cabinet(), check_asked_at=None, version=before.version) == before
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(8, rental.powerbank_sn))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


@pytest.mark.parametrize("slot", [8, "own"])
def test_a_return_over_http_is_no_sign_of_the_cabinet(network: Network, slot: int | str) -> None:
    rental = rented(network)
    number = rental.station.slot_number if slot == "own" else int(slot)
    before = cabinet()
    for _ in range(2):
        network.fake_world.clock.advance(minutes=7)
        returned(rental.powerbank_sn, number)
        delivered(network)
    after = cabinet()
    assert network.rental(rental) == rental
    assert (after.last_seen_at, after.online, after.outage) == (before.last_seen_at, before.online, before.outage)
