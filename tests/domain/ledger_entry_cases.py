"""An event for every ledger entry, and the accounts that it moves up or down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Entry, PostingKind
from chalicelib.domain.payments.refund import Refund, RefundMethod
from chalicelib.domain.payments.reversal import ReversalSplit

AT = datetime(2026, 1, 1, tzinfo=UTC)


def refund(paisa: int, points: int, method: RefundMethod) -> Refund:
    return Refund("r", "u", 1, paisa, points, "why", "u", AT, gateway="khalti", method=method)


@dataclass(frozen=True)
class Case:
    """An event, the kind of its entry, and the expected sign of each account: 1 up, -1 down."""

    make: Callable[[int, int], Entry]
    kind: PostingKind
    paisa: dict[str, int]
    points: dict[str, int]


POINTS_TAKEN = {"points": -1, ledger.LIABILITY_POINTS: 1}
POINTS_GIVEN = {"points": 1, ledger.LIABILITY_POINTS: -1}
CASES = {
    "topup": Case(
        lambda paisa, _: ledger_entries.topup("khalti", paisa),
        PostingKind.TOPUP,
        {"wallet": 1, "gateway:khalti": -1},
        {},
    ),
    "award_points": Case(lambda _, points: ledger_entries.award_points(points), PostingKind.POINTS, {}, POINTS_GIVEN),
    "hold": Case(
        lambda paisa, points: ledger_entries.hold(paisa=paisa, points=points),
        PostingKind.HOLD,
        {"wallet": -1, "held": 1},
        {"points": -1, "held_points": 1},
    ),
    "settle": Case(
        lambda paisa, points: ledger_entries.settle(paisa=paisa, points=points),
        PostingKind.SETTLE,
        {"held": -1, "revenue:rental": 1},
        {"held_points": -1, ledger.LIABILITY_POINTS: 1},
    ),
    "release": Case(
        lambda paisa, points: ledger_entries.release(paisa=paisa, points=points),
        PostingKind.RELEASE,
        {"held": -1, "wallet": 1},
        {"held_points": -1, "points": 1},
    ),
    "charge": Case(
        lambda paisa, points: ledger_entries.charge(paisa=paisa, points=points),
        PostingKind.CHARGE,
        {"wallet": -1, "revenue:rental": 1},
        POINTS_TAKEN,
    ),
    "cancel": Case(
        lambda paisa, points: ledger_entries.cancel(paisa=paisa, points=points),
        PostingKind.CANCEL,
        {"wallet": 1, "revenue:rental": -1},
        POINTS_GIVEN,
    ),
    "found": Case(
        lambda paisa, points: ledger_entries.found(due_paisa=paisa, wallet_paisa=paisa, points=points),
        PostingKind.FOUND,
        {"due": -1, "receivable:due": 1, "wallet": 1, "revenue:due": -1},
        POINTS_GIVEN,
    ),
    "extension": Case(
        lambda paisa, points: ledger_entries.extension(paisa=paisa, points=points),
        PostingKind.EXTENSION,
        {"wallet": -1, "revenue:rental": 1},
        POINTS_TAKEN,
    ),
    "charge_undone": Case(
        lambda paisa, points: ledger_entries.charge_undone(
            PostingKind.CHARGE, paisa=paisa, points=points, due_paisa=paisa
        ),
        PostingKind.CHARGE_UNDONE,
        {"wallet": 1, "revenue:rental": -1, "due": -1, "receivable:due": 1},
        POINTS_GIVEN,
    ),
    "charge_undone_of_a_paid_due": Case(
        lambda paisa, _: ledger_entries.charge_undone(PostingKind.PAY_DUE, paisa=paisa, points=0, due_paisa=0),
        PostingKind.CHARGE_UNDONE,
        {"wallet": 1, "revenue:due": -1},
        {},
    ),
    "late_fee": Case(
        lambda paisa, points: ledger_entries.late_fee(paisa=paisa, points=points),
        PostingKind.LATE_FEE,
        {"wallet": -1, "revenue:late_fee": 1},
        POINTS_TAKEN,
    ),
    "due": Case(lambda paisa, _: ledger_entries.due(paisa), PostingKind.DUE, {"due": 1, "receivable:due": -1}, {}),
    "pay_due": Case(
        lambda paisa, points: ledger_entries.pay_due(due_paisa=paisa, wallet_paisa=paisa, points=points),
        PostingKind.PAY_DUE,
        {"due": -1, "receivable:due": 1, "wallet": -1, "revenue:due": 1},
        POINTS_TAKEN,
    ),
    "refund_by_gateway": Case(
        lambda paisa, points: ledger_entries.refund_by_gateway(paisa=paisa, points=points),
        PostingKind.REFUND,
        {"wallet": -1, "refund:in_flight": 1},
        POINTS_TAKEN,
    ),
    "refund_by_hand": Case(
        lambda paisa, points: ledger_entries.refund_by_hand(paisa=paisa, points=points),
        PostingKind.REFUND,
        {"wallet": -1, "refund:by_hand": 1},
        POINTS_TAKEN,
    ),
    "refund_paid_by_gateway": Case(
        lambda paisa, points: ledger_entries.refund_paid(refund(paisa, points, RefundMethod.GATEWAY)),
        PostingKind.REFUND_PAID,
        {"refund:in_flight": -1, "gateway:khalti": 1},
        {},
    ),
    "refund_paid_by_hand": Case(
        lambda paisa, points: ledger_entries.refund_paid(refund(paisa, points, RefundMethod.BY_HAND)),
        PostingKind.REFUND_PAID,
        {"refund:in_flight": -1, "refund:by_hand": 1},
        {},
    ),
    "refund_returned": Case(
        lambda paisa, points: ledger_entries.refund_returned(refund(paisa, points, RefundMethod.GATEWAY)),
        PostingKind.REFUND_RETURNED,
        {"refund:in_flight": -1, "wallet": 1},
        POINTS_GIVEN,
    ),
    "reversal_from_wallet": Case(
        lambda paisa, _: ledger_entries.reversal("khalti", ReversalSplit(paisa, 0, 0)),
        PostingKind.REVERSAL,
        {"wallet": -1, "gateway:khalti": 1},
        {},
    ),
    "reversal_as_due": Case(
        lambda paisa, _: ledger_entries.reversal("khalti", ReversalSplit(0, paisa, 0)),
        PostingKind.REVERSAL,
        {"loss:reversed": -1, "gateway:khalti": 1, "due": 1, "receivable:due": -1},
        {},
    ),
    "reversal_left": Case(
        lambda paisa, _: ledger_entries.reversal("khalti", ReversalSplit(0, 0, paisa)),
        PostingKind.REVERSAL,
        {"loss:reversed": -1, "gateway:khalti": 1},
        {},
    ),
    "reversal_restored_to_wallet": Case(
        lambda paisa, _: ledger_entries.reversal_restored("khalti", ReversalSplit(paisa, 0, 0)),
        PostingKind.REVERSAL_RESTORED,
        {"wallet": 1, "gateway:khalti": -1},
        {},
    ),
    "reversal_restored_of_due": Case(
        lambda paisa, _: ledger_entries.reversal_restored("khalti", ReversalSplit(0, paisa, 0)),
        PostingKind.REVERSAL_RESTORED,
        {"loss:reversed": 1, "gateway:khalti": -1, "due": -1, "receivable:due": 1},
        {},
    ),
    "reversal_restored_of_loss": Case(
        lambda paisa, _: ledger_entries.reversal_restored("khalti", ReversalSplit(0, 0, paisa)),
        PostingKind.REVERSAL_RESTORED,
        {"loss:reversed": 1, "gateway:khalti": -1},
        {},
    ),
    "reversal_restored_to_a_deleted_account": Case(
        lambda paisa, _: ledger_entries.reversal_restored("khalti", ReversalSplit(paisa, 0, 0), by_hand=True),
        PostingKind.REVERSAL_RESTORED,
        {"refund:by_hand": 1, "gateway:khalti": -1},
        {},
    ),
    "reversal_paid": Case(
        lambda paisa, _: ledger_entries.reversal_paid(paisa),
        PostingKind.REVERSAL_PAID,
        {"wallet": -1, "loss:reversed": 1, "due": -1, "receivable:due": 1},
        {},
    ),
    "balance_added": Case(
        lambda paisa, _: ledger_entries.balance_added(paisa),
        PostingKind.BALANCE_ADDED,
        {"wallet": 1, "expense:balance_added": -1},
        {},
    ),
    "forfeit": Case(
        lambda paisa, points: ledger_entries.forfeit(paisa=paisa, points=points),
        PostingKind.FORFEIT,
        {"wallet": -1, "revenue:forfeited": 1},
        POINTS_TAKEN,
    ),
}
PAYMENTS = {
    PostingKind.SETTLE: "revenue:rental",
    PostingKind.CHARGE: "revenue:rental",
    PostingKind.LATE_FEE: "revenue:late_fee",
    PostingKind.PAY_DUE: "revenue:due",
}
ALL = {
    **CASES,
    **{
        f"refund_payment_{payment.value}": Case(
            lambda paisa, points, payment=payment: ledger_entries.refund_payment(  # type: ignore[misc]
                payment, paisa=paisa, points=points
            ),
            PostingKind.REFUND,
            {"wallet": 1, revenue: -1},
            POINTS_GIVEN,
        )
        for payment, revenue in PAYMENTS.items()
    },
}
