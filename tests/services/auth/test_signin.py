"""Registration, login, token refresh and operators' passwords."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.audit import whole_audit
from chalicelib.services.auth import otp, registration, signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.rewards import points
from chalicelib.services.users import deletion
from chalicelib.services.users.profile import profile_keys
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from infra.local.seeds import seed
from tests.services.auth.sign_in_steps import caller, login, register, verification_token
from tests.services.auth.test_otp import CLIENT_ADDRESS, PHONE
from tests.world import builders
from tests.world.builders import account
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows

ADMIN = "admin@example.com"


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
        registration.register(world, "+9779841234568", token, username=username, referral_code=None)
    assert all_rows() == before
    assert registration.register(world, "+9779841234568", token, username="gita", referral_code=None).user_id


def test_an_email_address_registers_and_signs_in(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world, identifier="Sita@Example.com")
    assert signed_in.user is not None
    assert (signed_in.user.email, signed_in.user.phone) == ("sita@example.com", None)
    assert login(fake_world, world, "sita@example.COM").user_id == signed_in.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(
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
    delete_user(world, first)
    second = register(fake_world, world)
    other_user = register(fake_world, world, identifier="sita@example.com", username="other")
    award_queued_points(fake_world, world)
    assert second.user_id != first.user_id
    assert account(second.user_id).points == 0
    assert account(other_user.user_id).points == 50
    assert whole_audit.audit(world) == []


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
    assert whole_audit.audit(world) == []


def award_queued_points(fake_world: FakeWorld, world: World) -> None:
    for body in fake_world.queues.take(outbox.POINTS):
        points.award(world, body)


def delete_user(world: World, signed_in: SignedIn) -> None:
    """Delete the account, with the points on it."""
    user_id = signed_in.user_id
    caller = builders.sign_in(world, user_id).caller(world, *profile_keys(user_id))
    deletion.delete(world, caller, forfeit_balance=True)


def test_a_token_registers_once(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    registration.register(world, PHONE, token, username="sita", referral_code=None)
    before = all_rows()
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(world, PHONE, token, username="other", referral_code=None)
    assert all_rows() == before


def test_a_verification_token_works_for_its_purpose_only(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)
    registration.register(world, PHONE, token, username="sita", referral_code=None)
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(
            world, PHONE, verification_token(fake_world, world), username="gita", referral_code=None
        )


def test_a_token_works_for_its_number_and_ten_minutes(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(world, "+9779841234568", token, username="sita", referral_code=None)
    fake_world.clock.advance(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(world, PHONE, token, username="sita", referral_code=None)


def test_every_login_starts_a_session(fake_world: FakeWorld, world: World) -> None:
    first = register(fake_world, world)
    token = verification_token(fake_world, world)
    second = signin.login(world, PHONE, token)
    assert second.user_id == first.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)


@pytest.mark.parametrize(
    "typed",
    [
        "{0}",
        " {0} ",
        "{1} {2}",
        "{1}-{2}",
        "{1}\u2013{2}",
        "{1}\u00a0{2}",
        "{1}\u200b{2}\u2060",
        "{1}/{2}.",
        "{3}",
        "{4}",
    ],
    ids=ascii,
)
def test_a_referral_code_typed_in_groups_is_that_code(typed: str, fake_world: FakeWorld, world: World) -> None:
    first = register(fake_world, world)
    assert first.user is not None
    code = first.user.referral_code
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    token = verification_token(fake_world, world, "gita@example.com")
    text = typed.format(code, code[:4], code[4:], code.lower(), wide)
    second = registration.register(world, "gita@example.com", token, username="gita", referral_code=text)
    assert second.user is not None
    assert second.account.referrer_id == first.user_id


@pytest.mark.parametrize("typed", ["-", " - ", "...", "\u2013"], ids=ascii)
def test_a_referral_code_of_marks_alone_is_refused(typed: str, fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="referral_code_invalid"):
        registration.register(world, PHONE, token, username="sita", referral_code=typed)


def test_an_unknown_referral_code_is_refused(fake_world: FakeWorld, world: World) -> None:
    token = verification_token(fake_world, world)
    with pytest.raises(Problem, match="referral_code_invalid"):
        registration.register(world, PHONE, token, username="sita", referral_code="NOBODYS1")


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
        registration.register(world, PHONE, strange, username="sita", referral_code=None)


def test_an_operator_signs_in_by_password(fake_world: FakeWorld, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.SUPPORT)
    assert signin.login_operator(world, " Admin@Example.com ", "right", CLIENT_ADDRESS).account.role is Role.SUPPORT
    for email, password in ((ADMIN, "wrong"), ("nobody@example.com", "right")):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, email, password, CLIENT_ADDRESS)


def test_the_sixth_password_guess_in_a_window_is_refused(fake_world: FakeWorld, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.ADMIN)
    for _ in range(5):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, ADMIN, "wrong", CLIENT_ADDRESS)
    with pytest.raises(Problem, match="rate_limited"):
        signin.login_operator(world, ADMIN, "right", CLIENT_ADDRESS)
    fake_world.clock.advance(minutes=15)
    for _ in range(8):
        assert signin.login_operator(world, ADMIN, "right", CLIENT_ADDRESS).tokens.access
