"""The deletion of an account with a long history of top-ups, refunds and rentals reads none of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.payments.refund import Refund, RefundState
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.text.ids import ulid
from chalicelib.tables import intents, refunds, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.open_items import OpenItemRow
from chalicelib.tables.refunds import RefundRow
from chalicelib.tables.rentals import RentalRow
from tests.engines.counting import Counted, counted
from tests.engines.lost_answers import lost_answers
from tests.scenarios.customer_to_delete import CustomerToDelete
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.personal_history import customer_to_delete
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import LABIM, account
from tests.world.network import Network
from tests.world.run_until_quiet import run_until_quiet

ROWS = 60
"""More than any part of a request reads at once."""
MAX_ROWS_READ = 100


def fill(network: Network, user: str, example: Rental) -> None:
    """Closed top-ups, refunds and rentals of last year; every rental has the customer's own words."""
    long_ago = network.world.now() - timedelta(days=300)
    for number in range(0, ROWS, 5):
        atomic(network.world, partial(_add, user, example, long_ago, number))


def _add(user: str, example: Rental, at: datetime, first: int, ops: Transaction) -> None:
    for number in range(first, first + 5):
        row_id = ulid(at, number.to_bytes(10, "big"))
        intents.save(ops, Intent(row_id, user, "khalti", 1_000, row_id, at, at, IntentState.CANCELLED))
        refund = Refund(f"{row_id}-{user}", user, 1, 100, 0, "own words", user, at, state=RefundState.REJECTED)
        refunds.save(ops, refund)
        is_released = number == first
        state, started_at = (RentalState.CANCELLED, None) if is_released else (RentalState.COMPLETED, at)
        ended = replace(example, rental_id=row_id, state=state, requested_at=at, sweep_at=None)
        rentals.save(ops, replace(ended, version=0, cancel_reason="own words", notices=(), started_at=started_at))


def deletion_of(network: Network, customer: CustomerToDelete, *, filled: bool) -> Counted:
    if filled:
        fill(network, customer.user_id, next(iter(rentals.of_user(customer.user_id))))
    with counted() as counts:
        customer.delete()
    return counts


@pytest.fixture
def customer(network: Network) -> CustomerToDelete:
    return customer_to_delete(network)


def test_a_deletion_reads_no_more_rows_for_a_long_history(network: Network, customer: CustomerToDelete) -> None:
    counts = deletion_of(network, customer, filled=True)
    assert counts.rows_read <= MAX_ROWS_READ
    assert account(customer.user_id).deleted


def test_a_short_history_is_read_within_the_same_bound(network: Network, customer: CustomerToDelete) -> None:
    assert 0 < deletion_of(network, customer, filled=False).rows_read <= MAX_ROWS_READ


def test_the_queue_erases_the_texts_of_a_long_history(network: Network, customer: CustomerToDelete) -> None:
    deletion_of(network, customer, filled=True)
    with lost_answers(), counted() as counts:
        run_until_quiet(network)
    # ROWS refunds and as many rentals, each looked at once, and some other rows.
    assert counts.rows_read <= 3 * ROWS
    texts = [row.reason for row in RefundRow.query(customer.user_id)]
    texts += [row.cancel_reason for row in RentalRow.query(customer.user_id)]
    assert len(texts) > 2 * ROWS
    assert "own words" not in texts


def test_an_open_refund_far_back_in_the_history_forbids_the_deletion(network: Network) -> None:
    scenario = RefundScenario(network)
    refund = scenario.request_refund(scenario.top_up())
    for _ in range(3):
        scenario.reject(scenario.request_refund(scenario.top_up()))
    with pytest.raises(Problem, match="refund_open"):
        delete_customer(network, scenario.user)
    scenario.reject(refund)
    assert list(OpenItemRow.query(scenario.user)) == []
    delete_customer(network, scenario.user)


def test_a_review_forbids_the_deletion_long_after_its_topup(network: Network) -> None:
    user = network.customer()
    network.open_topup(user)
    *_, intent = intents.of_user(user, after="0")
    _change(network, intent, state=IntentState.NEEDS_REVIEW, reason="amount", resolved_at=network.world.now())
    network.fake_world.clock.advance(days=3)
    with pytest.raises(Problem, match="topup_pending"):
        delete_customer(network, user)
    row = list(IntentRow.query(user))[-1]
    _change(network, replace(intent, version=row.version, resolved_at=network.world.now()), state=IntentState.SUCCESS)
    assert list(OpenItemRow.query(user)) == []


def test_many_failed_rentals_of_one_power_bank_leave_one_item(network: Network) -> None:
    user = network.customer()
    names = set()
    for _ in range(3):
        rental = network.unanswered_start(user)
        names.add(rental.powerbank_sn)
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
    assert len(rentals.of_user(user)) == 3
    assert {row.item for row in OpenItemRow.query(user)} == {f"powerbank#{name}" for name in names}
    delete_customer(network, user)


def _change(network: Network, intent: Intent, **fields: Any) -> None:
    atomic(network.world, lambda ops: intents.save(ops, replace(intent, **fields)))
