"""Rejected requests of a customer with text in every free-text field, for the tests of account deletion."""

from chalicelib.domain.money.balance_addition import AdditionState, BalanceAddition, addition_id_of
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState, refund_id_of
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.tables import balance_additions, refunds
from chalicelib.tables.atomic import Transaction, atomic
from tests.scenarios.customer_to_delete import CustomerToDelete


def save_rejected_refund(customer: CustomerToDelete) -> None:
    """A rejected refund with text in every free-text field."""
    world, values = customer.network.world, customer.personal_values
    now = world.now()
    refund = Refund(
        refund_id_of(world.new_id(), customer.user_id),
        customer.user_id,
        1,
        100,
        0,
        values["reason of a refund"],
        requested_by=customer.user_id,
        requested_at=now,
        state=RefundState.REJECTED,
        method=RefundMethod.BY_HAND,
        decided_by="somebody",
        admin_notes=values["notes on a refund"],
        reference=values["reference of a refund"],
        ended_at=now,
    )

    def decide(ops: Transaction) -> None:
        refunds.save_totals(ops, RefundTotals(customer.user_id, refund.seq))
        refunds.save(ops, refund)

    atomic(world, decide)


def save_rejected_addition(customer: CustomerToDelete) -> None:
    """A rejected addition to the wallet with text in every free-text field."""
    world, values = customer.network.world, customer.personal_values
    addition = BalanceAddition(
        addition_id_of(world.new_id(), customer.user_id),
        customer.user_id,
        100,
        values["reason of an addition"],
        requested_by="somebody",
        requested_at=world.now(),
        state=AdditionState.REJECTED,
        decided_by="another",
        notes=values["notes on an addition"],
    )
    atomic(world, lambda ops: balance_additions.save(ops, addition))
