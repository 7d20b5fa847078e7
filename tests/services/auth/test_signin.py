"""Coming in and going out."""

import pytest

from chalicelib.domain.account import Role
from chalicelib.domain.problems import Problem
from chalicelib.services import caller as callers
from chalicelib.services import outbox
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.services.auth import otp, sessions, signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller
from chalicelib.services.rewards import points
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.identities import IdentityRow
from chalicelib.tables.users import UserRow
from chalicelib.world import World
from infra.local import seed
from tests.builders import account
from tests.doors import everything
from tests.fake_world import Scene
from tests.services.auth.test_otp import PHONE, code_for

ADMIN = "admin@example.com"


def proof(scene: Scene, world: World, identifier: str = PHONE, *, minutes: int = 15) -> str:
    """A verification token asked for after some minutes, good for whatever the identifier's purpose is then."""
    scene.clock.pass_(minutes=minutes)
    return otp.verify(world, identifier, code_for(scene, world, identifier), None).token


def register(scene: Scene, world: World, *, identifier: str = PHONE, username: str = "sita") -> SignedIn:
    token = proof(scene, world, identifier)
    return signin.register(world, identifier, token, username=username, referral_code=None)


def login(scene: Scene, world: World, identifier: str = PHONE) -> SignedIn:
    return signin.login(world, identifier, proof(scene, world, identifier))


def caller(world: World, signed: SignedIn) -> Caller:
    claims = world.tokens.read(signed.tokens.access, audience=sessions.ACCESS)
    return callers.authenticate(world, claims=claims)


def test_a_registration_gives_an_account_its_identities_and_its_points(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    for body in scene.queues.take(outbox.POINTS):
        points.award(world, body)
        points.award(world, body)
    assert account(signed.user_id).points == 50
    key = identities.identity_key("username", "sita")
    assert fetch(key)[key] == signed.user_id
    assert caller(world, signed)


@pytest.mark.parametrize("username", ["sita", "SITA"])
def test_a_taken_username_changes_nothing(scene: Scene, world: World, username: str) -> None:
    register(scene, world)
    token = proof(scene, world, "+9779841234568")
    before = everything()
    with pytest.raises(Problem, match="username_taken"):
        signin.register(world, "+9779841234568", token, username=username, referral_code=None)
    assert everything() == before
    assert signin.register(world, "+9779841234568", token, username="gita", referral_code=None).user_id


def test_an_address_registers_and_signs_in_as_a_number_does(scene: Scene, world: World) -> None:
    signed = register(scene, world, identifier="Sita@Example.com")
    assert signed.user is not None
    assert (signed.user.email, signed.user.phone) == ("sita@example.com", None)
    assert login(scene, world, "sita@example.COM").user_id == signed.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(
            world, "sita@example.com", proof(scene, world, "sita@example.com"), username="gita", referral_code=None
        )


def test_an_identifier_brings_points_once_for_ever(scene: Scene, world: World) -> None:
    gone = register(scene, world)
    hear_points(scene, world)
    assert account(gone.user_id).points == 50
    leave(gone)
    back = register(scene, world)
    other = register(scene, world, identifier="sita@example.com", username="other")
    hear_points(scene, world)
    assert back.user_id != gone.user_id
    assert account(back.user_id).points == 0
    assert account(other.user_id).points == 50
    assert ledger_audit.audit(world) == []


def hear_points(scene: Scene, world: World) -> None:
    for body in scene.queues.take(outbox.POINTS):
        points.award(world, body)


def leave(signed: SignedIn) -> None:
    """As a deletion does: the person and what they were known by are gone, the account and the bonus row stay."""
    UserRow(signed.user_id).delete()
    for row in IdentityRow.scan():
        if row.user_id == signed.user_id and not row.identity.startswith("bonus#"):
            row.delete()


def test_a_token_registers_once(scene: Scene, world: World) -> None:
    token = proof(scene, world)
    signin.register(world, PHONE, token, username="sita", referral_code=None)
    before = everything()
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, token, username="other", referral_code=None)
    assert everything() == before


def test_a_register_token_is_no_login_token_and_the_other_way_round(scene: Scene, world: World) -> None:
    token = proof(scene, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)
    signin.register(world, PHONE, token, username="sita", referral_code=None)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, proof(scene, world), username="gita", referral_code=None)


def test_a_token_proves_its_own_number_only_and_for_ten_minutes(scene: Scene, world: World) -> None:
    token = proof(scene, world)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, "+9779841234568", token, username="sita", referral_code=None)
    scene.clock.pass_(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, PHONE, token, username="sita", referral_code=None)


def test_login_opens_a_session_of_its_own(scene: Scene, world: World) -> None:
    first = register(scene, world)
    token = proof(scene, world)
    second = signin.login(world, PHONE, token)
    assert second.user_id == first.user_id
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)


def test_an_unknown_referral_code_is_refused(scene: Scene, world: World) -> None:
    token = proof(scene, world)
    with pytest.raises(Problem, match="referral_code_invalid"):
        signin.register(world, PHONE, token, username="sita", referral_code="NOBODYS1")


def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    second = sessions.refresh(world, signed.tokens.refresh)
    third = sessions.refresh(world, second.refresh)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, signed.tokens.refresh)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, third.refresh)
    with pytest.raises(Problem, match="session_ended"):
        caller(world, signed)


def test_garbage_that_names_a_session_does_not_end_it(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    session_id, generation, _ = signed.tokens.refresh.split(".")
    for garbage in (
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
            sessions.refresh(world, garbage)
    assert sessions.refresh(world, signed.tokens.refresh).access


def test_a_refresh_token_lives_thirty_days(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    scene.clock.pass_(days=30)
    with pytest.raises(Problem, match="session_ended"):
        sessions.refresh(world, signed.tokens.refresh)


def test_an_access_token_lives_a_quarter_of_an_hour(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    scene.clock.pass_(minutes=16)
    with pytest.raises(Problem, match="token_expired"):
        caller(world, signed)


def test_an_operator_signs_in_by_password(scene: Scene, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.SUPPORT)
    assert signin.login_operator(world, " Admin@Example.com ", "right").account.role is Role.SUPPORT
    for email, password in ((ADMIN, "wrong"), ("nobody@example.com", "right")):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, email, password)


def test_passwords_are_guessed_at_five_times_in_a_window(scene: Scene, world: World) -> None:
    seed.add_operator(world, ADMIN, "right", Role.ADMIN)
    for _ in range(5):
        with pytest.raises(Problem, match="wrong_credentials"):
            signin.login_operator(world, ADMIN, "wrong")
    with pytest.raises(Problem, match="rate_limited"):
        signin.login_operator(world, ADMIN, "right")
    scene.clock.pass_(minutes=15)
    for _ in range(8):
        assert signin.login_operator(world, ADMIN, "right").tokens.access
