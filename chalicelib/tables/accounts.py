"""The account row: everything a decision about a user needs, and nothing personal."""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.roster import Entry, Roster
from chalicelib.domain.user import Account, KycStatus, Role, Session, Status
from chalicelib.tables.atomic import Ops
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.store import Key, Row, delete_all, entity, storage, values


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
    open_rental_id = UnicodeAttribute(null=True)
    seq = IntAttribute()
    last_hash = UnicodeAttribute(null=True)
    posted_at = TimeAttribute(null=True)
    token_epoch = IntAttribute()
    spent_paisa = IntAttribute()
    topped_up_paisa = IntAttribute()
    points_earned = IntAttribute()
    rentals_count = IntAttribute()
    on_time_count = IntAttribute()
    late_count = IntAttribute()
    last_rental_at = TimeAttribute(null=True)
    version = IntAttribute()


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


def account_key(user_id: str) -> Key[Account]:
    return Key(AccountRow, user_id, None, lambda row: entity(row, Account))


def session_key(session_id: str) -> Key[Session]:
    return Key(SessionRow, session_id, None, lambda row: entity(row, Session))


def roster_key(user_id: str) -> Key[Roster]:
    return Key(SignedInRow, user_id, None, lambda row: entity(row, Roster))


def save(ops: Ops, account: Account) -> None:
    """Stale when anybody changed the account since `account.version`."""
    ops.save(AccountRow(**values(account)), account.version)


def save_session(ops: Ops, session: Session) -> None:
    ops.save(SessionRow(**values(session), expires=int(session.expires_at.timestamp())), session.version)


def save_roster(ops: Ops, roster: Roster) -> None:
    ops.save(SignedInRow(**values(roster)), roster.version)


def forget_sessions(roster: Roster) -> None:
    """The sessions on it, then the roster itself."""
    with storage():
        delete_all(SessionRow(session_id=entry.session_id) for entry in roster.entries)
        SignedInRow(user_id=roster.user_id).delete()
