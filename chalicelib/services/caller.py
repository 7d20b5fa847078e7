"""Authentication: reads the account and the session of an access token together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.operations.idempotency import IdempotencyKey, StoredResponse
from chalicelib.domain.operators.role import OWN_ACCOUNT, Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.sessions.session import Session
from chalicelib.services import idempotency
from chalicelib.services.idempotency import IdempotencyClaim
from chalicelib.tables import accounts, sessions
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World


@dataclass(frozen=True)
class AuthRequest:
    """The arguments of `authenticate`, with which a stale decision reads the caller again."""

    claims: Mapping[str, Any]
    prefetch: tuple[Key[Any], ...]
    permission: str | None
    idempotency_key: IdempotencyKey | None


@dataclass(frozen=True)
class Caller:
    """A signed-in account, and the other rows that this request read in the same call."""

    account: Account
    session: Session
    rows: Found
    auth_request: AuthRequest
    idempotency: IdempotencyClaim | None = None
    replay: StoredResponse | None = None

    @property
    def user_id(self) -> str:
        return self.account.user_id

    @property
    def earlier_resource_id(self) -> str | None:
        """The id of the resource that an earlier try of this request made. The verb returns it and writes nothing."""
        return self.idempotency.resource_id if self.idempotency else None


OptionalCaller = Caller | None
"""The caller of a public route: None without a valid access token."""


def authenticate(
    world: World,
    *,
    claims: Mapping[str, Any],
    prefetch: tuple[Key[Any], ...] = (),
    permission: str | None = None,
    idempotency_key: IdempotencyKey | None = None,
) -> Caller:
    """Read account, session, `prefetch` and the idempotency record in one call.

    Raises Problem: session_ended, account_banned, forbidden, second_factor_missing, idempotency_key_reused,
    idempotency_in_progress.
    """
    auth_request = AuthRequest(claims, prefetch, permission, idempotency_key)
    account_key = accounts.account_key(str(claims["sub"]))
    session_key = sessions.session_key(str(claims["sid"]))
    record_key = idempotency.record_key(account_key.hash_key, idempotency_key) if idempotency_key else None
    rows = fetch(account_key, session_key, *prefetch, *([record_key] if record_key else []))
    account, session = rows[account_key], rows[session_key]
    if account is None or session is None or session.user_id != account.user_id:
        raise Problem("session_ended")
    if account.status is Status.BANNED and account.role is Role.CUSTOMER:
        raise Problem("account_banned")  # the ban has ended the session: the customer learns why
    if account.status is not Status.ACTIVE or not session.is_live(account, world.now()):
        raise Problem("session_ended")
    if permission is not None and not account.has_permission(permission):
        raise Problem("forbidden")
    if permission not in (None, OWN_ACCOUNT) and account.lacks_second_factor(world.settings()):
        raise Problem("second_factor_missing")
    caller = Caller(account, session, rows, auth_request)
    if idempotency_key is None or record_key is None:
        return caller
    meaning = idempotency.check(world, record_key, idempotency_key, rows[record_key])
    if isinstance(meaning, StoredResponse):
        return replace(caller, replay=meaning)
    return replace(caller, idempotency=meaning)


def fresh_caller(world: World, caller: Caller, ops: Transaction) -> Caller:
    """The caller for this attempt. The first attempt uses the rows that the request read; a later one reads them
    again.

    Raises Problem("idempotency_in_progress") when another try of the same request came first.
    """
    return caller if ops.attempt == 0 else reread_caller(world, caller)


def reread_caller(world: World, caller: Caller) -> Caller:
    """The caller, read again. Raises Problem("idempotency_in_progress") like `fresh_caller`."""
    auth_request = caller.auth_request
    caller_now = authenticate(
        world,
        claims=auth_request.claims,
        prefetch=auth_request.prefetch,
        permission=auth_request.permission,
        idempotency_key=auth_request.idempotency_key,
    )
    if caller_now.replay is not None or caller_now.earlier_resource_id is not None:
        raise Problem("idempotency_in_progress", retry_after_seconds=1)
    return caller_now
