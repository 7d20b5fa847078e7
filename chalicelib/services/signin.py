"""Coming in and going out: register, login, refresh, logout, and operators by password."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from chalicelib import log
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import Account, Role, Session, Status, User
from chalicelib.services import messages, otps
from chalicelib.services.accounts import Caller
from chalicelib.tables import accounts, challenges, credentials, users
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.outbox import Message
from chalicelib.tables.store import fetch
from chalicelib.world import World

ACCESS = "access"
REFERRAL_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
NOBODY = "00" * 16
SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class Tokens:
    """What a device signs requests with; `access_lives_seconds` from now."""

    access: str
    refresh: str
    access_lives_seconds: int


@dataclass(frozen=True)
class SignedIn:
    """A device just signed in."""

    user_id: str
    account: Account
    user: User | None
    tokens: Tokens


def register(world: World, identifier: str, token: str, *, username: str, referral_code: str | None) -> SignedIn:
    """User, identities, session and the sign-up points, all or nothing.

    Raises Problem: verification_token_invalid, already_registered, username_taken, referral_code_invalid.
    """
    phone, phone_key, challenge_id = otps.proved(world, identifier, token, "register")
    referrer = _referrer(referral_code)
    now, user_id = world.now(), world.new_id()
    user = User(user_id, username, now, _referral_code(world), phone=phone, referred_by=referrer)
    account = Account(user_id)
    session = _session(world, account)

    def decide(ops: Ops) -> Message:
        otps.spend(ops, challenge_id)
        taken = Problem("already_registered")
        users.claim_identity(ops, "phone", phone_key, user_id, refused=taken)
        name_taken = Problem("username_taken", errors={"username": ["taken"]})
        users.claim_identity(ops, "username", username.lower(), user_id, refused=name_taken)
        # A clash of two random codes is one in 10**11: asking again makes another.
        clash = Problem("busy", retry_after_seconds=1)
        users.claim_identity(ops, "referral", user.referral_code, user_id, refused=clash)
        users.save(ops, user)
        accounts.save(ops, account)
        accounts.save_session(ops, session)
        body = {"user_id": user_id, "points": world.settings().signup_points, "source": "signup"}
        return messages.write(ops, world, messages.POINTS, f"points:signup:{phone_key}", body)

    message = atomic(world, decide)
    messages.send(world, [message])
    log.fact("user_registered", user_id=user_id)
    return SignedIn(user_id, account, user, _tokens(world, account, session))


def login(world: World, identifier: str, token: str) -> SignedIn:
    """A new session for a known number.

    Raises Problem: verification_token_invalid, not_registered, account_banned.
    """
    _, phone_key, challenge_id = otps.proved(world, identifier, token, "login")
    owner_key = users.identity_key("phone", phone_key)
    user_id = fetch(owner_key)[owner_key]
    if user_id is None:
        raise Problem("not_registered")
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)
    found = fetch(account_key, user_key)
    account = _must_be_active(found[account_key])
    session = _session(world, account)

    def decide(ops: Ops) -> None:
        otps.spend(ops, challenge_id)
        accounts.save_session(ops, session)

    atomic(world, decide)
    return SignedIn(user_id, account, found[user_key], _tokens(world, account, session))


def refresh(world: World, token: str) -> Tokens:
    """The next pair of tokens. A refresh token that was used before ends its whole family.

    Raises Problem: session_ended, account_banned.
    """
    session_id, generation = _read_refresh(token)
    session_key = accounts.session_key(session_id)

    def decide(ops: Ops) -> tuple[Account, Session]:
        session = fetch(session_key)[session_key]
        if session is None or not compare_digest(_refresh(world, session, generation), token):
            raise Problem("session_ended")
        account_key = accounts.account_key(session.user_id)
        account = _must_be_active(fetch(account_key)[account_key])
        if not session.live(account, world.now()):
            raise Problem("session_ended")
        if generation != session.generation:
            ended = session.ended(world.now(), "refresh_reused")
            accounts.save_session(ops, ended)
            return account, ended
        until = world.now() + timedelta(days=world.settings().refresh_lives_days)
        rotated = session.rotated(until)
        accounts.save_session(ops, rotated)
        return account, rotated

    account, session = atomic(world, decide)
    if session.ended_at is not None:
        log.alarm("refresh_reused", user_id=session.user_id, session_id=session.session_id)
        raise Problem("session_ended")
    return _tokens(world, account, session)


def logout(world: World, caller: Caller) -> None:
    """End this session, on the very next request."""
    session_key = accounts.session_key(caller.session.session_id)

    def decide(ops: Ops) -> None:
        session = caller.session if ops.attempt == 0 else fetch(session_key)[session_key]
        if session is not None and session.ended_at is None:
            accounts.save_session(ops, session.ended(world.now(), "logout"))

    atomic(world, decide)


def login_operator(world: World, email: str, password: str) -> SignedIn:
    """By e-mail and password, for operators only. Raises Problem: wrong_credentials, rate_limited."""
    email_key = otps.identifier_key(world, email.strip().lower())
    tries = _count_login(world, email_key)
    key = credentials.credentials_key(email_key)
    kept = fetch(key)[key]
    # An unknown e-mail costs the same work as a wrong password.
    hashed = hash_password(password, kept.salt if kept else NOBODY)
    if kept is None or not compare_digest(hashed, kept.password):
        raise Problem("wrong_credentials")
    account_key = accounts.account_key(kept.user_id)
    account = fetch(account_key)[account_key]
    if account is None or account.status is not Status.ACTIVE or account.role is Role.CUSTOMER:
        raise Problem("wrong_credentials")
    session = _session(world, account)

    def decide(ops: Ops) -> None:
        accounts.save_session(ops, session)

    atomic(world, decide)
    challenges.forget(tries)
    return SignedIn(account.user_id, account, None, _tokens(world, account, session))


def _count_login(world: World, email_key: str) -> str:
    """One more try in this window, counted before anything is compared. Returns the counter's name."""
    now, settings = world.now(), world.settings()
    window = timedelta(minutes=settings.admin_login_rest_minutes)
    name = f"login#{email_key}#{int(now.timestamp() // window.total_seconds())}"
    limit = Problem("rate_limited", retry_after_seconds=int(window.total_seconds()))

    def decide(ops: Ops) -> None:
        challenges.count(ops, name, settings.admin_login_tries, now + 2 * window, refused=limit)

    atomic(world, decide)
    return name


