"""Lists who used a coupon, for operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rewards.coupon import CouponUse
from chalicelib.domain.text.typed_code import typed_code
from chalicelib.tables import coupons, users
from chalicelib.tables.dynamodb import fetch, fetch_many


@dataclass(frozen=True)
class UsagesPage:
    """Uses of a coupon, newest first, with the usernames of their users by id.

    `following` is the cursor of the next page, and None at the end. `listed` counts the uses with page numbers, at
    most MAX_LISTED, and `total` all uses.
    """

    uses: Sequence[CouponUse]
    usernames: Mapping[str, str]
    following: str | None
    listed: int
    total: int


def page_of(written: str, page: NumberedPage, *, before: str | None) -> UsagesPage:
    """The uses of a coupon older than `before`, or its page by number. Raises Problem("not_found")."""
    code = must_exist(typed_code(written))
    coupon_key = coupons.coupon_key(code)
    rows = fetch(coupon_key, *coupons.counter_keys(code))
    must_exist(rows[coupon_key])
    by_cursor = before is not None
    keys = coupons.newest_use_keys(code, before=before, limit=page.read_limit(by_cursor=by_cursor))
    of_page, more_follow, listed = page.of_keys(keys, by_cursor=by_cursor)
    uses = fetch_many(of_page)
    names = {user.user_id: user.username for user in fetch_many([users.user_key(key.hash_key) for key in of_page])}
    following = str(of_page[-1].range_key) if more_follow else None
    return UsagesPage(uses, names, following, listed, coupons.uses_count(code, rows))
