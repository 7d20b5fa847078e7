"""KYC submissions."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.domain.kyc import KycStatus, Papers
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in
from chalicelib.tables.rows import Key, Row, SparseIndex, entity, shard_of, values


class PapersPending(SparseIndex):
    class Meta:
        index_name = "pending"
        projection = KeysOnlyProjection()

    shard = UnicodeAttribute(hash_key=True)
    wait_until = TimeAttribute(range_key=True)


class PapersRow(Row):
    class Meta:
        table_name = "papers"

    user_id = UnicodeAttribute(hash_key=True)
    document_type = UnicodeAttribute()
    sealed_number = UnicodeAttribute()
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
    pending = PapersPending()


def papers_key(user_id: str) -> Key[Papers]:
    return Key(PapersRow, user_id, None, lambda row: entity(row, Papers))


def save_papers(ops: Ops, papers: Papers) -> None:
    row = PapersRow(**values(papers))
    if papers.status is KycStatus.PENDING:
        row.shard, row.wait_until = shard_of(papers.user_id), papers.submitted_at
    ops.save(row, papers.version)


def remove_papers(ops: Ops, papers: Papers) -> None:
    """As they were read."""
    ops.remove(PapersRow(user_id=papers.user_id), version=papers.version)


def papers_pending(now: datetime, limit: int) -> list[Papers]:
    """Submissions nobody has decided, oldest first."""
    found = due_in(PapersRow.pending, lambda row: papers_key(row.user_id), now, limit)
    waiting = [papers for papers in found if papers.status is KycStatus.PENDING]
    return sorted(waiting, key=lambda papers: papers.submitted_at)[:limit]
