"""Coupons: codes that earn points, with a validity, a cap for each user and a cap for all."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

COUNTERS = 16
"""The uses of a coupon are counted in this many rows, so that many customers can use it at once."""
MAX_USES_PER_USER = 20
MAX_TOTAL_USES = 10_000_000
MAX_POINTS = 100_000


class CouponStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    """An operator has ended it."""
    EXPIRED = "expired"


@dataclass(frozen=True)
class Coupon:
    """`code` is folded by `typed_code`. Valid from `valid_from` to `valid_until`, both included."""

    code: str
    name: str
    points: int
    max_uses_per_user: int
    valid_from: datetime
    valid_until: datetime
    max_total_uses: int | None = None
    active: bool = True
    version: int = 0

    def status_at(self, now: datetime) -> CouponStatus:
        if not self.active:
            return CouponStatus.INACTIVE
        return CouponStatus.EXPIRED if now > self.valid_until else CouponStatus.ACTIVE

    def share_of(self, counter: int) -> int | None:
        """How many uses one counter may count; all counters together count `max_total_uses`. None without a cap.

        The shares rise with the cap, so that a risen cap is never exceeded.
        """
        if self.max_total_uses is None:
            return None
        share, rest = divmod(self.max_total_uses, COUNTERS)
        return share + (counter < rest)

    def open_counter(self, counts: Sequence[int], user_id: str, attempt: int) -> int | None:
        """A counter that may count one more use. None when all are full.

        Users are spread over the counters, and each further `attempt` of a user gets the next one.
        """
        open_counters = [number for number, count in enumerate(counts) if _is_below(self.share_of(number), count)]
        if not open_counters:
            return None
        return open_counters[(zlib.crc32(user_id.encode()) + attempt) % len(open_counters)]


@dataclass(frozen=True)
class CouponUse:
    """One use of a coupon. Use ids sort by time.

    `counter` counted it, and counted at least `counter_uses_count` uses then. It is None in rows that were stored
    before these fields existed.
    """

    user_id: str
    use_id: str
    code: str
    name: str
    points: int
    used_at: datetime
    counter: int | None = None
    counter_uses_count: int = 0


@dataclass(frozen=True)
class UserCouponCount:
    """How often one user has used one coupon."""

    user_id: str
    code: str
    uses_count: int = 0
    version: int = 0

    def used(self) -> "UserCouponCount":
        return replace(self, uses_count=self.uses_count + 1)


def _is_below(share: int | None, count: int) -> bool:
    return share is None or count < share
