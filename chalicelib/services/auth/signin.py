"""Login by a verified identifier, and login of operators by password."""

from dataclasses import dataclass
from hmac import compare_digest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys, known_devices, operator_limits, second_factor
from chalicelib.services.auth import otp as otp_codes
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth.password_hashes import PASSWORD_COST, hash_password
from chalicelib.services.auth.sessions import TokenPair
from chalicelib.tables import accounts, credentials, identities, operators, sessions, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

SALT_WITHOUT_ACCOUNT = "00" * 16


@dataclass(frozen=True)
class SignedIn:
    """The result of a sign-in."""

    user_id: str
    account: Account
    user: User | None
    tokens: TokenPair
    device_token: str | None = None
    """The token by which the device is known at the next sign-ins with the same identifier."""


def login(world: World, identifier: str, token: str) -> SignedIn:
    """Start a session for a registered identifier.

    Raises Problem: verification_token_invalid, not_registered, account_banned.
    """
    parsed, proof = otp_codes.require_verified(world, identifier, token, "login")
    user_id = fetch_one(identities.identity_key(parsed.kind, proof.key))
    if user_id is None:
        raise Problem("not_registered")
    account_key, user_key, active_sessions_key = (
        accounts.account_key(user_id),
        users.user_key(user_id),
        sessions.active_sessions_key(user_id),
    )

    def decide(ops: Transaction) -> tuple[Account, User | None, Session]:
        rows = fetch(account_key, user_key, active_sessions_key)
        account = auth_sessions.must_be_active(rows[account_key])
        otp_codes.spend(ops, proof)
        return account, rows[user_key], auth_sessions.begin(ops, world, account, rows[active_sessions_key])

    account, user, session = atomic(world, decide)
    tokens = auth_sessions.issue_tokens(world, account, session, user)
    return SignedIn(user_id, account, user, tokens, known_devices.of_customer(world, proof.key))


def login_operator(
    world: World, email: str, password: str, address: str, *, otp: str | None = None, device_token: str | None = None
) -> SignedIn:
    """Sign an operator in by email address and password, and by a code where the account has a second factor.

    `address` is the caller's network address. `device_token` is what an earlier log-in on this device returned.
    Raises Problem: wrong_credentials, second_factor_needed, second_factor_wrong, rate_limited.
    """
    email_key = identifier_keys.identifier_key(world, email.strip().lower())
    login_try = operator_limits.count_try(world, email_key, address, device_token)
    stored = fetch_one(credentials.credentials_key(email_key))
    # An unknown email address costs the same work as a wrong password.
    salt, cost = (stored.salt, stored.cost) if stored else (SALT_WITHOUT_ACCOUNT, PASSWORD_COST)
    hashed = hash_password(password, salt, cost)
    if stored is None or not compare_digest(hashed, stored.password):
        raise Problem("wrong_credentials")
    account_key, active_sessions_key, operator_key = (
        accounts.account_key(stored.user_id),
        sessions.active_sessions_key(stored.user_id),
        operators.operator_key(stored.user_id),
    )

    def decide(ops: Transaction) -> tuple[Account, Session]:
        rows = fetch(account_key, active_sessions_key, operator_key)
        account = rows[account_key]
        if account is None or not account.is_active_operator:
            raise Problem("wrong_credentials")
        second_factor.stage_use(ops, world, account, rows[operator_key], otp)
        # The hash took a while: a password that ended meanwhile begins no session in the new epoch.
        credentials.put_over(ops, stored, checked=stored, conflict=Problem("wrong_credentials"))
        operator_limits.stage_success(ops, login_try)
        return account, auth_sessions.begin(ops, world, account, rows[active_sessions_key])

    account, session = atomic(world, decide)
    tokens = auth_sessions.issue_tokens(world, account, session, None)
    return SignedIn(account.user_id, account, None, tokens, operator_limits.device_token(world, login_try))
