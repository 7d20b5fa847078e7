"""Operators set their password themselves, by a setup token that a super admin hands over (decision 0062)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from hmac import compare_digest

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.sessions.active_sessions import ActiveSessions
from chalicelib.services import audit_log
from chalicelib.services.auth import identifier_keys, operator_limits
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth.operator_limits import CountedTry
from chalicelib.services.auth.password_hashes import PASSWORD_COST, hash_password
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, credentials, operators, sessions
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.credentials import Credentials
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

SETUP = "operator-setup"
SETUP_TTL = timedelta(hours=24)
NO_PASSWORD = ""
"""It equals no hash, so nobody signs in by it."""


def setup_token(world: World, operator: Operator) -> str:
    """The token of the operator's open setup. The row holds only its id."""
    claims = {"sub": operator.user_id, "jti": str(operator.setup_id)}
    return world.tokens.sign(claims, audience=SETUP, until=world.now() + SETUP_TTL)


def stage_new(ops: Transaction, world: World, operator: Operator, *, conflict: Problem) -> None:
    """Stage a new operator's credentials, by which nobody can sign in yet. Raises `conflict` for a taken address."""
    credentials.add(ops, _credentials(world, operator, NO_PASSWORD), conflict=conflict)


def set_password(world: World, token: str, password: str) -> None:
    """Set the password, end all sessions and use the token up. Raises Problem("setup_token_invalid")."""
    user_id, setup_id = _read(world, token)
    account_key, operator_key = accounts.account_key(user_id), operators.operator_key(user_id)
    active_sessions_key = sessions.active_sessions_key(user_id)
    stored: Credentials | None = None

    def decide(ops: Transaction) -> None:
        nonlocal stored
        rows = fetch(account_key, operator_key, active_sessions_key)
        account, operator = rows[account_key], rows[operator_key]
        if operator is None or operator.setup_id != setup_id or account is None or not account.is_active_operator:
            raise Problem("setup_token_invalid")
        # The hash takes a tenth of a second, so a repeated decision uses it again.
        stored = stored or _credentials(world, operator, password)
        operators.save(ops, replace(operator, setup_id=None))
        credentials.put(ops, stored)
        auth_sessions.end_all(ops, account, rows[active_sessions_key] or ActiveSessions(user_id))
        _record(ops, world, user_id, setup_open=True)

    atomic(world, decide)
    log.fact("operator_password_set", user_id=user_id)


@dataclass(frozen=True)
class CheckedPassword:
    """The signed-in operator who typed their password again, with the credentials that it matched."""

    operator: Operator
    stored: Credentials
    counted: CountedTry

    def stage_use(self, ops: Transaction, new: Credentials | None = None) -> None:
        """Stage that the password still holds at the commit, or its replacement by `new`.

        Raises Problem("password_wrong") when it ended meanwhile.
        """
        credentials.put_over(ops, new or self.stored, checked=self.stored, conflict=Problem("password_wrong"))
        operator_limits.stage_success(ops, self.counted)


def check_own(world: World, caller: Caller, password: str) -> CheckedPassword:
    """Check the password that the caller typed again. Its tries are the caller's own (`count_own_try`).

    Raises Problem: not_found, password_wrong, rate_limited.
    """
    operator = must_exist(fetch_one(operators.operator_key(caller.user_id)))
    counted = operator_limits.count_own_try(world, caller.user_id)
    stored = fetch_one(credentials.credentials_key(identifier_keys.identifier_key(world, operator.email)))
    if stored is None or not compare_digest(hash_password(password, stored.salt, stored.cost), stored.password):
        raise Problem("password_wrong")
    return CheckedPassword(operator, stored, counted)


def change_own(world: World, caller: Caller, password: str, new_password: str) -> None:
    """Change the caller's password and end all sessions. Raises Problem as `check_own`."""
    checked = check_own(world, caller, password)
    active_sessions_key = sessions.active_sessions_key(caller.user_id)
    new = _credentials(world, checked.operator, new_password)

    def decide(ops: Transaction) -> None:
        account = fresh_caller(world, caller, ops).account
        checked.stage_use(ops, new)
        auth_sessions.end_all(ops, account, fetch_one(active_sessions_key) or ActiveSessions(caller.user_id))
        _record(ops, world, caller.user_id, setup_open=False)

    atomic(world, decide)
    log.fact("operator_password_set", user_id=caller.user_id)


def _record(ops: Transaction, world: World, user_id: str, *, setup_open: bool) -> None:
    """Record that the password changed. No part of it is in the log."""
    changes = {"before": {"setup_open": setup_open}, "after": {"setup_open": False}}
    audit_log.record(ops, world, user_id, AdminAction("operator_password_set", user_id, changes))


def end_password(ops: Transaction, world: World, account: Account, operator: Operator) -> None:
    """Stage that the operator has no password, and that every session has ended."""
    credentials.put(ops, _credentials(world, operator, NO_PASSWORD))
    accounts.save(ops, replace(account, token_epoch=account.token_epoch + 1))


def _read(world: World, token: str) -> tuple[str, str]:
    try:
        claims = world.tokens.read(token, audience=SETUP)
    except Problem as problem:
        raise Problem("setup_token_invalid") from problem
    return str(claims.get("sub")), str(claims.get("jti"))


def _credentials(world: World, operator: Operator, password: str) -> Credentials:
    key, salt = identifier_keys.identifier_key(world, operator.email), world.random_bytes(16).hex()
    hashed = hash_password(password, salt) if password else NO_PASSWORD
    return Credentials(key, operator.user_id, operator.email, salt, hashed, PASSWORD_COST)
