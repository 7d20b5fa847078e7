"""All that the audit compares about one account."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.money.balance_addition import BalanceAddition
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.payments.reversal import Reversal
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.rewards.coupon import CouponUse
from chalicelib.domain.rewards.leaderboard import Scores
from chalicelib.domain.sessions.device import Device, DeviceCount
from chalicelib.domain.users.kyc import KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.audit.account_history import HistorySums
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.ledger import LedgerReading
from chalicelib.tables.intent_references import Pointer


@dataclass(frozen=True)
class AccountCase:
    """One part of an account with the rows that belong to it, and sums of the whole account.

    Two equal cases prove that no row changed between their reads.
    """

    part: AccountPart
    account: Account
    user: User | None
    submission: KycSubmission | None
    device_count: DeviceCount | None
    has_session_list: bool
    erasing: bool
    """Whether the message that erases the personal data of the deleted account waits."""
    ledger: LedgerReading
    sums: HistorySums
    rentals: tuple[Rental, ...]
    intents: tuple[Intent, ...]
    refunds: tuple[Refund, ...]
    totals: tuple[RefundTotals, ...]
    reversals: tuple[Reversal, ...]
    devices: tuple[Device, ...]
    open_items: frozenset[str]
    """What may forbid the deletion of the account."""
    additions: tuple[BalanceAddition, ...] = ()
    """What operators added to the wallet, or want to add."""
    coupon_uses: tuple[CouponUse, ...] = ()
    achievements: tuple[UnlockedAchievement, ...] = ()
    scores: Scores = field(default_factory=dict)
    """What the rankings of the leaderboard count of the account."""
    operator: Operator | None = None
    """The operator of an account that has a role. Not read for customers."""
    password_owner: str | None = None
    """Whose password the e-mail address of the operator has. Not read for customers."""
    miscounted: frozenset[str] = frozenset()
    """Rentals and top-ups that count something else in the counters of days than what they are."""
    has_issues: bool = False
    """Whether issues are left of the deleted account. Not read for other accounts."""
    owners: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    """The owner of each identity that the account should have, by its kind and value."""
    lost_signups: frozenset[str] = frozenset()
    """Identifiers whose registration earned points, and of which no row says so."""
    pointers: Mapping[str, Pointer | None] = field(default_factory=dict)
    """The intent that each reference of the intents names, by the reference."""
    waiting_awards: frozenset[str] = frozenset()
    invitees: Mapping[str, Account | None] = field(default_factory=dict)
    """The customers for whose first rental the account has points, by their ids."""
    powerbanks: Mapping[str, Powerbank | None] = field(default_factory=dict)
    """The power banks of open rentals, by serial number."""
    lost_powerbanks: frozenset[str] = frozenset()
    """Power banks that rentals had, and of which there is no row."""
    lost_coupons: frozenset[str] = frozenset()
    """Used coupons of which there is no row."""
    lost_coupon_counts: frozenset[str] = frozenset()
    """Used coupons whose uses by this user are not counted."""
    lost_counters: frozenset[str] = frozenset()
    """Counters of coupons, as `code#number`, that count fewer uses than they had counted."""

    @property
    def rental_of_refund(self) -> Mapping[str, str]:
        """The rental of each refund of a rental's payment, by the refund's id."""
        return {refund.refund_id: refund.rental_id for refund in self.refunds if refund.rental_id}
