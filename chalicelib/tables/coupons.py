"""Coupons, how often each was used, and their uses by user."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.rewards.coupon import COUNTERS, Coupon, CouponUse, UserCouponCount
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import SHARDS, Found, Key, KeysOnlyIndex, Row, entity, shard_of, values

ALL = "all"


class CouponRow(Row):
    """All coupons have the same `partition`, so that one query lists them."""

    class Meta:
        table_name = "coupons"

    partition = UnicodeAttribute(hash_key=True, default=ALL)
    code = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute()
    points = IntAttribute()
    max_uses_per_user = IntAttribute()
    max_total_uses = IntAttribute(null=True)
    valid_from = TimeAttribute()
    valid_until = TimeAttribute()
    active = BooleanAttribute()
    version = IntAttribute()


class CouponCounterRow(Row):
    """One of the counters of a coupon; `counter` is its code and the counter's number."""

    class Meta:
        table_name = "coupon_counters"

    counter = UnicodeAttribute(hash_key=True)
    uses_count = IntAttribute()


class UsesOfCoupon(KeysOnlyIndex, name="of_coupon"):
    """Uses by coupon, in shards: many customers use one coupon at once. For operators; no decision reads it."""

    coupon_shard = UnicodeAttribute(hash_key=True)
    use_id = UnicodeAttribute(range_key=True)


class CouponUseRow(Row):
    """`coupon_shard` is the code and the shard of the user."""

    class Meta:
        table_name = "coupon_uses"

    user_id = UnicodeAttribute(hash_key=True)
    use_id = UnicodeAttribute(range_key=True)
    code = UnicodeAttribute()
    name = UnicodeAttribute()
    points = IntAttribute()
    used_at = TimeAttribute()
    counter = IntAttribute(null=True)
    counter_uses_count = IntAttribute(default=0)
    coupon_shard = UnicodeAttribute()
    of_coupon = UsesOfCoupon()


class UserCouponCountRow(Row):
    class Meta:
        table_name = "user_coupon_counts"

    user_id = UnicodeAttribute(hash_key=True)
    code = UnicodeAttribute(range_key=True)
    uses_count = IntAttribute()
    version = IntAttribute()


def coupon_key(code: str) -> Key[Coupon]:
    return Key(CouponRow, ALL, code, lambda row: entity(row, Coupon))


def counter_key(code: str, number: int) -> Key[int]:
    """The key of one counter. It reads as its count; the row is absent before the first use."""
    return Key(CouponCounterRow, f"{code}#{number}", None, lambda row: int(row.uses_count))


def counter_keys(code: str) -> list[Key[int]]:
    """The keys of all counters of a coupon. Its uses are their sum."""
    return [counter_key(code, number) for number in range(COUNTERS)]


def uses_count(code: str, rows: Found) -> int:
    """How often the coupon was used, by the rows of its `counter_keys`."""
    return sum(rows[key] or 0 for key in counter_keys(code))


def use_key(user_id: str, use_id: str) -> Key[CouponUse]:
    return Key(CouponUseRow, user_id, use_id, lambda row: entity(row, CouponUse))


def count_key(user_id: str, code: str) -> Key[UserCouponCount]:
    return Key(UserCouponCountRow, user_id, code, lambda row: entity(row, UserCouponCount))


def coupons(*, after: str | None, limit: int) -> list[Coupon]:
    """At most `limit` coupons by code, behind the code `after`. Raises Problem("storage_unavailable")."""
    behind = CouponRow.code > after if after is not None else None
    with storage():
        rows = CouponRow.query(ALL, behind, consistent_read=True, limit=limit, page_size=limit)
        return [entity(row, Coupon) for row in rows]


def save(ops: Transaction, coupon: Coupon) -> None:
    """Stage the coupon. Stale when it has changed since it was read."""
    ops.save(CouponRow(partition=ALL, **values(coupon)), coupon.version)


def count_use(ops: Transaction, code: str, number: int, share: int | None) -> None:
    """Stage one more use in a counter. Stale when the counter has reached its `share`."""
    uses_count = CouponCounterRow.uses_count
    condition = uses_count.does_not_exist() | (uses_count < share) if share is not None else None
    ops.update(CouponCounterRow(counter=f"{code}#{number}"), [uses_count.add(1)], condition, conflict=None)


def add_use(ops: Transaction, use: CouponUse) -> None:
    ops.add(CouponUseRow(**values(use), coupon_shard=_coupon_shard(use.code, shard_of(use.user_id))))


def save_count(ops: Transaction, count: UserCouponCount) -> None:
    """Stage the count. Stale when the user has used the coupon since it was read."""
    ops.save(UserCouponCountRow(**values(count)), count.version)


def newest_uses(user_id: str, *, before: str | None, limit: int) -> list[CouponUse]:
    """A user's uses, newest first, older than `before`. Raises Problem("storage_unavailable")."""
    older = CouponUseRow.use_id < before if before is not None else None
    return [entity(row, CouponUse) for row in newest_rows(CouponUseRow, user_id, older, limit=limit)]


def newest_use_keys(code: str, *, before: str | None, limit: int) -> list[Key[CouponUse]]:
    """The keys of uses of a coupon by all users, newest first, older than `before`.

    Raises Problem("storage_unavailable").
    """
    older = UsesOfCoupon.use_id < before if before is not None else None
    keys: list[Key[CouponUse]] = []
    for shard in range(SHARDS):
        with storage():
            rows = CouponUseRow.of_coupon.query(
                _coupon_shard(code, str(shard)), older, scan_index_forward=False, limit=limit, page_size=limit
            )
            keys += [use_key(row.user_id, row.use_id) for row in rows]
    keys.sort(key=lambda key: str(key.range_key), reverse=True)
    return keys[:limit]


def _coupon_shard(code: str, shard: str) -> str:
    return f"{code}#{shard}"


def uses_of_user(user_id: str) -> list[CouponUse]:
    """All uses of a user. Raises Problem("storage_unavailable")."""
    with storage():
        return [entity(row, CouponUse) for row in CouponUseRow.query(user_id, consistent_read=True)]


def stage_deletion_of_uses(ops: Transaction, user_id: str, limit: int) -> int:
    """Stage the deletion of a user's first `limit` uses. Returns their number."""
    return ops.remove_first(CouponUseRow, user_id, limit)


def stage_deletion_of_counts(ops: Transaction, user_id: str, limit: int) -> int:
    """Stage the deletion of a user's first `limit` counts. Returns their number."""
    return ops.remove_first(UserCouponCountRow, user_id, limit)
