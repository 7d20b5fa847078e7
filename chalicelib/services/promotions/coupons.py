"""Uses of coupons by customers: each use earns its points once, within the caps of the coupon."""

from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rewards.coupon import Coupon, CouponStatus, CouponUse, UserCouponCount
from chalicelib.domain.rewards.point_rules import coupon_award_id
from chalicelib.domain.text.days import day_of
from chalicelib.domain.text.typed_code import typed_code
from chalicelib.services import idempotency
from chalicelib.services.auth import code_guesses, earned_before
from chalicelib.services.auth.earned_before import EarnedBefore
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, coupons, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World

GUESSES = "coupon"


def apply_keys(user_id: str, written: str) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller: the user, the coupon, its counters, and the user's count."""
    code = typed_code(written)
    if code is None:
        return ()
    user_key = users.user_key(user_id)
    return user_key, coupons.coupon_key(code), coupons.count_key(user_id, code), *coupons.counter_keys(code)


def apply_coupon(world: World, caller: Caller, written: str, address: str) -> CouponUse:
    """Use a coupon. `caller` was read with `apply_keys`.

    Coupon, caps, points and the claim of the Idempotency-Key are one transaction. A counter that another use has
    filled runs the decision again on fresh rows, so that exactly the cap is used. Raises Problem: coupon_unknown,
    coupon_not_started, coupon_expired, coupon_used_up, coupon_already_used, rate_limited.
    """
    if caller.earlier_resource_id is not None:
        return _earlier_use(caller.user_id, caller.earlier_resource_id)
    guess_limits = code_guesses.limits(world, GUESSES, address, caller.user_id)
    code, use_id = typed_code(written), world.new_id()
    earned = _earned_before(world, caller, code)
    rows = fetch(*(limit.key for limit in guess_limits), *earned.keys)
    code_guesses.must_have_guesses(world, guess_limits, rows)
    if code is None or not _is_issued(caller.rows[coupons.coupon_key(code)]):
        code_guesses.count_wrong(world, guess_limits)
        raise Problem("coupon_unknown")

    def decide(ops: Transaction) -> CouponUse:
        current_caller = fresh_caller(world, caller, ops)
        coupon, now = _valid_coupon(world, current_caller.rows[coupons.coupon_key(code)]), world.now()
        count = current_caller.rows[coupons.count_key(caller.user_id, code)] or UserCouponCount(caller.user_id, code)
        earlier = rows if ops.attempt == 0 else fetch(*earned.keys)
        if count.uses_count >= coupon.max_uses_per_user or earned.by_another(earlier):
            raise Problem("coupon_already_used")
        counter, uses_count = _stage_count(ops, current_caller, coupon)
        use = CouponUse(caller.user_id, use_id, code, coupon.name, coupon.points, now, counter, uses_count)
        _stage_use(ops, world, current_caller.account, use)
        earned.stage(ops, earlier)
        coupons.save_count(ops, count.used())
        idempotency.claim(ops, world, current_caller.idempotency, use_id)
        return use

    use = atomic(world, decide)
    log.fact("coupon_used", user_id=caller.user_id)
    return use


def _earned_before(world: World, caller: Caller, code: str | None) -> EarnedBefore:
    """The rows that say who used the coupon with the caller's phone number or e-mail address."""
    user = caller.rows[users.user_key(caller.user_id)] if code is not None else None
    if code is None or user is None:
        return EarnedBefore(caller.user_id, earned_before.COUPON, ())
    return earned_before.of_user(world, user, earned_before.COUPON, code)


def _stage_use(ops: Transaction, world: World, account: Account, use: CouponUse) -> None:
    """Stage the use, its points and its posting."""
    accounts.save(ops, award_postings.stage(ops, world, account, coupon_award_id(use.use_id), use.points))
    coupons.add_use(ops, use)
    values = {"code": use.code, "points": use.points}
    inbox.notify(ops, world, use.user_id, NotificationKind.COUPON_APPLIED, values)


def _stage_count(ops: Transaction, caller: Caller, coupon: Coupon) -> tuple[int, int]:
    """Count the use in an open counter of the coupon. Raises Problem("coupon_used_up").

    Returns the counter, and how many uses it counts then at least: others may count theirs meanwhile.
    """
    counts = [caller.rows[key] or 0 for key in coupons.counter_keys(coupon.code)]
    counter = coupon.open_counter(counts, caller.user_id, ops.attempt)
    if counter is None:
        raise Problem("coupon_used_up")
    coupons.count_use(ops, coupon.code, counter, coupon.share_of(counter))
    return counter, counts[counter] + 1


def uses_of_caller(
    world: World, caller: Caller, *, limit: int, before: str | None
) -> tuple[list[tuple[CouponUse, CouponStatus]], str | None]:
    """Uses older than `before`, newest first, with the present status of the coupon, and the next cursor."""
    uses = coupons.newest_uses(caller.user_id, before=before, limit=limit + 1)
    page = uses[:limit]
    by_code = {coupon.code: coupon for coupon in fetch_many([*{coupons.coupon_key(use.code) for use in page}])}
    now = world.now()
    results = [
        (use, by_code[use.code].status_at(now) if use.code in by_code else CouponStatus.INACTIVE) for use in page
    ]
    return results, page[-1].use_id if len(uses) > limit else None


def _is_issued(coupon: Coupon | None) -> bool:
    return coupon is not None and coupon.active


def _valid_coupon(world: World, coupon: Coupon | None) -> Coupon:
    """Raises Problem: coupon_unknown, coupon_not_started, coupon_expired."""
    now = world.now()
    if coupon is None or not coupon.active:
        raise Problem("coupon_unknown")
    if now < coupon.valid_from:
        raise Problem("coupon_not_started", day=day_of(coupon.valid_from).isoformat())
    if coupon.status_at(now) is CouponStatus.EXPIRED:
        raise Problem("coupon_expired")
    return coupon


def _earlier_use(user_id: str, use_id: str) -> CouponUse:
    """The use that an earlier try of this request made. Raises Problem("not_found")."""
    return must_exist(fetch_one(coupons.use_key(user_id, use_id)))
