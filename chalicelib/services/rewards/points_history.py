"""A user's points: how they changed, newest first, and their totals by source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.rewards.point_sources import PointChange, rental_id_of, source_of
from chalicelib.services.caller import Caller
from chalicelib.tables import postings

PAGE, MAX_PAGES = 100, 5


@dataclass(frozen=True)
class PointsSummary:
    """Totals of an account. What was earned less what was spent is what is left."""

    points: int
    value_paisa: int
    earned: int
    spent: int
    by_source: Mapping[str, int]


def summary(account: Account) -> PointsSummary:
    """The totals, all from the account row."""
    earned, points = account.points_earned, account.points
    return PointsSummary(points, points * PAISA_PER_POINT, earned, earned - points, account.points_by_source)


def history(
    caller: Caller, *, limit: int, before: int | None, matches: Callable[[PointChange], bool]
) -> tuple[list[PointChange], int | None]:
    """Matching changes older than posting `before`, newest first, and where the next page begins (None at the end).

    A page reads at most MAX_PAGES times PAGE postings, so that it may be short, or empty, before the end.
    """
    changes: list[PointChange] = []
    for _ in range(MAX_PAGES):
        page = postings.newest(caller.user_id, before=before, limit=PAGE)
        for posting in page:
            before = posting.seq
            change = change_of(posting)
            if change is not None and matches(change):
                changes.append(change)
            if len(changes) == limit:
                return changes, before if before > 1 else None
        if len(page) < PAGE:
            return changes, None
    return changes, before


def change_of(posting: Posting) -> PointChange | None:
    """What a posting did to the points that can be spent. None when it moved none of them."""
    points = posting.change_of("points")
    if not points:
        return None
    source, earned = source_of(posting.kind, posting.ref), posting.kind is PostingKind.POINTS
    return PointChange(posting.transaction_id, points, earned, source, rental_id_of(source, posting.ref), posting.at)
