"""Accounts: all that decisions about a user need, without personal data."""

from dataclasses import astuple
from typing import Any

from pynamodb.attributes import Attribute, BooleanAttribute, UnicodeAttribute
from pynamodb.constants import STRING

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.accounts.cancellable_return import CancellableReturn
from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.accounts.score import Counts, PeriodCounts, RecentCounts
from chalicelib.domain.operations.round_robin import in_turn
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rewards.leaderboard import score_shard_of
from chalicelib.domain.users.kyc import KycStatus
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import (
    CountsAttribute,
    DocumentAttribute,
    EnumAttribute,
    IntAttribute,
    TimeAttribute,
)
from chalicelib.tables.conditional_writes import update_unless_changed
from chalicelib.tables.dynamodb import DUE_WINDOW, storage
from chalicelib.tables.rows import Key, Row, SparseIndex, entity, shard_of, values


class RecentCountsAttribute(Attribute[RecentCounts]):
    """The counts of a month and of a week as short text, since every request reads the account."""

    attr_type = STRING

    def serialize(self, value: RecentCounts) -> str:
        return " ".join(
            ",".join([latest.period_id, *(str(count) for count in astuple(latest.counts))])
            for latest in (value.month, value.week)
        )

    def deserialize(self, value: str) -> RecentCounts:
        month, week = (part.split(",") for part in value.split(" "))
        return RecentCounts(*(PeriodCounts(name, Counts(*map(int, counts))) for name, *counts in (month, week)))


class ScoreChangedIndex(SparseIndex, name="score_changed"):
    """Accounts of which the leaderboard has something to count, by shard, the longest waiting first."""

    score_shard = UnicodeAttribute(hash_key=True)
    score_changed_at = TimeAttribute(range_key=True)


class AccountsUncounted(SparseIndex, name="uncounted"):
    """Accounts that changed since the counters of days counted them and their postings."""

    count_shard = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)


class AccountRow(Row):
    class Meta:
        table_name = "accounts"

    user_id = UnicodeAttribute(hash_key=True)
    status = EnumAttribute(Status)
    role = EnumAttribute(Role)
    kyc_status = EnumAttribute(KycStatus)
    profile_complete = BooleanAttribute()
    wallet_paisa = IntAttribute()
    held_paisa = IntAttribute()
    points = IntAttribute()
    held_points = IntAttribute()
    due_paisa = IntAttribute()
    due_rental_id = UnicodeAttribute(null=True)
    due_rental_paisa = IntAttribute()
    reversal_due_paisa = IntAttribute(default=0)
    open_rental_id = UnicodeAttribute(null=True)
    reopened_rental_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    lost_rental_ids: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...])
    seq = IntAttribute()
    last_hash = UnicodeAttribute(null=True)
    posted_at = TimeAttribute(null=True)
    second_factor = BooleanAttribute(default=False)
    token_epoch = IntAttribute()
    added_paisa = IntAttribute(default=0)
    added_spent_paisa = IntAttribute(default=0)
    spent_paisa = IntAttribute()
    topped_up_paisa = IntAttribute()
    points_earned = IntAttribute()
    points_by_source = CountsAttribute(default=dict)
    rentals_count = IntAttribute()
    on_time_count = IntAttribute()
    late_count = IntAttribute()
    last_rental_at = TimeAttribute(null=True)
    cancellable_returns: DocumentAttribute[tuple[CancellableReturn, ...]] = DocumentAttribute(
        tuple[CancellableReturn, ...], null=True
    )
    referrer_id = UnicodeAttribute(null=True)
    referral_state = EnumAttribute(ReferralState, null=True)
    referrals_count = IntAttribute(default=0)
    achievements_count = IntAttribute(default=0)
    recent_counts = RecentCountsAttribute(null=True)
    score_changed_at = TimeAttribute(null=True)
    score_shard = UnicodeAttribute(null=True)
    score_changed = ScoreChangedIndex()
    count_shard = UnicodeAttribute(null=True)
    uncounted = AccountsUncounted()
    deleted_seq = IntAttribute(null=True)
    version = IntAttribute()


def account_key(user_id: str) -> Key[Account]:
    return Key(AccountRow, user_id, None, lambda row: entity(row, Account))


def save(ops: Transaction, account: Account) -> None:
    """Stage the account. Stale when it has changed since it was read."""
    ops.save(account_row(account), account.version)


def account_row(account: Account) -> AccountRow:
    """The row of an account. It is on an index while the leaderboard, or the counters of days, have to count it."""
    shard = score_shard_of(account.user_id) if account.score_changed_at is not None else None
    return AccountRow(**values(account), score_shard=shard, count_shard=shard_of(account.user_id))


def require_active(ops: Transaction, user_id: str, *, role: Role | None, conflict: Exception) -> None:
    """Stage the condition that the account is neither banned nor deleted, and has the role unless that is None.

    The account is not read.
    """
    is_active = AccountRow.status == Status.ACTIVE
    required = is_active if role is None else is_active & (AccountRow.role == role)
    ops.require(AccountRow(user_id), required, conflict=conflict)


def with_changed_score(shard: str, limit: int, turn: int) -> list[str]:
    """Users of whom the leaderboard has something to count, the longest waiting first, by `round_robin.in_turn`.

    Raises Problem("storage_unavailable").
    """
    with storage():
        rows: Any = AccountRow.score_changed.query(shard, limit=DUE_WINDOW, page_size=DUE_WINDOW)
        return in_turn([row.user_id for row in rows], limit, turn)


def mark_score_counted(account: Account) -> None:
    """Take the account off the index, unless it has changed since it was read. Raises Problem."""
    actions = [AccountRow.score_changed_at.remove(), AccountRow.score_shard.remove()]
    update_unless_changed(AccountRow(account.user_id), actions, account.version)
