"""Names every ledger entry: which accounts each event moves, and by how much.

Every function takes whole paisa or whole points, not negative. An amount of zero makes no leg, so an entry may have
no legs at all.
"""

from collections.abc import Iterable, Mapping

from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import Entry, PostingKind
from chalicelib.domain.payments.refund import Refund, RefundMethod
from chalicelib.domain.payments.reversal import ReversalSplit

GATEWAY = "gateway:"
WALLET, HELD, DUE = "wallet", "held", "due"
POINTS, HELD_POINTS = "points", "held_points"

REVENUE_OF: Mapping[PostingKind, str] = {
    PostingKind.SETTLE: ledger.REVENUE_RENTAL,
    PostingKind.CHARGE: ledger.REVENUE_RENTAL,
    PostingKind.EXTENSION: ledger.REVENUE_RENTAL,
    PostingKind.LATE_FEE: ledger.REVENUE_LATE_FEE,
    PostingKind.PAY_DUE: ledger.REVENUE_DUE,
}
"""The kinds that pay for a rental, and the revenue account of each."""


def gateway_account(gateway: str) -> str:
    """The account of a payment gateway: what it has received for us and not paid back, as a negative balance."""
    return f"{GATEWAY}{gateway}"


def topup(gateway: str, paisa: int) -> Entry:
    """A customer has paid at a gateway, and the wallet is credited."""
    return _entry(PostingKind.TOPUP, paisa=[(gateway_account(gateway), WALLET, paisa)])


def balance_added(paisa: int) -> Entry:
    """An operator adds money to a wallet."""
    return _entry(PostingKind.BALANCE_ADDED, paisa=[(ledger.EXPENSE_ADDED, WALLET, paisa)])


def award_points(points: int) -> Entry:
    """The customer earns points."""
    return _entry(PostingKind.POINTS, points=[(ledger.LIABILITY_POINTS, POINTS, points)])


def points_taken_back(points: int) -> Entry:
    """The event that earned points was cancelled, or did not happen."""
    return _entry(PostingKind.POINTS, points=[(POINTS, ledger.LIABILITY_POINTS, points)])


def hold(*, paisa: int, points: int) -> Entry:
    """A prepaid rental starts: its price is set aside until the power bank is out."""
    return _entry(PostingKind.HOLD, paisa=[(WALLET, HELD, paisa)], points=[(POINTS, HELD_POINTS, points)])


def settle(*, paisa: int, points: int) -> Entry:
    """The power bank is out: what was held is paid."""
    return _entry(
        PostingKind.SETTLE,
        paisa=[(HELD, ledger.REVENUE_RENTAL, paisa)],
        points=[(HELD_POINTS, ledger.LIABILITY_POINTS, points)],
    )


def release(*, paisa: int, points: int) -> Entry:
    """The power bank did not come out: what was held goes back to the wallet."""
    return _entry(PostingKind.RELEASE, paisa=[(HELD, WALLET, paisa)], points=[(HELD_POINTS, POINTS, points)])


def charge(*, paisa: int, points: int) -> Entry:
    """A rental whose hold was released is reopened: its price is paid from the wallet."""
    return _pay(PostingKind.CHARGE, paisa, points)


def extension(*, paisa: int, points: int) -> Entry:
    """A rental is extended: the price of the package is paid."""
    return _pay(PostingKind.EXTENSION, paisa, points)


def charge_undone(payment: PostingKind, *, paisa: int, points: int, due_paisa: int) -> Entry:
    """The power bank of a rental was never out: a payment of kind `payment` goes back, and the due ends."""
    return _entry(
        PostingKind.CHARGE_UNDONE,
        paisa=[(REVENUE_OF[payment], WALLET, paisa), (DUE, ledger.RECEIVABLE_DUE, due_paisa)],
        points=[(ledger.LIABILITY_POINTS, POINTS, points)],
    )


def late_fee(*, paisa: int, points: int) -> Entry:
    """The late fee of a returned rental is paid."""
    return _pay(PostingKind.LATE_FEE, paisa, points)


def cancel(*, paisa: int, points: int) -> Entry:
    """A rental is cancelled after a return within a few minutes: all that was paid goes back to the customer."""
    return _entry(
        PostingKind.CANCEL,
        paisa=[(ledger.REVENUE_RENTAL, WALLET, paisa)],
        points=[(ledger.LIABILITY_POINTS, POINTS, points)],
    )


def found(*, due_paisa: int, wallet_paisa: int, points: int) -> Entry:
    """A lost power bank is back: the price of the loss is owed no more, or goes back to where it was paid from."""
    return _entry(
        PostingKind.FOUND,
        paisa=[(DUE, ledger.RECEIVABLE_DUE, due_paisa), (ledger.REVENUE_DUE, WALLET, wallet_paisa)],
        points=[(ledger.LIABILITY_POINTS, POINTS, points)],
    )


def due(paisa: int) -> Entry:
    """A rental costs what its customer cannot pay now: the customer owes it."""
    return _entry(PostingKind.DUE, paisa=[(ledger.RECEIVABLE_DUE, DUE, paisa)])


