"""The wallet's statement: /api/user/statement."""

from datetime import date
from typing import Annotated, Any

from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.problems import Problem
from chalicelib.edge import cursor
from chalicelib.edge.body import Count, PageAsked, Told, money_text, query
from chalicelib.edge.caller import caller
from chalicelib.edge.formats import Currency, DayText, Rupees, Time, one_of
from chalicelib.edge.http import Answer, ok
from chalicelib.services import history, statements
from chalicelib.services.statements import Statement
from chalicelib.wiring import world
from functions.doors import doors
from functions.tags import Tag
from functions.users import DESCRIPTIONS
from functions.views import CURRENCY, time_text
from functions.words import FirstDay, LastDay, span_of, today

routes = doors(__name__, Tag.WALLET)
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


class StatementAsked(PageAsked):
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class StatementLine(Told):
    id: str
    type: Annotated[str, one_of(history.TYPES)]
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
    position = cursor.opened(routes, who.user_id, asked)
    start, end = _days(asked, today(world().now()), position)
    after = int(position["after"]) if position else None
    found = statements.page(world(), who, span_of(start, end), limit=asked.limit, after=after)
    following = None
    if found.following is not None:
        # The days go along: those that were not named are other ones tomorrow.
        place = {"after": found.following, "start": start.isoformat(), "end": end.isoformat()}
        following = cursor.sealed(routes, who.user_id, asked, place)
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
    kind = history.type_of(posting)
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
