"""The accounts that a posting of each kind may move."""

from collections.abc import Iterable, Mapping

from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.money.ledger_entries import DUE, GATEWAY, HELD, HELD_POINTS, POINTS, REVENUE_OF, WALLET

ACCOUNTS: Mapping[PostingKind, frozenset[str]] = {
    PostingKind.TOPUP: frozenset({WALLET, GATEWAY}),
    PostingKind.HOLD: frozenset({WALLET, HELD, POINTS, HELD_POINTS}),
    PostingKind.SETTLE: frozenset({HELD, ledger.REVENUE_RENTAL, HELD_POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.RELEASE: frozenset({WALLET, HELD, POINTS, HELD_POINTS}),
    PostingKind.CHARGE: frozenset({WALLET, ledger.REVENUE_RENTAL, POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.EXTENSION: frozenset({WALLET, ledger.REVENUE_RENTAL, POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.CHARGE_UNDONE: frozenset(
        {
            WALLET,
            POINTS,
            DUE,
            ledger.REVENUE_RENTAL,
            ledger.REVENUE_DUE,
            ledger.LIABILITY_POINTS,
            ledger.RECEIVABLE_DUE,
        }
    ),
    PostingKind.LATE_FEE: frozenset({WALLET, ledger.REVENUE_LATE_FEE, POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.CANCEL: frozenset({WALLET, ledger.REVENUE_RENTAL, POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.FOUND: frozenset(
        {DUE, ledger.RECEIVABLE_DUE, WALLET, ledger.REVENUE_DUE, POINTS, ledger.LIABILITY_POINTS}
    ),
    PostingKind.DUE: frozenset({DUE, ledger.RECEIVABLE_DUE}),
    PostingKind.PAY_DUE: frozenset(
        {DUE, ledger.RECEIVABLE_DUE, WALLET, ledger.REVENUE_DUE, POINTS, ledger.LIABILITY_POINTS}
    ),
    PostingKind.POINTS: frozenset({POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.REFUND: frozenset(
        {WALLET, POINTS, ledger.LIABILITY_POINTS, ledger.REFUND_IN_FLIGHT, ledger.REFUND_BY_HAND}
        | set(REVENUE_OF.values())
    ),
    PostingKind.REFUND_PAID: frozenset({ledger.REFUND_IN_FLIGHT, ledger.REFUND_BY_HAND, GATEWAY}),
    PostingKind.REFUND_RETURNED: frozenset({WALLET, POINTS, ledger.LIABILITY_POINTS, ledger.REFUND_IN_FLIGHT}),
    PostingKind.FORFEIT: frozenset({WALLET, ledger.REVENUE_FORFEITED, POINTS, ledger.LIABILITY_POINTS}),
    PostingKind.REVERSAL: frozenset({WALLET, GATEWAY, ledger.LOSS_REVERSED, DUE, ledger.RECEIVABLE_DUE}),
    PostingKind.REVERSAL_RESTORED: frozenset(
        {WALLET, GATEWAY, ledger.LOSS_REVERSED, DUE, ledger.RECEIVABLE_DUE, ledger.REFUND_BY_HAND}
    ),
    PostingKind.REVERSAL_PAID: frozenset({WALLET, ledger.LOSS_REVERSED, DUE, ledger.RECEIVABLE_DUE}),
    PostingKind.BALANCE_ADDED: frozenset({WALLET, ledger.EXPENSE_ADDED}),
}
"""The accounts that a posting of each kind may move. GATEWAY stands for the account of any payment gateway."""


def foreign_accounts(kind: PostingKind, accounts: Iterable[str]) -> set[str]:
    """Those of `accounts` that a posting of this kind must not move."""
    return {
        account for account in accounts if (GATEWAY if account.startswith(GATEWAY) else account) not in ACCOUNTS[kind]
    }
