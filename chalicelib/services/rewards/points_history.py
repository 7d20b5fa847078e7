"""A user's points: how they changed, newest first, and their totals by source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.rewards.point_sources import PointChange, rental_id_of, source_of
from chalicelib.services.caller import Caller
from chalicelib.services.filtered_pages import ListPart, read_matching
from chalicelib.tables import postings

PAGE = 100
"""How many postings are read at once."""


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

    A page may be short, or empty, before the end.
    """

    def read_part(behind: int | None) -> ListPart[int, PointChange]:
        part = postings.newest(caller.user_id, before=behind, limit=PAGE)
        more_follow = len(part) == PAGE and part[-1].seq > 1
        return ListPart([(posting.seq, change_of(posting)) for posting in part], more_follow)

    return read_matching(read_part, before, limit, matches)


def change_of(posting: Posting) -> PointChange | None:
    """What a posting did to the points that can be spent. None when it moved none of them."""
    points = posting.change_of("points")
    if not points:
        return None
    source, earned = source_of(posting.kind, posting.ref), posting.kind is PostingKind.POINTS
    return PointChange(posting.transaction_id, points, earned, source, rental_id_of(source, posting.ref), posting.at)
