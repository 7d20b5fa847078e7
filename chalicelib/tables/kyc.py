"""KYC submissions."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.users.kyc import KycStatus, KycSubmission
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in
from chalicelib.tables.rows import Key, Row, WaitingIndex, entity, shard_of, values


class KycSubmissionsPending(WaitingIndex, name="pending"):
    """Submissions that wait for a reviewer."""


class KycSubmissionRow(Row):
    class Meta:
        table_name = "kyc_submissions"

    user_id = UnicodeAttribute(hash_key=True)
    document_type = UnicodeAttribute()
    encrypted_number = UnicodeAttribute()
    number_key = UnicodeAttribute()
    issued_district = UnicodeAttribute()
    issued_date = UnicodeAttribute()
    front_id = UnicodeAttribute()
    front_format = UnicodeAttribute()
    back_id = UnicodeAttribute(null=True)
    back_format = UnicodeAttribute(null=True)
    status = EnumAttribute(KycStatus)
    submitted_at = TimeAttribute()
    rejection_reason = UnicodeAttribute(null=True)
    decided_at = TimeAttribute(null=True)
    decided_by = UnicodeAttribute(null=True)
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    pending = KycSubmissionsPending()


def kyc_submission_key(user_id: str) -> Key[KycSubmission]:
    return Key(KycSubmissionRow, user_id, None, lambda row: entity(row, KycSubmission))


def save_kyc_submission(ops: Transaction, submission: KycSubmission) -> None:
    row = KycSubmissionRow(**values(submission))
    if submission.status is KycStatus.PENDING:
        row.shard, row.wait_until = shard_of(submission.user_id), submission.submitted_at
    ops.save(row, submission.version)


def remove_kyc_submission(ops: Transaction, submission: KycSubmission) -> None:
    """Stage the deletion. Stale when the submission has changed since it was read."""
    ops.remove(KycSubmissionRow(user_id=submission.user_id), version=submission.version)


def pending_kyc_submissions(now: datetime, limit: int) -> list[KycSubmission]:
    """Submissions without a decision, oldest first."""
    submissions = due_in(KycSubmissionRow.pending, lambda row: kyc_submission_key(row.user_id), now, limit)
    waiting = [submission for submission in submissions if submission.status is KycStatus.PENDING]
    return sorted(waiting, key=lambda submission: submission.submitted_at)[:limit]
