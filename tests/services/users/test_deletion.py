"""Deleting an account: when it is refused, and what happens to its money afterwards."""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.rentals import queries
from chalicelib.services.rewards import points
from chalicelib.services.topups import payment_events
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import atomic
from infra.local.seeds import seed
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.personal_history import customer_to_delete
from tests.world.builders import LABIM, account
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.run_until_quiet import run_until_quiet


@pytest.mark.parametrize("by", ["phone", "email"])
def test_a_deleted_user_registers_again_without_a_second_bonus(network: Network, by: str) -> None:
    """By the identifier of the registration, and by the one added later."""
    customer = customer_to_delete(network)
    customer.delete()
    identifier = customer.phone if by == "phone" else customer.personal_values["email"]
    again = seed.add_customer(network.world, identifier, customer.personal_values["username"])
    assert again != customer.user_id
    run_until_quiet(network)
    match = account(again)
    assert (match.points, match.wallet_paisa, match.status) == (0, 0, Status.ACTIVE)
    assert account(customer.user_id).status is Status.DELETED
    assert network.books_balance()


def test_a_forfeited_balance_does_not_count_as_spent(network: Network) -> None:
    customer = customer_to_delete(network)
    before = account(customer.user_id)
    customer.delete()
    after = account(customer.user_id)
    assert (before.wallet_paisa, before.points) == (100_000, 155)
    assert (after.wallet_paisa, after.points, after.spent_paisa) == (0, 0, before.spent_paisa)
    assert (after.status, after.token_epoch) == (Status.DELETED, before.token_epoch + 1)
    (last,) = postings.newest(customer.user_id, before=None, limit=1)
    assert (last.kind, last.change_of("revenue:forfeited"), last.change_of("liability:points")) == (
        PostingKind.FORFEIT,
        100_000,
        155,
    )
    assert network.books_balance()


def test_an_empty_account_is_deleted_without_a_posting(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    atomic(network.world, lambda ops: accounts.save(ops, replace(account(user), points=0)))
    seq = account(user).seq
    delete_customer(network, user, forfeit=False)
    assert account(user).status is Status.DELETED
    assert account(user).seq == seq


def test_a_top_up_in_review_prevents_the_deletion_until_it_is_resolved(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    intent_id = network.open_topup(user)
    network.fake_world.khalti.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, "theirs", 1_234)
    payment_events.handle_payment_event(network.world, user, intent_id)
    network.fake_world.clock.advance(days=4)
    with pytest.raises(Problem, match="topup_pending"):
        delete_customer(network, user)


def test_late_money_is_credited_to_the_deleted_account_and_alarmed(network: Network, log_output: StringIO) -> None:
    user = network.customer()
    intent_id = network.open_topup(user)
    network.fake_world.clock.advance(minutes=31)
    delete_customer(network, user)
    run_until_quiet(network)
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-reference", 50_000)
    payment_events.handle_payment_event(network.world, user, intent_id)
    payment_events.handle_payment_event(network.world, user, intent_id)
    assert account(user).wallet_paisa == 50_000
    assert log_output.getvalue().count('"fact":"money_for_deleted_account"') == 1
    run_until_quiet(network)
    assert account(user).points == 50
    assert not any(user in row for row in all_rows()["test-notifications"])
    assert network.books_balance()


def test_points_and_device_events_of_a_deleted_account_do_not_fail(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    rental = network.rented(with_wallet(network, user))
    network.fake_world.clock.advance(minutes=5)
    network.report_return(LABIM, rental.powerbank_sn)
    late = f"points:late:{user}"
    body: dict[str, Any] = {"user_id": user, "points": 5, "message_id": late}
    atomic(network.world, lambda ops: outbox.stage(ops, network.world, outbox.POINTS, late, body))
    delete_customer(network, user)
    network.report_return(LABIM, rental.powerbank_sn)
    network.report_slot_change(LABIM, rental.powerbank_sn)
    assert points.award(network.world, body)
    assert account(user).points == 5
    assert queries.read(user, rental.rental_id).state.value == "completed"
    run_until_quiet(network)
    assert network.books_balance()


def with_wallet(network: Network, user: str) -> str:
    seed.fill_wallet(network.world, user, 10_000)
    return user
