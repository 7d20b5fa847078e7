"""Each kind of failure of a start, and what its retries with the same Idempotency-Key get."""

import pytest
from botocore.exceptions import ReadTimeoutError

from app import app
from chalicelib.services.rentals import ejects
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable
from tests.engines.faults import Crash
from tests.functions.customer.test_failed_retries import ORDER, crash_at_storing_the_response, outcome, start
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.tokens import token_of

BANK = "40818052"
REFUSED_OUTCOME, UNSENT_OUTCOME = (502, "eject_failed", True), (503, "cabinet_unavailable", True)


def start_that_dies(network: Network, user: str, error: Exception | None = None) -> None:
    """A start whose process dies before it stores its response. The client gets none."""
    network.fake_world.cabinets.fails = error
    with crash_at_storing_the_response(), pytest.raises(Crash):
        start(network, user)
    network.fake_world.cabinets.fails = None
    network.fake_world.clock.advance(minutes=1)


@pytest.mark.parametrize("error", [Unavailable("iot"), Rejected("offline")])
def test_a_command_that_was_not_sent_stays_a_failure_without_a_stored_response(
    network: Network, error: Exception
) -> None:
    user = network.customer()
    start_that_dies(network, user, error)
    for _ in range(2):
        assert outcome(start(network, user)) == UNSENT_OUTCOME
    assert account(user).open_rental_id is None
    assert len(network.fake_world.cabinets.ejects) == 1
    assert network.books_balance()


def test_a_refusal_stays_a_failure_without_a_stored_response(network: Network) -> None:
    user = network.customer()
    start_that_dies(network, user)
    network.report_eject(LABIM, BANK, REFUSED)
    for _ in range(2):
        assert outcome(start(network, user)) == REFUSED_OUTCOME
    assert len(network.fake_world.cabinets.ejects) == 1
    assert network.books_balance()


def test_a_timed_out_command_is_never_sent_again(network: Network) -> None:
    user = network.customer()
    start_that_dies(network, user, OutcomeUnknown("iot"))
    assert start(network, user).status == 202
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert len(network.fake_world.cabinets.ejects) == 1
    assert start(network, user).data["status"] == "starting"
    assert network.books_balance()


def test_a_retry_of_a_start_that_died_at_its_command_returns_the_current_state(network: Network) -> None:
    user = network.customer()
    network.fake_world.cabinets.fails = Crash("eject")  # type: ignore[assignment]
    with pytest.raises(Crash):
        start(network, user)
    network.fake_world.cabinets.fails = None
    assert start(network, user).code == "idempotency_in_progress"
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert outcome(start(network, user)) == REFUSED_OUTCOME
    assert start(network, user, "another tap").status == 202
    assert network.books_balance()


def test_a_retry_of_a_failed_start_whose_power_bank_came_out_returns_active(network: Network) -> None:
    user = network.customer()
    start_that_dies(network, user)
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    network.report_eject(LABIM, BANK, EJECTED)
    again = start(network, user)
    assert (again.status, again.data["status"]) == (201, "active")
    assert account(user).open_rental_id == again.data["id"]


def test_a_start_without_storage_can_be_tried_again(network: Network) -> None:
    token, headers = token_of(network, network.customer()), {"Idempotency-Key": "tap"}
    events = shared_connection().client.meta.events

    def lose(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="dynamodb")

    events.register("before-call.dynamodb.TransactWriteItems", lose)
    try:
        first = request(app, "POST", "/api/rentals/start", ORDER, token=token, headers=headers)
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", lose)
    assert outcome(first) == (503, "storage_unavailable", True)
    assert request(app, "POST", "/api/rentals/start", ORDER, token=token, headers=headers).status == 202
    assert len(network.fake_world.cabinets.ejects) == 1
