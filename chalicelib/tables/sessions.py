"""Sessions, and the list of an account's active ones."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.sessions.active_sessions import ActiveSessions, SessionRef
from chalicelib.domain.sessions.session import Session
from chalicelib.tables.atomic import Transaction
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
    rotated_at = TimeAttribute(null=True)
    expires = IntAttribute()
    """Epoch seconds after which DynamoDB may delete the row."""
    version = IntAttribute()


class ActiveSessionsRow(Row):
    """The active sessions of an account: a bounded list of session ids."""

    class Meta:
        table_name = "active_sessions"

    user_id = UnicodeAttribute(hash_key=True)
    entries: DocumentAttribute[tuple[SessionRef, ...]] = DocumentAttribute(tuple[SessionRef, ...])
    version = IntAttribute()


def session_key(session_id: str) -> Key[Session]:
    return Key(SessionRow, session_id, None, lambda row: entity(row, Session))


def active_sessions_key(user_id: str) -> Key[ActiveSessions]:
    return Key(ActiveSessionsRow, user_id, None, lambda row: entity(row, ActiveSessions))


def save_session(ops: Transaction, session: Session) -> None:
    row = SessionRow(**values(session), expires=int(session.expires_at.timestamp()))
    ops.save(row, session.version, sole_creator=True)


def save_active_sessions(ops: Transaction, active_sessions: ActiveSessions) -> None:
    ops.save(ActiveSessionsRow(**values(active_sessions)), active_sessions.version)


def delete_sessions(active_sessions: ActiveSessions) -> None:
    """Delete the sessions on the list, then the list."""
    with storage():
        delete_all(SessionRow(session_id=entry.session_id) for entry in active_sessions.entries)
        ActiveSessionsRow(user_id=active_sessions.user_id).delete()
