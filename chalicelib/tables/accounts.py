"""Accounts: all that decisions about a user need, without personal data."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.account import Account, Role, Status
from chalicelib.domain.kyc import KycStatus
from chalicelib.domain.referral import ReferralState
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import (
    CountsAttribute,
    DocumentAttribute,
    EnumAttribute,
    IntAttribute,
    TimeAttribute,
)
from chalicelib.tables.rows import Key, Row, entity, values


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
    token_epoch = IntAttribute()
    spent_paisa = IntAttribute()
    topped_up_paisa = IntAttribute()
    points_earned = IntAttribute()
    points_by_source = CountsAttribute(default=dict)
    rentals_count = IntAttribute()
    on_time_count = IntAttribute()
    late_count = IntAttribute()
    last_rental_at = TimeAttribute(null=True)
    referrer_id = UnicodeAttribute(null=True)
    referral_state = EnumAttribute(ReferralState, null=True)
    referrals_count = IntAttribute(default=0)
    deleted_seq = IntAttribute(null=True)
    version = IntAttribute()


def account_key(user_id: str) -> Key[Account]:
    return Key(AccountRow, user_id, None, lambda row: entity(row, Account))


def save(ops: Transaction, account: Account) -> None:
    """Stage the account. Stale when it has changed since it was read."""
    ops.save(AccountRow(**values(account)), account.version)
