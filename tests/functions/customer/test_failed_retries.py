"""A retry with the same Idempotency-Key never reports a failed attempt as a success."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from tests.engines.faults import Crash
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.tokens import token_of

ORDER = {"station_sn": LABIM.sn, "package_id": "1-hour"}
TOPUP = {"amount": "100", "payment_method": "khalti"}


def start(network: Network, user: str, key: str = "tap") -> Reply:
    return request(
        app,
        "POST",
        "/api/rentals/start",
        ORDER,
        token=token_of(network, user),
        headers={"Idempotency-Key": key},
    )


def open_topup(network: Network, user: str) -> Reply:
    return request(
        app,
        "POST",
        "/api/payment/wallet/topup-intent",
        TOPUP,
        token=token_of(network, user),
        headers={"Idempotency-Key": "tap"},
    )


@contextmanager
def crash_at_storing_the_response() -> Iterator[None]:
    """The process dies before it stores the response under the key. The client gets no response."""

    def crash(**_: Any) -> None:
        raise Crash("UpdateItem")

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb.UpdateItem", crash)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.UpdateItem", crash)


def outcome(reply: Reply) -> tuple[int, str, bool]:
    return reply.status, reply.code, int(reply.headers["Retry-After"]) > 0


def test_a_refused_eject_is_replayed_as_the_same_error(network: Network) -> None:
    user = network.customer()
    network.fake_world.settings = network.fake_world.settings.changed({"eject_wait_seconds": 4})
    network.fake_world.on_pause = lambda: network.report_eject(LABIM, "40818052", REFUSED)
    first = start(network, user)
    network.fake_world.on_pause = None
    again = start(network, user)
    assert outcome(first) == outcome(again) == (502, "eject_failed", True)
    assert first.body["error"] == again.body["error"]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(network.fake_world.cabinets.ejects) == 1
    assert network.books_balance()


@pytest.mark.parametrize("error", [Unavailable("iot"), Rejected("offline")])
def test_a_command_that_was_not_sent_is_replayed_as_the_same_error(network: Network, error: Exception) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = error
    first = start(network, user)
    network.fake_world.cabinets.fails = None
    assert outcome(first) == outcome(start(network, user)) == (503, "cabinet_unavailable", True)
    network.fake_world.clock.advance(seconds=int(first.headers["Retry-After"]))
    assert start(network, user, "another tap").status == 202


def test_a_start_that_died_and_failed_is_reported_as_failed(network: Network) -> None:
    user = network.customer()
    with crash_at_storing_the_response(), pytest.raises(Crash):
        start(network, user)
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert account(user).open_rental_id is None
    assert outcome(start(network, user)) == (502, "eject_failed", True)


def test_a_start_whose_outcome_was_unknown_is_replayed_as_it_was(network: Network) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = OutcomeUnknown("iot")
    first = start(network, user)
    network.report_eject(LABIM, "40818052", EJECTED)
    again = start(network, user)
    assert (first.status, again.status, again.data["status"]) == (202, 202, RentalState.STARTING)


def test_a_topup_that_its_gateway_refused_is_replayed_as_the_same_error(network: Network) -> None:
    user = network.customer()
    network.fake_world.khalti.fails = Rejected("no")
    first = open_topup(network, user)
    network.fake_world.khalti.fails = None
    again = open_topup(network, user)
    assert outcome(first) == outcome(again) == (503, "gateway_unavailable", True)


def test_an_ended_topup_is_not_reported_as_created(network: Network) -> None:
    user = network.customer()
    with crash_at_storing_the_response(), pytest.raises(Crash):
        open_topup(network, user)
    network.fake_world.clock.advance(minutes=31)
    assert open_topup(network, user).code == "topup_over"
