"""An eject and its return are reported in five ways, each twice and in any order. The rental ends alike."""

import itertools
import json
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services import event_log
from chalicelib.services.cabinets import inbound
from tests.world.builders import LABIM, account
from tests.world.network import EJECTED, Network

SLOT = 8
REPORTS = ("eject", "return", "change", "snapshot", "http")
ORDERS = [
    pytest.param(order, id="-".join(order), marks=() if order[-1] == "http" else pytest.mark.long)
    for order in itertools.permutations(REPORTS)
]
"""The quick tests try the orders of the four reports over MQTT, before the report over HTTP."""


def report_over_http(network: Network, powerbank_sn: str, at: datetime) -> None:
    """What the route of cabinets queues for a return."""
    network.messages_count += 1
    content = json.dumps({"powerbank_sn": powerbank_sn, "slot_number": SLOT}).encode()
    event = DeviceEvent(f"http-{network.messages_count}", LABIM.imei, DeviceEventKind.HTTP_RETURN, at, content)
    with event_log.collect():
        inbound.handle_event(network.world, event)


@pytest.mark.parametrize("order", ORDERS)
def test_five_reports_in_any_order_end_alike(network: Network, order: tuple[str, ...]) -> None:
    user = network.customer()
    rental = network.start(user)
    started_at = network.world.now()
    ejected, back = started_at + timedelta(seconds=2), started_at + timedelta(minutes=30)
    network.fake_world.clock.at = back + timedelta(seconds=30)
    bank = rental.powerbank_sn
    reports = {
        "eject": lambda: network.report_eject(LABIM, bank, EJECTED, at=ejected),
        "return": lambda: network.report_return(LABIM, bank, SLOT, at=back),
        "change": lambda: network.report_slot_change(LABIM, bank, SLOT, at=back),
        "snapshot": lambda: network.report_snapshot(LABIM, without=bank, plus=(SLOT, bank), at=back),
        "http": lambda: report_over_http(network, bank, back),
    }
    for name in (*order, *order):
        reports[name]()
    ended = network.rental(rental)
    assert (ended.state, ended.late_fee_paisa, ended.due_paisa) == (RentalState.COMPLETED, 0, 0)
    assert ended.ended_at is not None
    assert started_at <= ended.ended_at <= back
    assert ended.points_paid * 10 + ended.wallet_paid_paisa == 2_000
    stored = network.bank(bank)
    assert (stored.custody, stored.station_sn, stored.slot_number) == (Custody.SLOT, LABIM.sn, SLOT)
    assert account(user).open_rental_id is None
    assert network.books_balance()
