"""Sessions: the tokens a device holds, how many devices at once, and all the ways a session ends."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest

from chalicelib import log
from chalicelib.domain.account import Account, Status
from chalicelib.domain.active_sessions import Roster
from chalicelib.domain.problems import Problem
from chalicelib.domain.session import Session
from chalicelib.domain.user import User
from chalicelib.services.caller import Caller
from chalicelib.tables import accounts, users
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

ACCESS = "access"


@dataclass(frozen=True)
class Tokens:
    """What a device signs requests with; `access_lives_seconds` from now."""

    access: str
    refresh: str
    access_lives_seconds: int


def begin(ops: Ops, world: World, account: Account, roster: Roster | None) -> Session:
    """One more device of the account's, with this transaction. `roster` is as read for this very try.

    When as many as may be are signed in, those that ended by themselves are forgotten; if none has, the session
    that began first ends.
    """
    now = world.now()
    until = now + timedelta(days=world.settings().refresh_lives_days)
    salt = world.random_bytes(16).hex()
    session = Session(world.new_id(), account.user_id, salt, account.token_epoch, now, until)
    session_rows.save_session(ops, session)
    room = _with_room(ops, world, account, roster or Roster(account.user_id))
    session_rows.save_roster(ops, room.joined(session.session_id, now))
    return session


def tokens(world: World, account: Account, session: Session, user: User | None) -> Tokens:
    """What the device is given for its session. The language is told along, for messages that need no row."""
    lives = world.settings().access_lives_seconds
    claims = {
        "sub": account.user_id,
        "sid": session.session_id,
        "role": account.role.value,
        "jti": world.new_id(),
    }
    if user is not None and user.language is not None:
        claims["lang"] = user.language
    access = world.tokens.sign(claims, audience=ACCESS, until=world.now() + timedelta(seconds=lives))
    return Tokens(access, _refresh(world, session, session.generation), lives)


def refresh(world: World, token: str) -> Tokens:
    """The next pair of tokens. A refresh token that was used before ends its whole family.

    Raises Problem: session_ended, account_banned.
    """
    read = _read_refresh(token)
    if read is None:
        raise Problem("session_ended")
    session_id, generation = read
    session_key = session_rows.session_key(session_id)

    def decide(ops: Ops) -> tuple[Account, Session, User | None]:
        session = fetch(session_key)[session_key]
        if session is None or not _genuine(world, session, generation, token):
            raise Problem("session_ended")
        account_key, user_key = accounts.account_key(session.user_id), users.user_key(session.user_id)
        found = fetch(account_key, user_key)
        account = must_be_active(found[account_key])
        if not session.live(account, world.now()):
            raise Problem("session_ended")
        if generation != session.generation:
            ended = session.ended(world.now(), "refresh_reused")
            session_rows.save_session(ops, ended)
            return account, ended, None
        until = world.now() + timedelta(days=world.settings().refresh_lives_days)
        rotated = session.rotated(until)
        session_rows.save_session(ops, rotated)
        return account, rotated, found[user_key]

    account, session, user = atomic(world, decide)
    if session.ended_at is not None:
        log.alarm("refresh_reused", user_id=session.user_id, session_id=session.session_id)
        raise Problem("session_ended")
    return tokens(world, account, session, user)


def logout(world: World, caller: Caller, *, refresh_token: str | None = None, all_devices: bool = False) -> None:
    """End this session on the very next request; the one behind `refresh_token` too, or all of the account's.

    Raises Problem("invalid_input") when `refresh_token` is no token of this account's; nothing ends then.
    """
    read = _read_refresh(refresh_token) if refresh_token is not None else None
    own_key, account_key = session_rows.session_key(caller.session.session_id), accounts.account_key(caller.user_id)
    roster_key = session_rows.roster_key(caller.user_id)
    other_key = session_rows.session_key(read[0]) if read else own_key

    def decide(ops: Ops) -> None:
        found = fetch(own_key, account_key, roster_key, other_key)
        other = found[other_key]
        if refresh_token is not None:
            known = read is not None and other is not None and _genuine(world, other, read[1], refresh_token)
            if not known or other is None or other.user_id != caller.user_id:
                raise Problem("invalid_input", errors={"refresh": ["not a token of this account"]})
        roster = found[roster_key] or Roster(caller.user_id)
        if all_devices:
            _end_all(ops, found[account_key] or caller.account, roster)
        else:
            _end(ops, world, roster, {one.session_id: one for one in (found[own_key], other) if one}.values())

    atomic(world, decide)


def must_be_active(account: Account | None) -> Account:
    """Raises Problem: session_ended, account_banned."""
    if account is None or account.status is Status.DELETED:
        raise Problem("session_ended")
    if account.status is Status.BANNED:
        raise Problem("account_banned")
    return account


def _with_room(ops: Ops, world: World, account: Account, roster: Roster) -> Roster:
    """The roster with room for one more."""
    if not roster.full:
        return roster
    now, keys = world.now(), [session_rows.session_key(entry.session_id) for entry in roster.entries]
    found = fetch(*keys)
    live = [session for key in keys if (session := found[key]) is not None and session.live(account, now)]
    kept = roster.without(*(roster.session_ids - {session.session_id for session in live}))
    if not kept.full:
        return kept
    first = live[0]
    session_rows.save_session(ops, first.ended(now, "too_many_devices"))
    return kept.without(first.session_id)


def _end_all(ops: Ops, account: Account, roster: Roster) -> None:
    """Whoever signs in at this moment writes the roster too, and decides anew, under the new epoch."""
    accounts.save(ops, replace(account, token_epoch=account.token_epoch + 1))
    session_rows.save_roster(ops, replace(roster, entries=()))


def _end(ops: Ops, world: World, roster: Roster, sessions: Iterable[Session]) -> None:
    left = roster
    for session in sessions:
        left = left.without(session.session_id)
        if session.ended_at is None:
            session_rows.save_session(ops, session.ended(world.now(), "logout"))
    if left != roster:
        session_rows.save_roster(ops, left)


def _genuine(world: World, session: Session, generation: int, token: str) -> bool:
    """Whether the token was once given for the session, whatever has become of it."""
    return compare_digest(_refresh(world, session, generation).encode(), token.encode())


def _refresh(world: World, session: Session, generation: int) -> str:
    """Opaque to the caller, and to whoever reads the table: only the pepper and the row's salt together make it."""
    proof = world.peppers.digest("refresh", session.session_id, session.salt, str(generation)).hex()
    return f"{session.session_id}.{generation}.{proof}"


def _read_refresh(token: str) -> tuple[str, int] | None:
    """Session and generation that a token names; None for what can be none."""
    parts = token.split(".")
    if len(parts) != 3 or not token.isascii() or not parts[0].isalnum():
        return None
    if not parts[1].isdigit() or len(parts[1]) > 9:
        return None
    return parts[0], int(parts[1])