def hash_password(password: str, salt: str) -> str:
    """scrypt, hex."""
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **SCRYPT).hex()


def _must_be_active(account: Account | None) -> Account:
    if account is None or account.status is Status.DELETED:
        raise Problem("session_ended")
    if account.status is Status.BANNED:
        raise Problem("account_banned")
    return account


def _referrer(code: str | None) -> str | None:
    if not code:
        return None
    key = users.identity_key("referral", code.strip().upper())
    referrer = fetch(key)[key]
    if referrer is None:
        raise Problem("referral_code_invalid", errors={"referral_code": ["unknown"]})
    return referrer


def _referral_code(world: World) -> str:
    return "".join(REFERRAL_ALPHABET[byte % len(REFERRAL_ALPHABET)] for byte in world.random_bytes(8))


def _session(world: World, account: Account) -> Session:
    now = world.now()
    until = now + timedelta(days=world.settings().refresh_lives_days)
    salt = world.random_bytes(16).hex()
    return Session(world.new_id(), account.user_id, salt, account.token_epoch, now, until)


def _tokens(world: World, account: Account, session: Session) -> Tokens:
    lives = world.settings().access_lives_seconds
    claims = {
        "sub": account.user_id,
        "sid": session.session_id,
        "role": account.role.value,
        "jti": world.new_id(),
    }
    access = world.tokens.sign(claims, audience=ACCESS, until=world.now() + timedelta(seconds=lives))
    return Tokens(access, _refresh(world, session, session.generation), lives)


def _refresh(world: World, session: Session, generation: int) -> str:
    """Opaque to the caller, and to whoever reads the table: only the pepper and the row's salt together make it."""
    proof = world.peppers.digest("refresh", session.session_id, session.salt, str(generation)).hex()
    return f"{session.session_id}.{generation}.{proof}"


def _read_refresh(token: str) -> tuple[str, int]:
    parts = token.split(".")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit() or len(parts[1]) > 9:
        raise Problem("session_ended")
    return parts[0], int(parts[1])
