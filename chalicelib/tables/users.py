"""People: who they are, what proves it, and which identities are taken."""

from datetime import date, datetime

from pynamodb.attributes import Attribute, UnicodeAttribute
from pynamodb.constants import STRING
from pynamodb.exceptions import PutError
from pynamodb.indexes import KeysOnlyProjection

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import KycStatus, Papers, User
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import (
    Key,
    Row,
    SparseIndex,
    delete_if,
    due_in,
    entity,
    error_code,
    shard_of,
    storage,
    values,
)


class DateAttribute(Attribute[date]):
    """A calendar date, `YYYY-MM-DD`."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        return date.fromisoformat(value)


class UserRow(Row):
    class Meta:
        table_name = "users"

    user_id = UnicodeAttribute(hash_key=True)
    username = UnicodeAttribute()
    joined_at = TimeAttribute()
    referral_code = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    full_name = UnicodeAttribute(null=True)
    date_of_birth = DateAttribute(null=True)
    address = UnicodeAttribute(null=True)
    avatar_url = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
    referred_by = UnicodeAttribute(null=True)
    version = IntAttribute()


class IdentityRow(Row):
    """`identity` is `kind#value`; a phone, an address or a document is there as a keyed digest only."""

    class Meta:
        table_name = "identities"

    identity = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()


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


def user_key(user_id: str) -> Key[User]:
    return Key(UserRow, user_id, None, lambda row: entity(row, User))


def papers_key(user_id: str) -> Key[Papers]:
    return Key(PapersRow, user_id, None, lambda row: entity(row, Papers))


def identity_key(kind: str, value: str) -> Key[str]:
    """Reads as the user id the identity belongs to."""
    return Key(IdentityRow, f"{kind}#{value}", None, lambda row: str(row.user_id))


def save(ops: Ops, user: User) -> None:
    ops.save(UserRow(**values(user)), user.version)


def save_papers(ops: Ops, papers: Papers) -> None:
    row = PapersRow(**values(papers))
    if papers.status is KycStatus.PENDING:
        row.shard, row.wait_until = shard_of(papers.user_id), papers.submitted_at
    ops.save(row, papers.version)


def claim_identity(ops: Ops, kind: str, value: str, user_id: str, *, refused: Problem | None) -> None:
    """One living user per identity; without `refused`, one that is taken means that the decision is stale."""
    ops.add(IdentityRow(identity=f"{kind}#{value}", user_id=user_id), refused=refused)


def free_identity(ops: Ops, kind: str, value: str) -> None:
    ops.remove(IdentityRow(identity=f"{kind}#{value}", user_id=""))


def release_identity(kind: str, value: str, user_id: str) -> None:
    """As long as it is still this user's: whoever took it meanwhile keeps it."""
    delete_if(IdentityRow(identity=f"{kind}#{value}"), IdentityRow.user_id == user_id)


def leave_identity(kind: str, value: str, user_id: str) -> None:
    """There from now on; one that is there already stays whosever it is. Raises Problem("storage_unavailable")."""
    try:
        with storage():
            IdentityRow(identity=f"{kind}#{value}", user_id=user_id).save(IdentityRow.identity.does_not_exist())
    except PutError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise


def remove_papers(ops: Ops, papers: Papers) -> None:
    """As they were read."""
    ops.remove(PapersRow(user_id=papers.user_id), version=papers.version)


def forget(user_id: str) -> None:
    """The person goes; the account stays, under an id that says nothing."""
    with storage():
        UserRow(user_id=user_id).delete()


def papers_pending(now: datetime, limit: int) -> list[Papers]:
    """Submissions nobody has decided, oldest first."""
    found = due_in(PapersRow.pending, lambda row: papers_key(row.user_id), now, limit)
    waiting = [papers for papers in found if papers.status is KycStatus.PENDING]
    return sorted(waiting, key=lambda papers: papers.submitted_at)[:limit]
