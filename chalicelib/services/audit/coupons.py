"""The audit of coupons and achievements: the points that one account has for them, its uses of each coupon, and the
cap of one coupon."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.rewards.coupon import Coupon, UserCouponCount
from chalicelib.domain.rewards.point_rules import ACHIEVEMENT, COUPON, achievement_award_id, coupon_award_id
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.tables import accounts, coupons
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


@dataclass(frozen=True)
class CouponCase:
    """A coupon, and how often it was used."""

    coupon: Coupon | None
    uses_count: int


def load(world: World, code: str) -> CouponCase:  # noqa: ARG001  every check loads by world and id
    """The case of one coupon. Raises Problem("storage_unavailable")."""
    coupon_key = coupons.coupon_key(code)
    rows = fetch(coupon_key, *coupons.counter_keys(code))
    return CouponCase(rows[coupon_key], coupons.uses_count(code, rows))


def coupon_violations(world: World, case: CouponCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """A coupon is used no more often than its cap allows."""
    cap = case.coupon.max_total_uses if case.coupon is not None else None
    if case.coupon is not None and cap is not None and case.uses_count > cap:
        yield Violation("coupon_used_too_often", case.coupon.code, f"{case.uses_count} {cap}")


@dataclass(frozen=True)
class UseCountCase:
    """How often a user has used a coupon: as it is counted, and by the uses."""

    user_id: str
    code: str
    account: Account | None
    count: UserCouponCount | None
    uses_count: int


def load_use_count(world: World, subject: tuple[str, str]) -> UseCountCase:  # noqa: ARG001  as every check
    """The case of a user's id and a coupon's code. Raises Problem("storage_unavailable")."""
    user_id, code = subject
    account_key, count_key = accounts.account_key(user_id), coupons.count_key(user_id, code)
    rows = fetch(account_key, count_key)
    uses_count = sum(use.code == code for use in coupons.uses_of_user(user_id))
    return UseCountCase(user_id, code, rows[account_key], rows[count_key], uses_count)


def use_count_violations(world: World, case: UseCountCase) -> Iterator[Violation]:  # noqa: ARG001  as every check
    """The count, by which the cap of each user is kept, agrees with the uses. A deletion removes both in parts."""
    if case.count is None or case.account is None or case.account.deleted:
        return
    if case.count.uses_count != case.uses_count:
        detail = f"{case.code} {case.count.uses_count} {case.uses_count}"
        yield Violation("coupon_count_differs", case.user_id, detail)


def use_violations(case: AccountCase) -> Iterator[Violation]:
    """Uses of coupons and achievements have their points, and no points are without one. Uses are of coupons that
    exist, and are counted. A deletion removes them all."""
    if case.account.deleted:
        return
    user_id = case.account.user_id
    used = _of_part(case, {coupon_award_id(use.use_id): use.points for use in case.coupon_uses})
    if used != _earned(case, COUPON):
        yield Violation("coupon_points_differ", user_id, f"{len(used)}")
    awarded = {achievement_award_id(item.achievement_id): item.points for item in case.achievements if item.points}
    unlocked = _of_part(case, awarded)
    if unlocked != _earned(case, ACHIEVEMENT):
        yield Violation("achievement_points_differ", user_id, f"{len(unlocked)}")
    if case.part.is_first:
        yield from (Violation("used_coupon_gone", user_id, code) for code in sorted(case.lost_coupons))
        yield from (Violation("coupon_count_gone", user_id, code) for code in sorted(case.lost_coupon_counts))
        yield from (Violation("coupon_counter_behind", name, user_id) for name in sorted(case.lost_counters))


def _of_part(case: AccountCase, points: dict[str, int]) -> dict[str, int]:
    return {award_id: amount for award_id, amount in points.items() if case.part.holds(award_id)}


def _earned(case: AccountCase, awards: str) -> dict[str, int]:
    """The points of the postings whose reference begins with `awards`, by reference."""
    return {ref: sums.moved("points") for ref, sums in case.ledger.refs.items() if ref.startswith(awards)}
