"""The wallet: balance, transactions, statement: /api/user."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.money.ledger_entries import REVENUE_OF
from chalicelib.domain.money.transaction_texts import TYPE_TEXTS, line_text
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, one_of
from chalicelib.edge.models import Page, PageInfo, PageQuery, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.wallet import statements
from chalicelib.services.wallet import transactions as wallet_transactions
from chalicelib.services.wallet.statements import Statement
from chalicelib.services.wallet.transactions import TransactionLine
from chalicelib.wiring import world
from functions.params import FirstDay, LastDay, span_of, today
from functions.routing import blueprint
from functions.schemas import CURRENCY, WalletResponse, to_wallet_response
from functions.tags import Tag

routes = blueprint(__name__, Tag.WALLET)

LineType = Literal["topup", "rental", "extension", "late_fee", "due", "refund", "adjustment"]
OF_TOPUPS = frozenset({PostingKind.TOPUP, PostingKind.REVERSAL, PostingKind.REVERSAL_RESTORED})
"""Kinds of postings that refer to a top-up."""
LineStatus = Literal["pending", "success", "failed", "refunded"]

OF_RENTALS = REVENUE_OF.keys() | {
    PostingKind.HOLD,
    PostingKind.RELEASE,
    PostingKind.DUE,
    PostingKind.CANCEL,
    PostingKind.FOUND,
    PostingKind.CHARGE_UNDONE,
}
"""Kinds of postings that refer to a rental."""


class TransactionsQuery(PageQuery):
    type: Annotated[LineType, Field(description="Only transactions of this type")] | None = None
    status: Annotated[LineStatus, Field(description="Only transactions in this state")] | None = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def matches(self, line: TransactionLine) -> bool:
        return self.status in (None, line.status)


class TransactionResponse(ResponseModel):
    id: str
    type: Annotated[str, one_of(get_args(LineType))]
    amount: Rupees
    points: int
    status: Annotated[str, one_of(get_args(LineStatus))]
    description: str
    rental_id: str | None
    intent_id: str | None
    created_at: Time


@routes.get("/api/user/wallet", response=WalletResponse)
def wallet(caller: Caller) -> Response:
    """The balance, the held and due amounts, and the points."""
    return ok(to_wallet_response(caller.account))


@routes.get("/api/user/transactions", query=TransactionsQuery, response=Page[TransactionResponse])
def transactions(query: TransactionsQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """Transactions of the wallet, newest first."""
    span, before = span_of(query.start_date, query.end_date), cursor.number("before")
    lines, following = wallet_transactions.transactions(
        caller, limit=query.limit, before=before, matches=query.matches, kind=query.type, span=span
    )
    results = [to_transaction_response(line, language) for line in lines]
    return ok(Page[TransactionResponse].of(results, cursor.following(before=following)))


def to_transaction_response(line: TransactionLine, language: str) -> TransactionResponse:
    return TransactionResponse(
        id=line.posting.transaction_id,
        type=line.kind,
        amount=money_text(abs(line.wallet_paisa)),
        points=line.points,
        status=line.status,
        description=line_text(line.posting.kind, line.kind).render(language)
        if line.kind is wallet_transactions.LineType.ADJUSTMENT
        else TYPE_TEXTS[line.kind].render(language),
        rental_id=line.posting.ref if line.posting.kind in OF_RENTALS else None,
        intent_id=line.posting.ref if line.posting.kind in OF_TOPUPS else None,
        created_at=time_text(line.posting.at),
    )


class StatementQuery(PageQuery):
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class StatementLine(ResponseModel):
    id: str
    type: Annotated[str, one_of(wallet_transactions.TYPES)]
    description: str
    amount: Rupees
    points: int
    balance_after: Rupees
    points_after: int
    rental_id: str | None
    intent_id: str | None
    created_at: Time


class StatementResponse(ResponseModel):
    start_date: DayText
    end_date: DayText
    currency: Currency
    opening_balance: Rupees
    closing_balance: Rupees
    opening_points: int
    closing_points: int
    total_in: Rupees
    total_out: Rupees
    lines: list[StatementLine]
    next_cursor: str | None
    pagination: PageInfo


@routes.get("/api/user/statement", query=StatementQuery, response=StatementResponse)
def statement(query: StatementQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """Wallet movements in a range of days, oldest first.

    On each page, the opening balance and the lines add up to the closing balance.
    """
    start, end = _days(query, today(world().now()), cursor)
    page = statements.page(caller, span_of(start, end), limit=query.limit, after=cursor.number("after"))
    # The cursor holds both days, since their defaults change at midnight.
    next_cursor = cursor.following(after=page.last_seq, start=start.isoformat(), end=end.isoformat())
    lines = [to_statement_line(posting, language) for posting in page.lines]
    return ok(to_statement_response(page, lines, (start, end), next_cursor))


def _days(query: StatementQuery, now: date, cursor: Cursor) -> tuple[date, date]:
    """The days that the cursor holds, or those of the query. Raises Problem("invalid_input")."""
    start, end = cursor.text("start"), cursor.text("end")
    if start is not None and end is not None:
        return date.fromisoformat(start), date.fromisoformat(end)
    return statements.days_of(query.start_date, query.end_date, now)


def to_statement_response(
    page: Statement, lines: list[StatementLine], days: tuple[date, date], next_cursor: str | None
) -> StatementResponse:
    return StatementResponse(
        start_date=days[0].isoformat(),
        end_date=days[1].isoformat(),
        currency=CURRENCY,
        opening_balance=money_text(page.opening.wallet_paisa),
        closing_balance=money_text(page.closing.wallet_paisa),
        opening_points=page.opening.points,
        closing_points=page.closing.points,
        total_in=money_text(page.received_paisa),
        total_out=money_text(page.spent_paisa),
        lines=lines,
        next_cursor=next_cursor,
        pagination=PageInfo(count=len(page.lines), has_next=next_cursor is not None),
    )


def to_statement_line(posting: Posting, language: str) -> StatementLine:
    kind = wallet_transactions.type_of(posting)
    return StatementLine(
        id=posting.transaction_id,
        type=kind,
        description=line_text(posting.kind, kind).render(language),
        amount=money_text(posting.change_of("wallet")),
        points=posting.change_of("points"),
        balance_after=money_text(posting.wallet_after_paisa),
        points_after=posting.points_after,
        rental_id=posting.ref if posting.kind in OF_RENTALS else None,
        intent_id=posting.ref if kind is wallet_transactions.LineType.TOPUP else None,
        created_at=time_text(posting.at),
    )
