"""A KYC submission and its status."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.operators.operator_decision import DecidedByOperator
from chalicelib.domain.problems.problems import Problem


class KycStatus(StrEnum):
    """The status of a user's KYC."""

    NOT_SUBMITTED = "not_submitted"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True)
class KycSubmission(DecidedByOperator):
    """A KYC submission. A user has at most one that counts. Only the vault can decrypt `encrypted_number`."""

    user_id: str
    document_type: str
    encrypted_number: str
    number_key: str
    issued_district: str
    """The English name of one of the 77 districts."""
    issued_date: str
    """`YYYY-MM-DD` in the calendar of the certificate: often Bikram Sambat, else AD."""
    front_id: str
    front_format: str
    submitted_at: datetime
    back_id: str | None = None
    back_format: str | None = None
    status: KycStatus = KycStatus.PENDING
    rejection_reason: str | None = None
    version: int = 0

    @property
    def submission_id(self) -> str:
        """Differs between the submissions of one user."""
        return f"{self.user_id}.{self.submitted_at:%Y%m%dT%H%M%S%f}"

    def image_ids(self) -> set[str]:
        """The ids of its images at the media store."""
        return {image_id for image_id in (self.front_id, self.back_id) if image_id is not None}

    @property
    def awaits_decision(self) -> bool:
        return self.status is KycStatus.PENDING

    def already_decided(self) -> Problem:
        return Problem("kyc_already_decided", kyc_status=self.status.value)

    def decided(self, approved: bool, *, by: str, at: datetime, reason: str | None) -> "KycSubmission":
        """Decided by the operator `by`. Raises Problem("kyc_already_decided")."""
        status = KycStatus.APPROVED if approved else KycStatus.REJECTED
        return replace(self.marked_decided(by=by, at=at), status=status, rejection_reason=reason)
