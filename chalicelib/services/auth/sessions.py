"""Begins, refreshes and ends sessions, and limits their number for each account."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.sessions.active_sessions import ActiveSessions
from chalicelib.domain.sessions.refresh_token import parse_refresh_token, refresh_token_text, session_after_refresh
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.text.ids import is_id
from chalicelib.domain.users.user import User
from chalicelib.services.caller import Caller
from chalicelib.tables import accounts, users
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

ACCESS = "access"
ACCESS_ID_CHARACTERS = 32


@dataclass(frozen=True)
class TokenPair:
    """The tokens of a device. The access token expires `access_ttl_seconds` from now."""

    access: str
    refresh: str
    access_ttl_seconds: int


def begin(ops: Transaction, world: World, account: Account, active_sessions: ActiveSessions | None) -> Session:
    """Stage a new session of the account. `active_sessions` was read for this try of the transaction.

    If the list is full, expired sessions leave it. If none has expired, the session that began first ends.
    """
    now = world.now()
    until = now + timedelta(days=world.settings().refresh_ttl_days)
    salt = world.random_bytes(16).hex()
    session = Session(world.new_id(), account.user_id, salt, account.token_epoch, now, until)
    session_rows.save_session(ops, session)
    with_room = _make_room(ops, world, account, active_sessions or ActiveSessions(account.user_id))
    session_rows.save_active_sessions(ops, with_room.with_session(session.session_id, now))
    return session


def read_access_token(world: World, token: str) -> Mapping[str, Any]:
    """The claims of an access token. `sub` and `sid` can be ids of rows.

    Raises Problem: token_expired, unauthenticated.
    """
    claims = world.tokens.read(token, audience=ACCESS)
    if not is_id(claims.get("sub")) or not is_id(claims.get("sid")):
        raise Problem("unauthenticated")
    return claims


def issue_tokens(world: World, account: Account, session: Session, user: User | None) -> TokenPair:
    """The tokens of the session's generation: derived, so that a repeated refresh gives the same pair.

    The access token holds the language, so that messages need no user row.
    """
    issued_at = session.rotated_at or session.started_at
    ttl_seconds = world.settings().access_ttl_seconds
    expires_at = issued_at + timedelta(seconds=ttl_seconds)
    token_id = world.digests.digest("access", session.session_id, session.salt, str(session.generation)).hex()
    claims = {
        "sub": account.user_id,
        "sid": session.session_id,
        "role": account.role.value,
        "jti": token_id[:ACCESS_ID_CHARACTERS],
    }
    if user is not None and user.language is not None:
        claims["lang"] = user.language
    access = world.tokens.sign(claims, audience=ACCESS, until=expires_at, issued_at=issued_at)
    remaining_seconds = -((world.now() - expires_at) // timedelta(seconds=1))
    return TokenPair(access, _refresh(world, session, session.generation), remaining_seconds)


def refresh(world: World, token: str) -> TokenPair:
    """A new pair of tokens. A repeat within `refresh_repeat_seconds` gives the same pair.

    The repeat must come before the new refresh token is used. Any other reuse of a refresh token ends the session.

    Raises Problem: session_ended, account_banned.
    """
    parsed = parse_refresh_token(token)
    if parsed is None:
        raise Problem("session_ended")
    session_id, generation = parsed
    session_key = session_rows.session_key(session_id)

    def decide(ops: Transaction) -> tuple[Account, Session, User | None]:
        session = fetch_one(session_key)
        if session is None or not _was_issued(world, session, generation, token):
            raise Problem("session_ended")
        account_key, user_key = accounts.account_key(session.user_id), users.user_key(session.user_id)
        rows = fetch(account_key, user_key)
        account = must_be_active(rows[account_key])
        if not session.is_live(account, world.now()):
            raise Problem("session_ended")
        now, settings = world.now(), world.settings()
        session_after = session_after_refresh(
            session,
            generation,
            now,
            expires_at=now + timedelta(days=settings.refresh_ttl_days),
            repeatable_for=timedelta(seconds=settings.refresh_repeat_seconds),
        )
        if session_after != session:
            session_rows.save_session(ops, session_after)
        return account, session_after, rows[user_key]

    account, session, user = atomic(world, decide)
    if session.ended_at is not None:
        log.alarm(Alarm.REFRESH_REUSED, user_id=session.user_id, session_id=session.session_id)
        raise Problem("session_ended")
    return issue_tokens(world, account, session, user)


def logout(world: World, caller: Caller, *, refresh_token: str | None = None, all_devices: bool = False) -> None:
    """End the caller's session, and the session of `refresh_token`; or all sessions of the account.

    Raises Problem("invalid_input") when `refresh_token` belongs to another account. Then no session ends.
    """
    parsed = parse_refresh_token(refresh_token) if refresh_token is not None else None
    own_key, account_key = session_rows.session_key(caller.session.session_id), accounts.account_key(caller.user_id)
    active_sessions_key = session_rows.active_sessions_key(caller.user_id)
    other_key = session_rows.session_key(parsed.session_id) if parsed else own_key

    def decide(ops: Transaction) -> None:
        rows = fetch(own_key, account_key, active_sessions_key, other_key)
        other = rows[other_key]
        if refresh_token is not None:
            genuine = parsed and other and _was_issued(world, other, parsed.generation, refresh_token)
            if not genuine or other is None or other.user_id != caller.user_id:
                raise Problem("invalid_input", errors={"refresh": [validation_message("refresh_of_another_account")]})
        active_sessions = rows[active_sessions_key] or ActiveSessions(caller.user_id)
        if all_devices:
            end_all(ops, rows[account_key] or caller.account, active_sessions)
        else:
            _end(
                ops,
                world,
                active_sessions,
                {session.session_id: session for session in (rows[own_key], other) if session}.values(),
            )

    atomic(world, decide)


def must_be_active(account: Account | None) -> Account:
    """Raises Problem: session_ended, account_banned."""
    if account is None or account.status is Status.DELETED:
        raise Problem("session_ended")
    if account.status is Status.BANNED:
        raise Problem("account_banned")
    return account


def _make_room(ops: Transaction, world: World, account: Account, active_sessions: ActiveSessions) -> ActiveSessions:
    """The list with room for one more session."""
    if not active_sessions.full:
        return active_sessions
    now, keys = world.now(), [session_rows.session_key(entry.session_id) for entry in active_sessions.entries]
    rows = fetch(*keys)
    sessions = [session for key in keys if (session := rows[key]) is not None and session.is_live(account, now)]
    live_sessions = active_sessions.without(
        *(active_sessions.session_ids - {session.session_id for session in sessions})
    )
    if not live_sessions.full:
        return live_sessions
    first = sessions[0]
    session_rows.save_session(ops, first.ended(now, "too_many_devices"))
    return live_sessions.without(first.session_id)


def end_all(ops: Transaction, account: Account, active_sessions: ActiveSessions) -> None:
    """Write the session list and raise the epoch, so that concurrent sign-ins conflict and retry in the new epoch."""
    accounts.save(ops, replace(account, token_epoch=account.token_epoch + 1))
    session_rows.save_active_sessions(ops, replace(active_sessions, entries=()))


def _end(ops: Transaction, world: World, active_sessions: ActiveSessions, sessions: Iterable[Session]) -> None:
    remaining = active_sessions
    for session in sessions:
        remaining = remaining.without(session.session_id)
        if session.ended_at is None:
            session_rows.save_session(ops, session.ended(world.now(), "logout"))
    if remaining != active_sessions:
        session_rows.save_active_sessions(ops, remaining)


def _was_issued(world: World, session: Session, generation: int, token: str) -> bool:
    """Whether the token was ever issued for the session."""
    return compare_digest(_refresh(world, session, generation).encode(), token.encode())


def _refresh(world: World, session: Session, generation: int) -> str:
    """An opaque refresh token. Only the pepper and the salt of the row together produce it."""
    proof = world.digests.digest("refresh", session.session_id, session.salt, str(generation)).hex()
    return refresh_token_text(session.session_id, generation, proof)
