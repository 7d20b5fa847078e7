"""Registration, login, token refresh and operators' passwords."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.account import Role
from chalicelib.domain.problems import Problem
from chalicelib.services import caller as callers
from chalicelib.services import outbox
from chalicelib.services.audit import consistency
from chalicelib.services.auth import otp, sessions, signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import points
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.users import UserRow
from chalicelib.world import World
from infra.local import seed
from tests.builders import account
from tests.fake_world import FakeWorld
from tests.real_tables import all_rows
from tests.services.auth.test_otp import PHONE, code_for

ADMIN = "admin@example.com"


def verification_token(fake_world: FakeWorld, world: World, identifier: str = PHONE, *, minutes: int = 15) -> str:
    """A verification token, requested some minutes later, for the purpose that the identifier has then."""
    fake_world.clock.advance(minutes=minutes)
    return otp.verify(world, identifier, code_for(fake_world, world, identifier), None).token


def register(fake_world: FakeWorld, world: World, *, identifier: str = PHONE, username: str = "sita") -> SignedIn:
    token = verification_token(fake_world, world, identifier)
    return signin.register(world, identifier, token, username=username, referral_code=None)


def login(fake_world: FakeWorld, world: World, identifier: str = PHONE) -> SignedIn:
    return signin.login(world, identifier, verification_token(fake_world, world, identifier))


def caller(world: World, signed_in: SignedIn) -> Caller:
    claims = world.tokens.read(signed_in.tokens.access, audience=sessions.ACCESS)
    return callers.authenticate(world, claims=claims)


def test_a_registration_creates_account_identities_and_points(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    for body in fake_world.queues.take(outbox.POINTS):
        points.award(world, body)
        points.award(world, body)
    assert account(signed_in.user_id).points == 50
    assert fetch_one(identities.identity_key("username", "sita")) == signed_in.user_id
    assert caller(world, signed_in)


@pytest.mark.parametrize("username", ["sita", "SITA"])
def test_a_taken_username_changes_nothing(fake_world: FakeWorld, world: World, username: str) -> None:
    register(fake_world, world)
    token = verification_token(fake_world, world, "+9779841234568")
    before = all_rows()
    with pytest.raises(Problem, match="username_taken"):
        signin.register(world, "+9779841234568", token, username=username, referral_code=None)
    assert all_rows() == before
    assert signin.register(world, "+9779841234568", token, username="gita", referral_code=None).user_id


def test_an_email_address_registers_and_signs_in(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world, identifier="Sita@Example.com")
    assert signed_in.user is not None
    assert (signed_in.user.email, signed_in.user.phone) == ("sita@example.com", None)
    assert login(fake_world, world, "sita@example.COM").user_id == signed_in.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(
            world,
            "sita@example.com",
            verification_token(fake_world, world, "sita@example.com"),
            username="gita",
            referral_code=None,
        )


def test_an_identifier_earns_sign_up_points_once(fake_world: FakeWorld, world: World) -> None:
    first = register(fake_world, world)
    award_queued_points(fake_world, world)
    assert account(first.user_id).points == 50
    delete_user(first)
    second = register(fake_world, world)
    other_user = register(fake_world, world, identifier="sita@example.com", username="other")
    award_queued_points(fake_world, world)
    assert second.user_id != first.user_id
    assert account(second.user_id).points == 0
    assert account(other_user.user_id).points == 50
    assert consistency.audit(world) == []


def test_a_sign_up_award_of_0_points_makes_no_message_and_no_posting(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = replace(fake_world.settings, signup_points=0)
    signed_in = register(fake_world, world)
    assert fake_world.queues.take(outbox.POINTS) == []
    assert account(signed_in.user_id).points == 0
    assert not [name for name in all_rows() if "points:signup" in str(name)]


def test_a_queued_award_of_0_points_is_removed_without_a_posting(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    (body,) = fake_world.queues.take(outbox.POINTS)
    assert points.award(world, {**body, "points": 0})
    assert not points.award(world, body)
    assert account(signed_in.user_id).points == 0
    assert consistency.audit(world) == []


def award_queued_points(fake_world: FakeWorld, world: World) -> None:
    for body in fake_world.queues.take(outbox.POINTS):
        points.award(world, body)


def delete_user(signed_in: SignedIn) -> None:
    """Delete user and identities as a deletion does. Account and bonus row stay."""
    UserRow(signed_in.user_id).delete()
    for row in IdentityRow.scan():
        if row.user_id == signed_in.user_id and not row.identity.startswith("bonus#"):
            row.delete()


def test_a_token_registers_once(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    signin.register(world, PHONE, token, username="sita", referral_code=None)
    before = all_rows()
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, token, username="other", referral_code=None)
    assert all_rows() == before


def test_a_verification_token_works_for_its_purpose_only(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)
    signin.register(world, PHONE, token, username="sita", referral_code=None)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, verification_token(fake_world, world), username="gita", referral_code=None)


def test_a_token_works_for_its_number_and_ten_minutes(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, "+9779841234568", token, username="sita", referral_code=None)
    fake_world.clock.advance(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, token, username="sita", referral_code=None)


def test_every_login_starts_a_session(fake_world: FakeWorld, world: World) -> None:
    first = register(fake_world, world)
    token = verification_token(fake_world, world)
    second = signin.login(world, PHONE, token)
    assert second.user_id == first.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)


def test_an_unknown_referral_code_is_refused(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="referral_code_invalid"):
        signin.register(world, PHONE, token, username="sita", referral_code="NOBODYS1")


def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    second = sessions.refresh(world, signed_in.tokens.refresh)
    third = sessions.refresh(world, second.refresh)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, signed_in.tokens.refresh)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, third.refresh)
    with pytest.raises(Problem, match="session_ended"):
        caller(world, signed_in)


def test_a_repeated_refresh_within_a_minute_gives_the_same_tokens(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    fake_world.clock.advance(minutes=5)
    first = sessions.refresh(world, signed_in.tokens.refresh)
    rows = all_rows()
    for seconds in (0, 30, 29):
        fake_world.clock.advance(seconds=seconds)
        repeat = sessions.refresh(world, signed_in.tokens.refresh)
        assert (repeat.access, repeat.refresh) == (first.access, first.refresh)
    assert repeat.access_ttl_seconds == first.access_ttl_seconds - 59
    assert all_rows() == rows
    assert sessions.refresh(world, first.refresh).refresh != first.refresh


def test_a_refresh_repeated_after_a_minute_ends_the_session(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    second = sessions.refresh(world, signed_in.tokens.refresh)
    fake_world.clock.advance(seconds=60)
    for token in (signed_in.tokens.refresh, second.refresh):
        with pytest.raises(Problem, match="session_ended"):
            sessions.refresh(world, token)


def test_an_older_refresh_token_ends_the_session_within_the_minute(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    second = sessions.refresh(world, signed_in.tokens.refresh)
    third = sessions.refresh(world, second.refresh)
    for token in (signed_in.tokens.refresh, second.refresh, third.refresh):
        with pytest.raises(Problem, match="session_ended"):
            sessions.refresh(world, token)


@pytest.mark.parametrize("claim", ["sub", "jti", "purpose"])
@pytest.mark.parametrize("odd", [None, "", "a" * 3_000, "\ud800", "\0"])
def test_a_verification_token_with_an_odd_claim_is_invalid(
    fake_world: FakeWorld, world: World, claim: str, odd: str | None
) -> None:
    token = verification_token(fake_world, world)
    claims = dict(world.tokens.read(token, audience=otp.VERIFICATION)) | {claim: odd}
    if odd is None:
        claims.pop(claim)
    strange = world.tokens.sign(claims, audience=otp.VERIFICATION, until=world.now() + timedelta(minutes=5))
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, strange, username="sita", referral_code=None)


def test_a_forged_refresh_token_does_not_end_the_session(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    session_id, generation, _ = signed_in.tokens.refresh.split(".")
    for forged_token in (
        f"{session_id}.{generation}.{'0' * 64}",
        f"{session_id}.99.x",
        f"{session_id}.0.",
        f"{session_id}.{generation}.é",
        ".1.x",
        f"{'x' * 500}.1.x",
        "a.b",
        "..",
        "",
    ):
        with pytest.raises(Problem, match="session_ended"):
            sessions.refresh(world, forged_token)
    assert sessions.refresh(world, signed_in.tokens.refresh).access


def test_a_refresh_token_expires_after_thirty_days(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    fake_world.clock.advance(days=30)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, signed_in.tokens.refresh)


def test_an_access_token_expires_after_fifteen_minutes(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    fake_world.clock.advance(minutes=16)
    with pytest.raises(Problem, match="token_expired"):
        caller(world, signed_in)


def test_an_operator_signs_in_by_password(fake_world: FakeWorld, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.SUPPORT)
    assert signin.login_operator(world, " Admin@Example.com ", "right").account.role is Role.SUPPORT
    for email, password in ((ADMIN, "wrong"), ("nobody@example.com", "right")):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, email, password)


def test_the_sixth_password_guess_in_a_window_is_refused(fake_world: FakeWorld, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.ADMIN)
    for _ in range(5):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, ADMIN, "wrong")
    with pytest.raises(Problem, match="rate_limited"):
        signin.login_operator(world, ADMIN, "right")
    fake_world.clock.advance(minutes=15)
    for _ in range(8):
        assert signin.login_operator(world, ADMIN, "right").tokens.access
