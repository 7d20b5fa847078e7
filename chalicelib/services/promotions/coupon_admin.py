"""Operators issue coupons, change them and end them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.rewards.coupon import Coupon
from chalicelib.domain.text.time_text import time_text
from chalicelib.domain.text.typed_code import typed_code
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import coupons
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.world import World

MIN_CODE_LENGTH = 4


@dataclass(frozen=True)
class CouponsPage:
    """Coupons by code, each with its number of uses.

    `following` is the cursor of the next page, and None at the end. `listed` counts the coupons with page numbers, at
    most MAX_LISTED.
    """

    coupons: Sequence[tuple[Coupon, int]]
    following: str | None
    listed: int


def listing(page: NumberedPage, *, after: str | None) -> CouponsPage:
    """The coupons behind the code `after`, or a page by its number."""
    by_cursor = after is not None
    issued = coupons.coupons(after=after, limit=page.read_limit(by_cursor=by_cursor))
    of_page, more_follow, listed = page.of_keys(issued, by_cursor=by_cursor)
    rows = fetch_all([key for coupon in of_page for key in coupons.counter_keys(coupon.code)])
    with_uses = [(coupon, coupons.uses_count(coupon.code, rows)) for coupon in of_page]
    return CouponsPage(with_uses, of_page[-1].code if more_follow else None, listed)


def read(written: str) -> Coupon:
    """The coupon of a typed code. Raises Problem("not_found")."""
    code = typed_code(written)
    return must_exist(fetch_one(coupons.coupon_key(code)) if code is not None else None)


def total_uses(code: str) -> int:
    return coupons.uses_count(code, fetch_all(coupons.counter_keys(code)))


def create(world: World, caller: Caller, coupon: Coupon) -> Coupon:
    """Issue a coupon under its folded code. Raises Problem: invalid_input, dates_wrong, name_taken."""
    code = typed_code(coupon.code)
    if code is None or len(code) < MIN_CODE_LENGTH:
        raise Problem("invalid_input", errors={"code": [validation_message("coupon_code_format")]})
    issued = replace(coupon, code=code)
    _must_have_order(issued.valid_from, issued.valid_until)

    def decide(ops: Transaction) -> Coupon:
        fresh_caller(world, caller, ops)
        if fetch_one(coupons.coupon_key(code)) is not None:
            raise Problem("name_taken")
        coupons.save(ops, issued)
        audit_log.record(ops, world, caller.user_id, _action("coupon_created", None, issued))
        return issued

    return atomic(world, decide)


def change(world: World, caller: Caller, written: str, changes: Mapping[str, Any]) -> Coupon:
    """Change the named fields. What customers have earned stays. The total cap only rises, since uses may have come.

    Raises Problem: not_found, invalid_input, dates_wrong.
    """
    code = typed_code(written)

    def decide(ops: Transaction) -> Coupon:
        fresh_caller(world, caller, ops)
        before = must_exist(fetch_one(coupons.coupon_key(code)) if code is not None else None)
        after = replace(before, **changes)
        _must_have_order(after.valid_from, after.valid_until)
        _must_not_lower_cap(before, after)
        if after != before:
            coupons.save(ops, after)
            audit_log.record(ops, world, caller.user_id, _action("coupon_changed", before, after))
        return after

    return atomic(world, decide)


def _must_have_order(valid_from: datetime, valid_until: datetime) -> None:
    if valid_until <= valid_from:
        raise Problem("dates_wrong")


def _must_not_lower_cap(before: Coupon, after: Coupon) -> None:
    """A cap can be raised or removed. Lowered shares could be exceeded, and the same is true of a new cap."""
    if after.max_total_uses is None or after.max_total_uses == before.max_total_uses:
        return
    if before.max_total_uses is None or after.max_total_uses < before.max_total_uses:
        raise Problem("invalid_input", errors={"max_total_uses": [validation_message("coupon_cap_lowered")]})


def _action(name: str, before: Coupon | None, after: Coupon) -> AdminAction:
    changes = {"before": _as_json(before) if before is not None else None, "after": _as_json(after)}
    return AdminAction(name, after.code, changes)


def _as_json(coupon: Coupon) -> dict[str, Any]:
    times = {"valid_from": time_text(coupon.valid_from), "valid_until": time_text(coupon.valid_until)}
    return {name: value for name, value in (asdict(coupon) | times).items() if name != "version"}
