"""A customer or an operator: the account that decisions are made on, the person behind it, and a signed-in device."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.problems import Problem


class Status(StrEnum):
    """Whether an account may act at all."""

    ACTIVE = "active"
    BANNED = "banned"
    DELETED = "deleted"


class Role(StrEnum):
    """What an account is for. Operators hold rights, customers none."""

    CUSTOMER = "customer"
    SUPER_ADMIN = "super_admin"
    ADMIN = "admin"
    FINANCE = "finance"
    SUPPORT = "support"


class KycStatus(StrEnum):
    """Where the papers stand."""

    NOT_SUBMITTED = "not_submitted"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


RIGHTS: dict[Role, frozenset[str]] = {
    Role.CUSTOMER: frozenset(),
    Role.SUPER_ADMIN: frozenset({"admin", "kyc", "audit", "money", "users"}),
    Role.ADMIN: frozenset({"admin", "kyc", "audit", "money", "users"}),
    Role.FINANCE: frozenset({"admin", "audit", "money"}),
    Role.SUPPORT: frozenset({"admin", "kyc"}),
}
RANKS: dict[Role, int] = {
    Role.CUSTOMER: 0,
    Role.SUPPORT: 1,
    Role.FINANCE: 1,
    Role.ADMIN: 2,
    Role.SUPER_ADMIN: 3,
}


@dataclass(frozen=True)
class Account:
    """Everything a decision about the user needs, and nothing personal. `_paisa` and `_points` are integers >= 0."""

    user_id: str
    status: Status = Status.ACTIVE
    role: Role = Role.CUSTOMER
    kyc_status: KycStatus = KycStatus.NOT_SUBMITTED
    profile_complete: bool = False
    wallet_paisa: int = 0
    held_paisa: int = 0
    points: int = 0
    held_points: int = 0
    due_paisa: int = 0
    due_rental_id: str | None = None
    due_rental_paisa: int = 0
    """What this rental alone owes; more is due in all only while a released one has reopened beside it."""
    open_rental_id: str | None = None
    seq: int = 0
    """Number of the newest posting; they run 1..seq without a gap."""
    last_hash: str = ""
    posted_at: datetime | None = None
    """When the newest posting was made."""
    token_epoch: int = 0
    """Every session of an older epoch has ended."""
    spent_paisa: int = 0
    """Running totals, each kept in the transaction of what it counts and recounted by the audit. This one is what
    the user's rentals have cost so far, points at their price."""
    topped_up_paisa: int = 0
    points_earned: int = 0
    rentals_count: int = 0
    """Rentals whose bank came back."""
    on_time_count: int = 0
    late_count: int = 0
    last_rental_at: datetime | None = None
    """When a bank last came out for this user."""
    version: int = 0

    def rented(self, rental_id: str, at: datetime) -> "Account":
        """A bank came out at `at` for the rental, which is the open one from now on."""
        return replace(self, open_rental_id=rental_id, last_rental_at=max(self.last_rental_at or at, at))

    def brought_back(self, *, on_time: bool) -> "Account":
        """The open rental's bank is back."""
        return replace(
            self,
            open_rental_id=None,
            rentals_count=self.rentals_count + 1,
            on_time_count=self.on_time_count + on_time,
            late_count=self.late_count + (not on_time),
        )

    @property
    def deleted(self) -> bool:
        """Nobody is behind it any more: it is a name for money only."""
        return self.status is Status.DELETED

    def may(self, right: str) -> bool:
        return right in RIGHTS[self.role]

    def may_block(self, other: "Account") -> bool:
        """Never oneself, and nobody of one's own rank or above; a super admin anybody else."""
        above = self.role is Role.SUPER_ADMIN or RANKS[self.role] > RANKS[other.role]
        return above and self.user_id != other.user_id

    def reasons_not_to_rent(self) -> list[str]:
        """Problem codes that forbid a rental now, money aside; empty when there are none."""
        checks = (
            ("account_banned", self.status is not Status.ACTIVE),
            ("profile_incomplete", not self.profile_complete),
            ("kyc_required", self.kyc_status is not KycStatus.APPROVED),
            ("due_unpaid", self.due_paisa > 0),
            ("rental_open", self.open_rental_id is not None),
        )
        return [code for code, holds in checks if holds]

    def must_be_able_to_rent(self) -> None:
        """Raises the first Problem that forbids a rental, with all reasons."""
        reasons = self.reasons_not_to_rent()
        if reasons:
            raise Problem(reasons[0], reasons=reasons)


@dataclass(frozen=True)
class User:
    """The person: what is shown to them, and nothing that money or custody is decided on."""

    user_id: str
    username: str
    joined_at: datetime
    referral_code: str
    phone: str | None = None
    email: str | None = None
    full_name: str | None = None
    date_of_birth: date | None = None
    address: str | None = None
    avatar_url: str | None = None
    language: str | None = None
    referred_by: str | None = None
    version: int = 0

    @property
    def profile_complete(self) -> bool:
        return bool(self.full_name and self.date_of_birth and self.address)


@dataclass(frozen=True)
class Session:
    """One signed-in device. Its refresh token changes at each use; `generation` counts them."""

    session_id: str
    user_id: str
    salt: str
    epoch: int
    started_at: datetime
    expires_at: datetime
    generation: int = 1
    ended_at: datetime | None = None
    ended_reason: str | None = None
    version: int = 0

    def live(self, account: Account, now: datetime) -> bool:
        return self.ended_at is None and now < self.expires_at and self.epoch == account.token_epoch

    def rotated(self, until: datetime) -> "Session":
        return replace(self, generation=self.generation + 1, expires_at=until)

    def ended(self, at: datetime, reason: str) -> "Session":
        return replace(self, ended_at=at, ended_reason=reason)


@dataclass(frozen=True)
class Papers:
    """A KYC submission: one live one per user. `sealed_number` opens only in the vault."""

    user_id: str
    document_type: str
    sealed_number: str
    number_key: str
    issued_district: str
    issued_date: str
    """As typed: often Bikram Sambat, which has no safe conversion."""
    front_id: str
    front_format: str
    submitted_at: datetime
    back_id: str | None = None
    back_format: str | None = None
    status: KycStatus = KycStatus.PENDING
    rejection_reason: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    version: int = 0

    @property
    def submission_id(self) -> str:
        """Names these papers and no later ones of the same user's."""
        return f"{self.user_id}.{self.submitted_at:%Y%m%dT%H%M%S%f}"

    def image_ids(self) -> set[str]:
        """Where its images lie at the media store."""
        return {one for one in (self.front_id, self.back_id) if one is not None}

    def decided(self, approved: bool, *, by: str, at: datetime, reason: str | None) -> "Papers":
        """Raises Problem("kyc_already_decided") when it is not pending."""
        if self.status is not KycStatus.PENDING:
            raise Problem("kyc_already_decided", kyc_status=self.status.value)
        status = KycStatus.APPROVED if approved else KycStatus.REJECTED
        return replace(self, status=status, decided_by=by, decided_at=at, rejection_reason=reason)
