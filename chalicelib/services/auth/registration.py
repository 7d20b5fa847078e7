"""Registration of a customer by a verified identifier, with sign-up points and the referrer."""

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.referral import CODE_LENGTH, new_referral_code
from chalicelib.domain.auth.identifier import Identifier, IdentifierKind
from chalicelib.domain.notifications.profile_reminder import with_reminder
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.rewards.point_rules import signup_award
from chalicelib.domain.sessions.session import Session
from chalicelib.domain.users.user import User
from chalicelib.services import outbox
from chalicelib.services.auth import known_devices, otp, referral_claims
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth.signin import SignedIn
from chalicelib.tables import accounts, identities, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


def register(world: World, identifier: str, token: str, *, username: str, referral_code: str | None) -> SignedIn:
    """Create a user with identities, session and sign-up points, in one transaction.

    An identifier earns sign-up points once. After a deletion its user registers again without points. Raises Problem:
    verification_token_invalid, already_registered, username_taken, and those of `referral_claims`.
    """
    parsed, proof = otp.require_verified(world, identifier, token, "register")
    user_id = world.new_id()
    bonus_key = identities.identity_key(referral_claims.BONUS, proof.key)
    referrer_key = referral_claims.required_key(referral_code) if referral_code and referral_code.strip() else None

    def decide(ops: Transaction) -> tuple[Account, User, Session]:
        rows = fetch(bonus_key, *([referrer_key] if referrer_key else []))
        user = _new_user(world, user_id, username, parsed)
        otp.spend(ops, proof)
        _claim_identities(ops, user, parsed, proof.key)
        users.save_user(ops, user)
        account = Account(user_id)
        if referrer_key is not None:
            referrer_id = referral_claims.referrer_of(rows[referrer_key])
            referral_claims.must_be_new(user_id, referrer_id, [rows[bonus_key]])
            account = referral_claims.stage(ops, world, account, referrer_id)
        accounts.save(ops, account)
        session = auth_sessions.begin(ops, world, account, None)
        if rows[bonus_key] is None:
            _award_signup_points(ops, world, user_id, proof.key)
        return account, user, session

    account, user, session = atomic(world, decide)
    log.fact("user_registered", user_id=user_id)
    tokens = auth_sessions.issue_tokens(world, account, session, user)
    return SignedIn(user_id, account, user, tokens, known_devices.of_customer(world, proof.key))


def _new_user(world: World, user_id: str, username: str, identifier: Identifier) -> User:
    by_phone = identifier.kind is IdentifierKind.PHONE
    user = User(
        user_id,
        username,
        world.now(),
        new_referral_code(world.random_bytes(CODE_LENGTH)),
        phone=identifier.text if by_phone else None,
        email=None if by_phone else identifier.text,
    )
    return with_reminder(user, world.now(), world.settings())


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
    identities.claim_identity(ops, referral_claims.BONUS, key, user_id, conflict=None)
    award = signup_award(user_id, key, world.settings())
    if award.points:
        outbox.stage(ops, world, outbox.POINTS, award.award_id, award.message_body)
