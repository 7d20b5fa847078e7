"""Uses of coupons by customers: each use earns its points once, within the caps of the coupon."""

from typing import Any

from chalicelib import log
from chalicelib.domain.account import Account
from chalicelib.domain.coupon import Coupon, CouponStatus, CouponUse, UserCouponCount
from chalicelib.domain.days import day_of
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.domain.point_rules import coupon_award_id
from chalicelib.domain.problems import Problem
from chalicelib.domain.typed_code import typed_code
from chalicelib.services import idempotency
from chalicelib.services.auth import code_guesses
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.notifications import inbox
from chalicelib.services.rewards import award_postings
from chalicelib.tables import accounts, coupons
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World

GUESSES = "coupon"


def apply_keys(user_id: str, written: str) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller: the coupon, its counters, and the user's count."""
    code = typed_code(written)
    if code is None:
        return ()
    return coupons.coupon_key(code), coupons.count_key(user_id, code), *coupons.counter_keys(code)


def apply_coupon(world: World, caller: Caller, written: str, address: str) -> CouponUse:
    """Use a coupon. `caller` was read with `apply_keys`.

    Coupon, caps, points and the claim of the Idempotency-Key are one transaction. A counter that another use has
    filled runs the decision again on fresh rows, so that exactly the cap is used. Raises Problem: coupon_unknown,
    coupon_not_started, coupon_expired, coupon_used_up, coupon_already_used, rate_limited.
    """
    if caller.earlier_resource_id is not None:
        return _earlier_use(caller.user_id, caller.earlier_resource_id)
    guess_limits = code_guesses.limits(world, GUESSES, address, caller.user_id)
    code_guesses.must_have_guesses(world, guess_limits, fetch(*(limit.key for limit in guess_limits)))
    code, use_id = typed_code(written), world.new_id()
    if code is None or not _is_issued(caller.rows[coupons.coupon_key(code)]):
        code_guesses.count_wrong(world, guess_limits)
        raise Problem("coupon_unknown")

    def decide(ops: Transaction) -> CouponUse:
        current_caller = fresh_caller(world, caller, ops)
        coupon, now = current_caller.rows[coupons.coupon_key(code)], world.now()
        if coupon is None or not coupon.active:
            raise Problem("coupon_unknown")
        _must_be_valid(coupon, world)
        count = current_caller.rows[coupons.count_key(caller.user_id, code)] or UserCouponCount(caller.user_id, code)
        if count.uses_count >= coupon.max_uses_per_user:
            raise Problem("coupon_already_used")
        counts = [current_caller.rows[key] or 0 for key in coupons.counter_keys(code)]
        counter = coupon.counter_with_room(counts, caller.user_id, ops.attempt)
        if counter is None:
            raise Problem("coupon_used_up")
        use = CouponUse(caller.user_id, use_id, code, coupon.name, coupon.points, now)
        _stage_use(ops, world, current_caller.account, use)
        coupons.save_count(ops, count.used())
        coupons.count_use(ops, code, counter, coupon.share_of(counter))
        idempotency.claim(ops, world, current_caller.idempotency, use_id)
        return use

    use = atomic(world, decide)
    log.fact("coupon_used", user_id=caller.user_id)
    return use


def _stage_use(ops: Transaction, world: World, account: Account, use: CouponUse) -> None:
    """Stage the use, its points and its posting."""
    accounts.save(ops, award_postings.stage(ops, world, account, coupon_award_id(use.use_id), use.points))
    coupons.add_use(ops, use)
    values = {"code": use.code, "points": use.points}
    inbox.notify(ops, world, use.user_id, NotificationKind.COUPON_APPLIED, values)


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


def _must_be_valid(coupon: Coupon, world: World) -> None:
    """Raises Problem: coupon_not_started, coupon_expired."""
    now = world.now()
    if now < coupon.valid_from:
        raise Problem("coupon_not_started", day=day_of(coupon.valid_from).isoformat())
    if coupon.status_at(now) is CouponStatus.EXPIRED:
        raise Problem("coupon_expired")


def _earlier_use(user_id: str, use_id: str) -> CouponUse:
    """The use that an earlier try of this request made. Raises Problem("not_found")."""
    use = fetch_one(coupons.use_key(user_id, use_id))
    if use is None:
        raise Problem("not_found")
    return use
