"""An account: the facts that decisions about a customer or an operator need."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.accounts.cancellable_return import (
    CancellableReturn,
    CancellableReturns,
    with_return,
    without_return,
)
from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.accounts.score import NO_COUNTS, Counts, Period, RecentCounts, returns
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.operators.role import PERMISSIONS, Role
from chalicelib.domain.users.kyc import KycStatus


class Status(StrEnum):
    """The status of an account."""

    ACTIVE = "active"
    BANNED = "banned"
    DELETED = "deleted"


@dataclass(frozen=True)
class Account:
    """The facts about a user that decisions need, without personal data. `_paisa` and `_points` are integers >= 0."""

    user_id: str
    status: Status = Status.ACTIVE
    role: Role = Role.CUSTOMER
    kyc_status: KycStatus = KycStatus.NOT_SUBMITTED
    profile_complete: bool = False
    """What `rent_eligibility.is_profile_complete` says of the user row."""
    wallet_paisa: int = 0
    held_paisa: int = 0
    points: int = 0
    held_points: int = 0
    due_paisa: int = 0
    due_rental_id: str | None = None
    due_rental_paisa: int = 0
    """The part of the due that belongs to this rental. The total is higher only while another rental, which had
    failed, has reopened with a due."""
    reversal_due_paisa: int = 0
    """The part of the due that the customer owes for reversed top-ups. The next top-up pays it first."""
    open_rental_id: str | None = None
    """The open rental: it is starting, or its power bank is out. None only without any open rental."""
    reopened_rental_ids: tuple[str, ...] = ()
    """Rentals that opened again while another rental was open. The first one becomes the open rental when that one
    ends."""
    lost_rental_ids: tuple[str, ...] = ()
    """Rentals whose power bank counts as lost and has not come back. Its price was paid, or is due."""
    seq: int = 0
    """The number of the newest posting. Postings are numbered 1 to `seq` without a gap."""
    last_hash: str = ""
    posted_at: datetime | None = None
    """The time of the newest posting."""
    second_factor: bool = False
    """Whether an operator has confirmed a second factor (`domain/operators/operator.py`)."""
    token_epoch: int = 0
    """Sessions with a smaller epoch have ended."""
    added_paisa: int = 0
    """The part of the wallet and the holds that operators added (`domain/money/added_money.py`)."""
    added_spent_paisa: int = 0
    """What was spent of it."""
    spent_paisa: int = 0
    """Running totals. Each changes in the transaction of the event that it counts, and the audit recounts it. This
    one is the cost of the user's rentals so far, with points at their price."""
    topped_up_paisa: int = 0
    points_earned: int = 0
    points_by_source: Mapping[str, int] = field(default_factory=dict)
    """How many points each source gave, or took. They add up to `points`."""
    rentals_count: int = 0
    """Rentals whose power bank came back."""
    on_time_count: int = 0
    late_count: int = 0
    last_rental_at: datetime | None = None
    """The last time a power bank came out for this user."""
    cancellable_returns: CancellableReturns = ()
    """What of the counts above a cancellation may still take back. Some of them may be final by now."""
    referrer_id: str | None = None
    """Whose referral code the customer claimed. It never changes."""
    referral_state: ReferralState | None = None
    referrals_count: int = 0
    """How many customers who claimed this user's code have completed a rental, with points for both."""
    achievements_count: int = 0
    recent_counts: RecentCounts = NO_COUNTS
    """What of these counts belongs to the latest month and week with a fact, by the times of the facts."""
    score_changed_at: datetime | None = None
    """Since when the leaderboard has something of this account to count. None when it has counted all."""
    deleted_seq: int | None = None
    """The number of the newest posting at the account's deletion. What is posted after it came late."""
    version: int = 0

    def rented(self, rental_id: str, at: datetime) -> "Account":
        """The account after a power bank came out at `at` for a rental, which is open from now on."""
        return replace(self._opened(rental_id), last_rental_at=max(self.last_rental_at or at, at))

    def _opened(self, rental_id: str) -> "Account":
        if self.open_rental_id in (None, rental_id):
            return replace(self, open_rental_id=rental_id)
        return replace(self, reopened_rental_ids=(*self.reopened_rental_ids, rental_id))

    def closed(self, rental_id: str) -> "Account":
        """The account after a rental ended, failed or was lost. A rental that is not open changes nothing."""
        others = tuple(other for other in self.reopened_rental_ids if other != rental_id)
        if self.open_rental_id != rental_id:
            return replace(self, reopened_rental_ids=others)
        return replace(self, open_rental_id=next(iter(others), None), reopened_rental_ids=others[1:])

    def found(self, rental_id: str) -> "Account":
        """The account after the power bank of a rental, lost or not, is known to be with the customer no more."""
        lost_rental_ids = tuple(other for other in self.lost_rental_ids if other != rental_id)
        return replace(self.closed(rental_id), lost_rental_ids=lost_rental_ids)

    def returned(self, rental_id: str, last: CancellableReturn, at: datetime) -> "Account":
        """The account after the power bank of a rental came back at `at`."""
        on_time = last.on_time
        return replace(
            self.found(rental_id).scored(returns(1, on_time=on_time), at),
            rentals_count=self.rentals_count + 1,
            on_time_count=self.on_time_count + on_time,
            late_count=self.late_count + (not on_time),
            cancellable_returns=with_return(self.cancellable_returns, last, at),
        )

    def return_cancelled(self, removed: CancellableReturn, at: datetime) -> "Account":
        """The account after a rental was cancelled whose power bank came back at `at`."""
        on_time = removed.on_time
        return replace(
            self.scored(returns(-1, on_time=on_time), at),
            rentals_count=self.rentals_count - 1,
            on_time_count=self.on_time_count - on_time,
            late_count=self.late_count - (not on_time),
            cancellable_returns=without_return(self.cancellable_returns, removed),
        )

    def return_undone(self, rental_id: str, removed: CancellableReturn, at: datetime) -> "Account":
        """The account after a return at `at` proved wrong. The rental is open again."""
        return self._opened(rental_id).return_cancelled(removed, at)

    def final_counts(self, now: datetime) -> "Account":
        """The account with the counts of rentals that nobody can cancel any more. Only they earn points."""
        returns_left = [one for one in self.cancellable_returns if one.until > now]
        on_time_count = sum(one.on_time for one in returns_left)
        return replace(
            self,
            rentals_count=self.rentals_count - len(returns_left),
            on_time_count=self.on_time_count - on_time_count,
            late_count=self.late_count - (len(returns_left) - on_time_count),
            cancellable_returns=(),
        )

    @property
    def has_rented(self) -> bool:
        """Whether a power bank came out for this user, or may come out now."""
        return self.open_rental_id is not None or self.last_rental_at is not None

    @property
    def has_completed_rental(self) -> bool:
        """Whether a rental has ended, and none is owed for."""
        return self.rentals_count > 0 and self.due_rental_id is None

    def referred_by(self, referrer_id: str) -> "Account":
        """The account after its user claimed the code of another one."""
        return replace(self, referrer_id=referrer_id, referral_state=ReferralState.CLAIMED)

    def referral_rewarded(self, at: datetime) -> "Account":
        """The account after a customer who claimed this user's code completed a rental."""
        counted = self.scored(Counts(referrals=1), at)
        return replace(counted, referrals_count=self.referrals_count + 1)

    def with_status(self, status: Status, at: datetime) -> "Account":
        """The account with another status. Leaderboards show and count active accounts only."""
        return replace(self, status=status, score_changed_at=self.score_changed_at or at)

    def scored(self, change: Counts, at: datetime) -> "Account":
        """The account after a fact of `at`. The caller changes the counts of all time."""
        recent = self.recent_counts.after(at, change)
        return replace(self, recent_counts=recent, score_changed_at=self.score_changed_at or at)

    def counts_in(self, period: Period, now: datetime) -> Counts:
        """What the account counts in the present period."""
        if period is Period.MONTHLY:
            return self.recent_counts.month.counts_in(period.id_at(now))
        if period is Period.WEEKLY:
            return self.recent_counts.week.counts_in(period.id_at(now))
        return Counts(
            self.rentals_count, self.referrals_count, self.on_time_count, self.late_count, self.points_earned
        )

    @property
    def deleted(self) -> bool:
        """True once the user deleted the account. Only its ledger is left."""
        return self.status is Status.DELETED

    def has_permission(self, permission: str) -> bool:
        return permission in PERMISSIONS[self.role]

    @property
    def is_active_operator(self) -> bool:
        return self.status is Status.ACTIVE and self.role is not Role.CUSTOMER

    def lacks_second_factor(self, settings: Settings) -> bool:
        """Whether the role of an operator requires a second factor that the account does not have."""
        return not self.second_factor and settings.requires_second_factor(self.role)
