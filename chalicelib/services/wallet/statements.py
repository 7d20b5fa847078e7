"""A wallet's statement: its days, the opening balance, every movement in order, the closing balance."""

from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.days import Span
from chalicelib.services.caller import Caller
from chalicelib.services.wallet.posting_at import last_seq_before
from chalicelib.tables import postings

MAX_STATEMENT_DAYS = 93


@dataclass(frozen=True)
class Balance:
    """The wallet and the points after a posting. Held money is not part of it."""

    wallet_paisa: int = 0
    points: int = 0

    @classmethod
    def after(cls, posting: Posting) -> "Balance":
        return cls(posting.wallet_after_paisa, posting.points_after)


@dataclass(frozen=True)
class Statement:
    """A page of a statement: `opening` plus `lines` is `closing`, which is the opening balance of the next page.

    `last_seq` is the number of the posting after which the next page begins, None on the last page.
    """

    opening: Balance
    closing: Balance
    lines: list[Posting]
    last_seq: int | None

    @property
    def received_paisa(self) -> int:
        return sum(max(0, line.change_of("wallet")) for line in self.lines)

    @property
    def spent_paisa(self) -> int:
        return sum(max(0, -line.change_of("wallet")) for line in self.lines)


def days_of(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    """The first and the last day of a statement. Default: from the first day of the last day's month to today.

    Raises Problem("invalid_input") for no day or more than MAX_STATEMENT_DAYS.
    """
    last = end or today
    first = start or last.replace(day=1)
    if not 0 <= (last - first).days < MAX_STATEMENT_DAYS:
        message = validation_message("end_date_out_of_range", days=MAX_STATEMENT_DAYS)
        raise Problem("invalid_input", errors={"start_date": [message]})
    return first, last


def page(
    caller: Caller,
    span: Span,
    *,
    limit: int,
    after: int | None,
) -> Statement:
    """Up to `limit` postings of the span after posting `after` (None: from the span's beginning), oldest first.

    A posting that moves neither wallet nor points makes no line, so another page may follow a short one.
    """
    since = last_seq_before(caller.account, span) if after is None else after
    # The posting before the page holds the opening balance. If there is one after the page, another page follows.
    read_postings = postings.oldest(caller.user_id, since=max(since, 1), limit=limit + 2)
    before, rest = (read_postings[:1], read_postings[1:]) if since else ([], read_postings)
    postings_in_span = list(takewhile(lambda posting: span.covers(posting.at), rest))
    postings_on_page = postings_in_span[:limit]
    opening = Balance.after(before[0]) if before else Balance()
    return Statement(
        opening,
        Balance.after(postings_on_page[-1]) if postings_on_page else opening,
        [posting for posting in postings_on_page if posting.change_of("wallet") or posting.change_of("points")],
        postings_on_page[-1].seq if len(postings_in_span) > limit else None,
    )
