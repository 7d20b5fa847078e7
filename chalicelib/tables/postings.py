"""Postings of the ledger: immutable, and numbered by user without a gap."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.domain.money.ledger import Leg, Posting, PostingKind
from chalicelib.domain.text.ids import first_id_of
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.newest_first import newest_positions, newest_rows
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, entity, shard_of, values


class PostingsOfRef(GlobalSecondaryIndex["PostingRow"]):  # type: ignore[no-untyped-call]
    """Whole postings by what they are about, such as a rental. No decision reads it."""

    class Meta:
        index_name = "of_ref"
        projection = AllProjection()

    ref = UnicodeAttribute(hash_key=True)
    seq = IntAttribute(range_key=True)


class AllPostings(KeysOnlyIndex, name="newest"):
    """All postings by shard and position, for the list of operators. No decision reads it."""

    list_shard = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class PostingRow(Row):
    class Meta:
        table_name = "postings"

    user_id = UnicodeAttribute(hash_key=True)
    seq = IntAttribute(range_key=True)
    kind = EnumAttribute(PostingKind)
    ref = UnicodeAttribute()
    at = TimeAttribute()
    legs: DocumentAttribute[tuple[Leg, ...]] = DocumentAttribute(tuple[Leg, ...])
    wallet_after_paisa = IntAttribute()
    points_after = IntAttribute()
    previous_hash = UnicodeAttribute()
    hash = UnicodeAttribute()
    list_shard = UnicodeAttribute()
    position = UnicodeAttribute()
    of_ref = PostingsOfRef()
    newest = AllPostings()


def posting_key(user_id: str, seq: int) -> Key[Posting]:
    return Key(PostingRow, user_id, seq, lambda row: entity(row, Posting))


def add(ops: Transaction, posting: Posting) -> None:
    """Stage a posting. Stale when another posting has its number."""
    ops.add(posting_row(posting))


def posting_row(posting: Posting) -> PostingRow:
    position = position_of(posting)
    return PostingRow(**values(posting), list_shard=shard_of(position), position=position)


def position_of(posting: Posting) -> str:
    """The place of a posting among those of all users. It begins with the smallest id of the posting's time."""
    return f"{first_id_of(posting.at)}#{posting.user_id}#{posting.seq}"


def newest_of_all(*, after: str, before: str, limit: int) -> list[tuple[str, Key[Posting]]]:
    """The newest postings between two positions, each with its position. One of this second may be missing."""
    rows = newest_positions(PostingRow.newest, PostingRow.position, after=after, before=before, limit=limit)
    return [(str(row.position), posting_key(row.user_id, row.seq)) for row in rows]


def newest(user_id: str, *, before: int | None, limit: int) -> list[Posting]:
    """Up to `limit` postings, newest first, older than number `before`. Raises Problem("storage_unavailable")."""
    older = PostingRow.seq < before if before is not None else None
    return [entity(row, Posting) for row in newest_rows(PostingRow, user_id, older, limit=limit)]


def oldest(user_id: str, *, since: int, limit: int) -> list[Posting]:
    """Up to `limit` postings, oldest first, from number `since` on. Raises Problem("storage_unavailable")."""
    with storage():
        rows = PostingRow.query(user_id, PostingRow.seq >= since, consistent_read=True, limit=limit, page_size=limit)
        return [entity(row, Posting) for row in rows]


def of_ref(user_id: str, ref: str, *, limit: int) -> list[Posting]:
    """Up to `limit` postings of the user about `ref`, the oldest first. A posting of this second may be missing."""
    with storage():
        rows = PostingRow.of_ref.query(ref, limit=limit, page_size=limit)
        return [entity(row, Posting) for row in rows if row.user_id == user_id]