def pay_due(*, due_paisa: int, wallet_paisa: int, points: int) -> Entry:
    """The customer pays `due_paisa` that was owed, with `wallet_paisa` and `points`."""
    return _entry(
        PostingKind.PAY_DUE,
        paisa=[(WALLET, ledger.REVENUE_DUE, wallet_paisa), (DUE, ledger.RECEIVABLE_DUE, due_paisa)],
        points=[(POINTS, ledger.LIABILITY_POINTS, points)],
    )


def refund_by_gateway(*, paisa: int, points: int) -> Entry:
    """An operator approved a refund of a top-up. The service will send it to the gateway."""
    return _refund_topup(ledger.REFUND_IN_FLIGHT, paisa, points)


def refund_by_hand(*, paisa: int, points: int) -> Entry:
    """A refund of a top-up is approved, and an operator has paid it outside the system."""
    return _refund_topup(ledger.REFUND_BY_HAND, paisa, points)


def refund_payment(payment: PostingKind, *, paisa: int, points: int) -> Entry:
    """A payment of kind `payment` for a rental goes back to the wallet. Raises KeyError for another kind."""
    return _entry(
        PostingKind.REFUND,
        paisa=[(REVENUE_OF[payment], WALLET, paisa)],
        points=[(ledger.LIABILITY_POINTS, POINTS, points)],
    )


def refund_paid(refund: Refund) -> Entry:
    """The customer has the money of a refund in flight: its gateway paid it, or an operator did."""
    by_hand = refund.method is RefundMethod.BY_HAND
    target = ledger.REFUND_BY_HAND if by_hand else gateway_account(str(refund.gateway))
    return _entry(PostingKind.REFUND_PAID, paisa=[(ledger.REFUND_IN_FLIGHT, target, refund.amount_paisa)])


def refund_returned(refund: Refund) -> Entry:
    """A refund in flight was not paid: its money and its points go back to the wallet."""
    return _entry(
        PostingKind.REFUND_RETURNED,
        paisa=[(ledger.REFUND_IN_FLIGHT, WALLET, refund.amount_paisa)],
        points=[(ledger.LIABILITY_POINTS, POINTS, refund.points)],
    )


def reversal(gateway: str, split: ReversalSplit) -> Entry:
    """A gateway gave back money of a credited top-up: the wallet returns its part, and the rest is a loss.

    The customer owes the part of the loss that becomes a due.
    """
    account = gateway_account(gateway)
    lost_paisa = split.loss_paisa + split.due_paisa
    return _entry(
        PostingKind.REVERSAL,
        paisa=[
            (WALLET, account, split.wallet_paisa),
            (ledger.LOSS_REVERSED, account, lost_paisa),
            (ledger.RECEIVABLE_DUE, DUE, split.due_paisa),
        ],
    )


def reversal_restored(gateway: str, split: ReversalSplit, *, by_hand: bool = False) -> Entry:
    """A gateway has money of a reversed top-up again: the wallet gets its part, and the rest is no loss any more.

    The customer no longer owes the due of `split`. An operator pays the wallet's part `by_hand` to a customer who has
    deleted the account.
    """
    account = gateway_account(gateway)
    return _entry(
        PostingKind.REVERSAL_RESTORED,
        paisa=[
            (account, ledger.REFUND_BY_HAND if by_hand else WALLET, split.wallet_paisa),
            (account, ledger.LOSS_REVERSED, split.loss_paisa + split.due_paisa),
            (DUE, ledger.RECEIVABLE_DUE, split.due_paisa),
        ],
    )


def reversal_paid(paisa: int) -> Entry:
    """The customer pays what was owed of a reversed top-up."""
    return _entry(
        PostingKind.REVERSAL_PAID,
        paisa=[(WALLET, ledger.LOSS_REVERSED, paisa), (DUE, ledger.RECEIVABLE_DUE, paisa)],
    )


def forfeit(*, paisa: int, points: int) -> Entry:
    """An account is deleted with a balance that its user gives up."""
    return _entry(
        PostingKind.FORFEIT,
        paisa=[(WALLET, ledger.REVENUE_FORFEITED, paisa)],
        points=[(POINTS, ledger.LIABILITY_POINTS, points)],
    )


Transfer = tuple[str, str, int]
"""From an account, to an account, how much."""


def _entry(kind: PostingKind, *, paisa: Iterable[Transfer] = (), points: Iterable[Transfer] = ()) -> Entry:
    return Entry(kind, ledger.legs(paisa=_both_ends(paisa), points=_both_ends(points)))


def _both_ends(transfers: Iterable[Transfer]) -> list[tuple[str, int]]:
    return [end for source, target, amount in transfers for end in ((source, -amount), (target, amount))]


def _pay(kind: PostingKind, paisa: int, points: int) -> Entry:
    return _entry(kind, paisa=[(WALLET, REVENUE_OF[kind], paisa)], points=[(POINTS, ledger.LIABILITY_POINTS, points)])


def _refund_topup(target: str, paisa: int, points: int) -> Entry:
    return _entry(
        PostingKind.REFUND,
        paisa=[(WALLET, target, paisa)],
        points=[(POINTS, ledger.LIABILITY_POINTS, points)],
    )
