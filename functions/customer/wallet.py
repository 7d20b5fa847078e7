"""The wallet: balance, transactions, statement: /api/user."""

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from chalicelib.domain.days import Span
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.problems import Problem
from chalicelib.edge import pagination
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, one_of
from chalicelib.edge.models import Count, Listed, PageAsked, Told
from chalicelib.edge.parsing import query
from chalicelib.edge.responses import Answer, money_text, ok
from chalicelib.services.wallet import statements
from chalicelib.services.wallet import transactions as wallet_transactions
from chalicelib.services.wallet.statements import Statement
from chalicelib.services.wallet.transactions import Line
from chalicelib.wiring import world
from functions.params import FirstDay, LastDay, span_of, today
from functions.routing import doors
from functions.schemas import CURRENCY, WalletView, time_text, wallet_view
from functions.tags import Tag

routes = doors(__name__, Tag.WALLET)

LineType = Literal["topup", "rental", "extension", "late_fee", "due", "refund", "adjustment"]
LineStatus = Literal["pending", "success", "failed", "refunded"]

DESCRIPTIONS = {"topup": "Wallet top-up", "rental": "Rental", "late_fee": "Late fee", "due": "Rental due"} | {
    "refund": "Refund",
}
MOST_DAYS = 93
RENTALS = {"rental", "extension", "late_fee", "due"}
"""Types whose posting is about a rental."""
MORE_DESCRIPTIONS = {
    PostingKind.HOLD: "Rental, set aside",
    PostingKind.RELEASE: "Rental, given back",
    PostingKind.POINTS: "Points",
    PostingKind.REFUND_PAID: "Refund, arrived",
    PostingKind.REFUND_RETURNED: "Refund that did not go out",
    PostingKind.FORFEIT: "Left behind with the account",
}
"""Of movements that the transactions tell otherwise, or not at all."""


class TransactionsAsked(PageAsked):
    type: Annotated[LineType, Field(description="Only transactions of this type")] | None = None
    status: Annotated[LineStatus, Field(description="Only transactions in this state")] | None = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class TransactionView(Told):
    id: str
    type: Annotated[str, one_of(get_args(LineType))]
    amount: Rupees
    points: int
    status: Annotated[str, one_of(get_args(LineStatus))]
    description: str
    rental_id: str | None
    intent_id: str | None
    created_at: Time


@routes.get("/api/user/wallet", answer=WalletView)
def wallet() -> Answer:
    """Balance, what is held and due, and points."""
    return ok(wallet_view(caller(routes).account))


@routes.get("/api/user/transactions", query=TransactionsAsked, answer=Listed[TransactionView])
def transactions() -> Answer:
    """The wallet's history, newest first."""
    asked = query(routes, TransactionsAsked)
    who = caller(routes)
    span: Span = span_of(asked.start_date, asked.end_date)

    def wanted(line: Line) -> bool:
        return asked.status in (None, line.status)

    position = pagination.opened(routes, who.user_id, asked)
    before = int(position["before"]) if position else None
    lines, following = wallet_transactions.transactions(
        world(), who, limit=asked.limit, before=before, wanted=wanted, kind=asked.type, span=span
    )
    following_cursor = pagination.sealed(routes, who.user_id, asked, {"before": following}) if following else None
    return ok(Listed[TransactionView].of([transaction_view(line) for line in lines], following_cursor))


def transaction_view(line: Line) -> TransactionView:
    topup = line.kind == "topup"
    return TransactionView(
        id=f"{line.posting.user_id}-{line.posting.seq}",
        type=line.kind,
        amount=money_text(abs(line.wallet_paisa)),
        points=line.points,
        status=line.status,
        description=DESCRIPTIONS[line.kind],
        rental_id=None if line.kind in ("topup", "refund") else line.posting.ref,
        intent_id=line.posting.ref if topup else None,
        created_at=time_text(line.posting.at),
    )


class StatementAsked(PageAsked):
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class StatementLine(Told):
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


class StatementView(Told):
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
    pagination: Count


@routes.get("/api/user/statement", query=StatementAsked, answer=StatementView)
def statement() -> Answer:
    """The wallet's movements in a span of days, oldest first: opening plus lines is closing, on each page."""
    asked = query(routes, StatementAsked)
    who = caller(routes)
    position = pagination.opened(routes, who.user_id, asked)
    start, end = _days(asked, today(world().now()), position)
    after = int(position["after"]) if position else None
    found = statements.page(world(), who, span_of(start, end), limit=asked.limit, after=after)
    following = None
    if found.following is not None:
        # The days go along: those that were not named are other ones tomorrow.
        place = {"after": found.following, "start": start.isoformat(), "end": end.isoformat()}
        following = pagination.sealed(routes, who.user_id, asked, place)
    return ok(statement_view(found, start, end, following))


def _days(asked: StatementAsked, now: date, position: dict[str, Any] | None) -> tuple[date, date]:
    """Both included: by default to now, from the month's first day. Raises Problem("invalid_input")."""
    if position is not None:
        return date.fromisoformat(position["start"]), date.fromisoformat(position["end"])
    end = asked.end_date or now
    start = asked.start_date or end.replace(day=1)
    if not 0 <= (end - start).days < MOST_DAYS:
        raise Problem("invalid_input", errors={"start_date": [f"to end_date it is 1 to {MOST_DAYS} days"]})
    return start, end


def statement_view(found: Statement, start: date, end: date, following: str | None) -> StatementView:
    return StatementView(
        start_date=start.isoformat(),
        end_date=end.isoformat(),
        currency=CURRENCY,
        opening_balance=money_text(found.opening.wallet_paisa),
        closing_balance=money_text(found.closing.wallet_paisa),
        opening_points=found.opening.points,
        closing_points=found.closing.points,
        total_in=money_text(found.in_paisa),
        total_out=money_text(found.out_paisa),
        lines=[line_view(posting) for posting in found.lines],
        next_cursor=following,
        pagination=Count(count=len(found.lines), has_next=following is not None),
    )


def line_view(posting: Posting) -> StatementLine:
    kind = wallet_transactions.type_of(posting)
    return StatementLine(
        id=f"{posting.user_id}-{posting.seq}",
        type=kind,
        description=MORE_DESCRIPTIONS.get(posting.kind) or DESCRIPTIONS[kind],
        amount=money_text(posting.of("wallet")),
        points=posting.of("points"),
        balance_after=money_text(posting.wallet_after_paisa),
        points_after=posting.points_after,
        rental_id=posting.ref if kind in RENTALS else None,
        intent_id=posting.ref if kind == "topup" else None,
        created_at=time_text(posting.at),
    )
