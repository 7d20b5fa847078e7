"""A wallet's transactions, newest first, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.payments.refund import RefundState
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.text.days import ALWAYS, Span
from chalicelib.services.caller import Caller
from chalicelib.services.filtered_pages import ListPart, read_matching
from chalicelib.services.refunds.refundable_amount import REFUNDABLE
from chalicelib.services.wallet import posting_at
from chalicelib.tables import postings, refunds, rentals
from chalicelib.tables.dynamodb import fetch


class LineType(StrEnum):
    """The type of a movement in the API."""

    TOPUP = "topup"
    RENTAL = "rental"
    EXTENSION = "extension"
    LATE_FEE = "late_fee"
    DUE = "due"
    REFUND = "refund"
    POINTS = "points"
    ADJUSTMENT = "adjustment"


class LineStatus(StrEnum):
    """The current status of a movement in the API."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    REFUNDED = "refunded"


@dataclass(frozen=True)
class TransactionLine:
    """One line of the wallet's history, as customers see it. `wallet_paisa` and `points` are signed."""

    posting: Posting
    kind: LineType
    status: LineStatus
    wallet_paisa: int
    points: int


SHOWN_AS = {
    PostingKind.TOPUP: (LineType.TOPUP, LineStatus.SUCCESS),
    PostingKind.HOLD: (LineType.RENTAL, LineStatus.PENDING),
    PostingKind.SETTLE: (LineType.RENTAL, LineStatus.SUCCESS),
    PostingKind.RELEASE: (LineType.RENTAL, LineStatus.FAILED),
    PostingKind.CHARGE: (LineType.RENTAL, LineStatus.SUCCESS),
    PostingKind.EXTENSION: (LineType.EXTENSION, LineStatus.SUCCESS),
    PostingKind.LATE_FEE: (LineType.LATE_FEE, LineStatus.SUCCESS),
    PostingKind.CANCEL: (LineType.REFUND, LineStatus.SUCCESS),
    PostingKind.FOUND: (LineType.REFUND, LineStatus.SUCCESS),
    PostingKind.DUE: (LineType.DUE, LineStatus.PENDING),
    PostingKind.PAY_DUE: (LineType.DUE, LineStatus.SUCCESS),
    PostingKind.REFUND: (LineType.REFUND, LineStatus.PENDING),
    PostingKind.REVERSAL: (LineType.ADJUSTMENT, LineStatus.SUCCESS),
    PostingKind.REVERSAL_RESTORED: (LineType.ADJUSTMENT, LineStatus.SUCCESS),
    PostingKind.REVERSAL_PAID: (LineType.ADJUSTMENT, LineStatus.SUCCESS),
    PostingKind.CHARGE_UNDONE: (LineType.ADJUSTMENT, LineStatus.SUCCESS),
    PostingKind.BALANCE_ADDED: (LineType.ADJUSTMENT, LineStatus.SUCCESS),
}
REVERSALS = frozenset({PostingKind.REVERSAL, PostingKind.REVERSAL_RESTORED})
STATED_AS = {
    PostingKind.POINTS: LineType.POINTS,
    PostingKind.REFUND_PAID: LineType.REFUND,
    PostingKind.REFUND_RETURNED: LineType.REFUND,
    PostingKind.FORFEIT: LineType.ADJUSTMENT,
}
"""Types of the postings that only statements show."""
TYPES = tuple(dict.fromkeys([kind for kind, _ in SHOWN_AS.values()] + list(STATED_AS.values())))
"""Every type that a line of a statement may have."""
REFUND_SHOWN_AS = {RefundState.PROCESSED: LineStatus.SUCCESS, RefundState.FAILED: LineStatus.FAILED}


def type_of(posting: Posting) -> LineType:
    """The posting's type in the API."""
    shown = SHOWN_AS.get(posting.kind)
    return shown[0] if shown else STATED_AS[posting.kind]


