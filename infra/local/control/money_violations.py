"""Kinds of violations that can be planted of payments, refunds and what operators added."""

from collections.abc import Mapping

from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.balance_additions import BalanceAdditionRow
from chalicelib.tables.intent_references import ReferenceRow
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.refunds import RefundRow
from chalicelib.tables.rentals import RentalRow
from infra.local.control.violation_changes import (
    LONG_AGO,
    Kind,
    changed,
    decided_by_requester,
    deleted,
    key,
    number,
    raised,
    reference,
    row_of_user,
)

_account = key("user_id")
_addition = row_of_user(BalanceAdditionRow, "addition_id")
_rental = row_of_user(RentalRow, "rental_id")
_refund = row_of_user(RefundRow, "refund_id")

MONEY: Mapping[str, Kind] = {
    "addition_lost": Kind(
        BalanceAdditionRow, _addition, deleted, "posting_without_addition", "What an operator added has no row."
    ),
    "addition_reopened": Kind(
        BalanceAdditionRow,
        _addition,
        changed(state="pending"),
        "addition_not_posted_once",
        "What an operator added waits for a decision, though it is posted.",
    ),
    "addition_raised": Kind(
        BalanceAdditionRow,
        _addition,
        raised("amount_paisa"),
        "addition_amount_differs",
        "The row of an addition has a paisa more than its posting.",
    ),
    "addition_decided_alone": Kind(
        BalanceAdditionRow,
        _addition,
        decided_by_requester,
        "addition_decided_by_party",
        "The operator who asked for an addition decided it.",
    ),
    "addition_forgotten": Kind(
        AccountRow,
        _account,
        raised("added_spent_paisa"),
        "added_money_differs",
        "The account counts a paisa of added money too many.",
    ),
    "addition_above_balance": Kind(
        AccountRow,
        _account,
        number("added_paisa", 10**9),
        "added_money_above_balance",
        "The account counts more added money than it holds.",
    ),
    "credit_moved": Kind(
        IntentRow,
        row_of_user(IntentRow, "intent_id", lambda row: row.state is IntentState.SUCCESS),
        raised("credited_seq"),
        "topup_posting_differs",
        "A top-up names another posting than its own.",
    ),
    "reference_lost": Kind(
        ReferenceRow, reference, deleted, "reference_gone", "A top-up can't be found by its id any more."
    ),
    "rental_hold_raised": Kind(
        RentalRow,
        _rental,
        raised("held_paisa"),
        "rental_hold_differs",
        "A rental counts a paisa more as held than is held for it.",
    ),
    "rental_payment_raised": Kind(
        RentalRow,
        _rental,
        raised("wallet_paid_paisa"),
        "rental_paid_differs",
        "A rental counts a paisa more as paid than was posted.",
    ),
    "due_invented": Kind(
        AccountRow,
        _account,
        raised("due_rental_paisa"),
        "due_of_rental_differs",
        "The account owes a paisa for a rental that nobody charged.",
    ),
    "refund_decided_alone": Kind(
        RefundRow,
        _refund,
        decided_by_requester,
        "refund_decided_by_requester",
        "Who asked for a refund decided it.",
    ),
    "refund_forgotten": Kind(
        RefundRow,
        _refund,
        changed(next_check_at=LONG_AGO),
        "refund_left_open",
        "A refund should have been looked up years ago.",
    ),
}
