"""A lost power bank that was paid for: refunds, the deletion of the account, and its return."""

from io import StringIO

import pytest

from app import app
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.transaction_id import transaction_id
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.refunds import requests
from chalicelib.services.rentals import due_times
from chalicelib.tables import postings
from chalicelib.tables.accounts import AccountRow
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import CIVIL, account
from tests.world.http_client import request
from tests.world.log_lines import alarms
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

TOPUP_PAISA = 600_000


def paid_loss(network: Network) -> Rental:
    """A rental whose power bank was lost and paid for from a top-up."""
    user = network.customer(wallet_paisa=0)
    network.pay_topup(user, network.open_topup(user, TOPUP_PAISA), TOPUP_PAISA)
    network.deliver_messages()
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=25, minutes=1)
    due_times.sweep(network.world)
    token = token_of(network, user)
    assert request(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token).status == 200
    return network.rental(rental)


def topup_of(user: str) -> str:
    """The id of the transaction of the user's newest top-up."""
    *_, seq = [line.seq for line in postings.oldest(user, since=1, limit=50) if line.kind == "topup"]
    return transaction_id(user, seq)


def test_a_refund_is_requested_and_its_operator_sees_the_power_bank_out(network: Network) -> None:
    rental = paid_loss(network)
    network.pay_topup(rental.user_id, network.open_topup(rental.user_id))
    network.deliver_messages()
    path = f"/api/payment/refund/{topup_of(rental.user_id)}"
    reply = request(app, "POST", path, {"reason": "I leave Kathmandu"}, token=token_of(network, rental.user_id))
    assert reply.status == 201
    operator = network.operator("finance@example.com", Role.FINANCE)
    listed = request(app, "GET", "/api/admin/refunds/pending", token=token_for(network.world, operator))
    (line,) = listed.data["results"]
    assert (line["open_rental_id"], line["lost_rental_ids"]) == (None, [rental.rental_id])
    network.report_return(CIVIL, rental.powerbank_sn)
    assert account(rental.user_id).lost_rental_ids == ()


@pytest.mark.parametrize("report", ["return", "slot_change", "snapshot"])
def test_the_price_of_a_power_bank_of_a_deleted_account_is_paid_by_hand(
    network: Network, log_output: StringIO, report: str
) -> None:
    rental = paid_loss(network)
    delete_customer(network, rental.user_id)
    network.fake_world.clock.advance(hours=1)
    if report == "snapshot":
        network.report_snapshot(CIVIL, plus=(8, rental.powerbank_sn))
    for _ in range(2):
        if report == "return":
            network.report_return(CIVIL, rental.powerbank_sn)
        if report == "slot_change":
            network.report_slot_change(CIVIL, rental.powerbank_sn)
    after, ended = account(rental.user_id), network.rental(rental)
    # Only a return frame has the time of the return: the other reports of a silent cabinet are dated back.
    fee_paisa = 20_000 if report == "return" else 0
    assert (ended.state, ended.late_fee_paisa, ended.due_paisa) == (RentalState.COMPLETED, fee_paisa, 0)
    (alarm,) = alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT)
    assert (alarm["rental_id"], alarm["user_id"]) == (rental.rental_id, rental.user_id)
    assert alarm["amount_paisa"] == after.wallet_paisa + 10 * after.points == 500_000 - fee_paisa
    assert network.bank(rental.powerbank_sn).station_sn == CIVIL.sn
    assert network.books_balance()
    caller = network.operator("finance@example.com", Role.FINANCE).caller(network.world)
    refund = requests.request_for(network.world, caller, topup_of(rental.user_id), "the power bank came back")
    assert refund.amount_paisa == after.wallet_paisa > 0


def test_an_account_that_is_deleted_after_the_return_has_no_late_money(
    network: Network, log_output: StringIO
) -> None:
    rental = paid_loss(network)
    network.report_return(CIVIL, rental.powerbank_sn)
    delete_customer(network, rental.user_id)
    network.report_return(CIVIL, rental.powerbank_sn)
    assert alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT) == []
    assert network.books_balance()


def test_the_audit_finds_a_lost_rental_that_the_account_forgot(network: Network) -> None:
    rental = paid_loss(network)
    AccountRow.get(rental.user_id).update([AccountRow.lost_rental_ids.set(())])
    network.send_pushes()
    rules = [violation.rule for violation in whole_audit.audit(network.world)]
    assert rules == ["lost_rentals_differ"]
