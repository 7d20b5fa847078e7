"""Sessions, and the list of an account's active ones."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.active_sessions import Entry, Roster
from chalicelib.domain.session import Session
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import delete_all, storage
from chalicelib.tables.rows import Key, Row, entity, values


class SessionRow(Row):
    class Meta:
        table_name = "sessions"

    session_id = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    salt = UnicodeAttribute()
    epoch = IntAttribute()
    started_at = TimeAttribute()
    expires_at = TimeAttribute()
    generation = IntAttribute()
    ended_at = TimeAttribute(null=True)
    ended_reason = UnicodeAttribute(null=True)
    expires = IntAttribute()
    """Epoch seconds after which DynamoDB may forget the row."""
    version = IntAttribute()


class SignedInRow(Row):
    """An account's devices that are signed in, a bounded list of session ids."""

    class Meta:
        table_name = "signed_in"

    user_id = UnicodeAttribute(hash_key=True)
    entries: DocumentAttribute[tuple[Entry, ...]] = DocumentAttribute(tuple[Entry, ...])
    version = IntAttribute()


def session_key(session_id: str) -> Key[Session]:
    return Key(SessionRow, session_id, None, lambda row: entity(row, Session))


def roster_key(user_id: str) -> Key[Roster]:
    return Key(SignedInRow, user_id, None, lambda row: entity(row, Roster))


def save_session(ops: Ops, session: Session) -> None:
    ops.save(SessionRow(**values(session), expires=int(session.expires_at.timestamp())), session.version)


def save_roster(ops: Ops, roster: Roster) -> None:
    ops.save(SignedInRow(**values(roster)), roster.version)


def forget_sessions(roster: Roster) -> None:
    """The sessions on it, then the roster itself."""
    with storage():
        delete_all(SessionRow(session_id=entry.session_id) for entry in roster.entries)
        SignedInRow(user_id=roster.user_id).delete()