def line_of(posting: Posting, account: Account) -> TransactionLine | None:
    """The line of a posting.

    None when another line shows the same: an ended hold, a due of an account without dues.
    """
    shown = SHOWN_AS.get(posting.kind)
    if shown is None:
        return None
    still_held = account.open_rental_id == posting.ref and (account.held_paisa or account.held_points)
    if posting.kind is PostingKind.HOLD and not still_held:
        return None
    if posting.kind is PostingKind.DUE and account.due_paisa == 0:
        return None
    if posting.kind in REVERSALS and not posting.change_of("wallet"):
        return None
    wallet, points = posting.change_of("wallet"), posting.change_of("points")
    if posting.kind is PostingKind.FOUND and not (wallet or points):
        return None
    if posting.kind is PostingKind.SETTLE:
        wallet, points = posting.change_of("held"), posting.change_of("held_points")
    if posting.kind is PostingKind.DUE:
        wallet = -posting.change_of("due")
    return TransactionLine(posting, *shown, wallet, points)


def with_current_status(lines: Sequence[TransactionLine]) -> list[TransactionLine]:
    """Up to 100 lines with the current status of refunds and of refunded payments, in at most one batch read.

    They may be of several users. The line of a due is left out once its rental owes nothing of it.
    """
    refund_of = {_name(line): refunds.refund_key(line.posting.ref) for line in lines if line.kind is LineType.REFUND}
    tally_of = {
        _name(line): refunds.totals_key(line.posting.user_id, line.posting.seq)
        for line in lines
        if line.posting.kind in REFUNDABLE
    }
    rental_of = {
        _name(line): rentals.rental_key(line.posting.user_id, line.posting.ref)
        for line in lines
        if line.posting.kind is PostingKind.DUE
    }
    rows = fetch(*refund_of.values(), *tally_of.values(), *rental_of.values())

    def is_owed(line: TransactionLine) -> bool:
        rental = rows[rental_of[_name(line)]] if _name(line) in rental_of else None
        return rental is None or (rental.due_paisa > 0 and line.posting.seq > rental.paid_up_seq)

    def current(line: TransactionLine) -> TransactionLine:
        refund_key, tally_key = refund_of.get(_name(line)), tally_of.get(_name(line))
        refund = rows[refund_key] if refund_key else None
        totals = rows[tally_key] if tally_key else None
        if refund is not None:
            return replace(line, status=REFUND_SHOWN_AS.get(refund.state, line.status))
        return (
            replace(line, status=LineStatus.REFUNDED)
            if totals is not None and _fully_refunded(line, totals)
            else line
        )

    return [current(line) for line in lines if is_owed(line)]


def _name(line: TransactionLine) -> str:
    return line.posting.transaction_id


def _fully_refunded(line: TransactionLine, totals: RefundTotals) -> bool:
    """Whether the whole payment was refunded, and no refund of it is open: an open one may still be in flight."""
    if totals.open_refund_id is not None or not (totals.refunded_paisa or totals.refunded_points):
        return False
    points_too = line.kind is LineType.TOPUP or totals.refunded_points == abs(line.points)
    return totals.refunded_paisa == abs(line.wallet_paisa) and points_too


def transactions(
    caller: Caller,
    *,
    limit: int,
    before: int | None,
    matches: Callable[[TransactionLine], bool],
    kind: str | None = None,
    span: Span = ALWAYS,
) -> tuple[list[TransactionLine], int | None]:
    """Lines of the span older than posting `before`, and where the next page begins (None at the end).

    `limit` is 100 at most. `kind` leaves out lines of other types before their current status is read.
    """
    if before is None and span.end is not None:
        before = posting_at.last_seq_at(caller.account, span.end) + 1

    def read_part(behind: int | None) -> ListPart[int, TransactionLine]:
        part = postings.newest(caller.user_id, before=behind, limit=limit)
        inside = list(takewhile(lambda posting: span.start is None or posting.at >= span.start, part))
        shown = [line for posting in inside if (line := line_of(posting, caller.account)) is not None]
        current = with_current_status([line for line in shown if kind in (None, line.kind)])
        lines_by_seq = {line.posting.seq: line for line in current}
        more_follow = len(inside) == limit and inside[-1].seq > 1
        return ListPart([(posting.seq, lines_by_seq.get(posting.seq)) for posting in inside], more_follow)

    return read_matching(read_part, before, limit, matches)
