"""Registration of a customer by a verified identifier, with sign-up points and the referrer."""

from chalicelib import log
from chalicelib.domain.account import Account
from chalicelib.domain.grouped_digits import letters_and_digits_of
from chalicelib.domain.identifier import Identifier, IdentifierKind
from chalicelib.domain.point_rules import signup_award
from chalicelib.domain.problems import Problem
from chalicelib.domain.session import Session
from chalicelib.domain.user import User
from chalicelib.domain.validation_messages import validation_message
from chalicelib.services import outbox
from chalicelib.services.auth import known_devices, otp
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth.signin import SignedIn
from chalicelib.tables import accounts, identities, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

REFERRAL_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
BONUS = "bonus"
"""The kind of identity row that records the sign-up points of an identifier. The row stays after its user's deletion.
"""


def register(world: World, identifier: str, token: str, *, username: str, referral_code: str | None) -> SignedIn:
    """Create a user with identities, session and sign-up points, in one transaction.

    An identifier earns sign-up points once. After a deletion its user registers again without points. Raises Problem:
    verification_token_invalid, already_registered, username_taken, referral_code_invalid.
    """
    parsed, proof = otp.require_verified(world, identifier, token, "register")
    user_id = world.new_id()
    account = Account(user_id)
    bonus_key = identities.identity_key(BONUS, proof.key)
    referrer_key = _referral_key(referral_code) if referral_code and referral_code.strip() else None

    def decide(ops: Transaction) -> tuple[User, Session]:
        rows = fetch(bonus_key, *([referrer_key] if referrer_key else []))
        user = _new_user(world, user_id, username, parsed, _referrer(rows, referrer_key))
        otp.spend(ops, proof)
        _claim_identities(ops, user, parsed, proof.key)
        users.save_user(ops, user)
        accounts.save(ops, account)
        session = auth_sessions.begin(ops, world, account, None)
        if rows[bonus_key] is None:
            _award_signup_points(ops, world, user_id, proof.key)
        return user, session

    user, session = atomic(world, decide)
    log.fact("user_registered", user_id=user_id)
    tokens = auth_sessions.issue_tokens(world, account, session, user)
    return SignedIn(user_id, account, user, tokens, known_devices.of_customer(world, proof.key))


def _new_user(world: World, user_id: str, username: str, identifier: Identifier, referrer: str | None) -> User:
    by_phone = identifier.kind is IdentifierKind.PHONE
    return User(
        user_id,
        username,
        world.now(),
        _referral_code(world),
        phone=identifier.text if by_phone else None,
        email=None if by_phone else identifier.text,
        referred_by=referrer,
    )


def _claim_identities(ops: Transaction, user: User, identifier: Identifier, key: str) -> None:
    """Claim the identities that must be unique among users: identifier, username and referral code."""
    identities.claim_identity(ops, identifier.kind, key, user.user_id, conflict=Problem("already_registered"))
    name_taken = Problem("username_taken", errors={"username": [validation_message("username_taken")]})
    identities.claim_identity(ops, "username", user.username.lower(), user.user_id, conflict=name_taken)
    # Two random codes clash once in 10**11; the retry makes another code.
    clash = Problem("busy", retry_after_seconds=1)
    identities.claim_identity(ops, "referral", user.referral_code, user.user_id, conflict=clash)


def _award_signup_points(ops: Transaction, world: World, user_id: str, key: str) -> None:
    """Stage the message that awards the points; none when the award is of 0 points."""
    identities.claim_identity(ops, BONUS, key, user_id, conflict=None)
    award = signup_award(user_id, key, world.settings())
    if award.points:
        outbox.stage(ops, world, outbox.POINTS, award.award_id, award.message_body)


def _referral_key(referral_code: str) -> Key[str]:
    """The key of a code as people type it: in groups, in any case. Raises Problem("referral_code_invalid")."""
    code = letters_and_digits_of(referral_code)
    if not code:
        raise _unknown_referral_code()
    return identities.identity_key("referral", code)


def _unknown_referral_code() -> Problem:
    return Problem("referral_code_invalid", errors={"referral_code": [validation_message("referral_code_unknown")]})


def _referrer(rows: Found, key: Key[str] | None) -> str | None:
    """The owner of a referral code. Raises Problem("referral_code_invalid")."""
    if key is None:
        return None
    referrer = rows[key]
    if referrer is None:
        raise _unknown_referral_code()
    return referrer


def _referral_code(world: World) -> str:
    return "".join(REFERRAL_ALPHABET[byte % len(REFERRAL_ALPHABET)] for byte in world.random_bytes(8))
