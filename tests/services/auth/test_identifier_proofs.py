"""The proofs of a change of identifiers: fresh, of the same user, and each for one change."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import registration, signin
from chalicelib.world import World
from tests.services.auth.identifier_changes import CHANGES, EMAIL, OTHER_EMAIL, change, owner, verification_tokens
from tests.services.auth.sign_in_steps import register, verification_token
from tests.services.auth.test_otp import OTHER_PHONE, PHONE
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows


def test_an_unchanged_identifier_needs_no_proof(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    before = all_rows()
    same = {"username": "sita", "phone_number": "984-1234567", "email": None}
    assert change(world, sita, same).username == "sita"
    assert all_rows() == before


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_without_proof_is_refused_and_changes_nothing(
    fake_world: FakeWorld, world: World, name: str
) -> None:
    sita = register(fake_world, world)
    before = all_rows()
    with pytest.raises(Problem, match="verification_needed") as refusal:
        change(world, sita, CHANGES[name], full_name="Somebody Else")
    assert list(refusal.value.errors or ()) == ["verification_token"]
    assert all_rows() == before


@pytest.mark.parametrize("name", ["phone", "email"])
def test_a_new_identifier_needs_its_own_proof(fake_world: FakeWorld, world: World, name: str) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    before = all_rows()
    with pytest.raises(Problem, match="verification_needed") as refusal:
        change(world, sita, CHANGES[name], proved=token)
    assert list(refusal.value.errors or ()) == ["identifier_token"]
    assert all_rows() == before
    assert change(world, sita, {"username": "still_good"}, proved=token).username == "still_good"


def test_a_proof_works_for_one_change_and_no_later_sign_in(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    change(world, sita, {"username": "first"}, proved=token)
    before = all_rows()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "second"}, proved=token)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)
    assert all_rows() == before


def test_a_proof_spent_on_a_sign_in_changes_nothing(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    signin.login(world, PHONE, token)
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "second"}, proved=token)


def test_the_proof_of_the_new_identifier_is_spent_too(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    change(world, sita, {"email": EMAIL}, **tokens)
    with pytest.raises(Problem, match="verification_token_invalid"):
        registration.register(world, EMAIL, tokens["new"], username="gita", referral_code=None)
    change(world, sita, {"email": None}, proved=verification_token(fake_world, world))
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"email": EMAIL}, proved=verification_token(fake_world, world), new=tokens["new"])


def test_a_proof_of_another_user_is_refused(fake_world: FakeWorld, world: World) -> None:
    sita, gita = register(fake_world, world), register(fake_world, world, identifier=OTHER_PHONE, username="gita")
    theirs = verification_token(fake_world, world, OTHER_PHONE)
    before = all_rows()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "stolen"}, proved=theirs)
    assert all_rows() == before
    assert change(world, gita, {"username": "mine"}, proved=theirs).username == "mine"


def test_a_proof_works_for_its_purpose_only(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    for proved, new in (
        (tokens["new"], tokens["proved"]),
        (tokens["proved"], tokens["proved"]),
        (tokens["new"], tokens["new"]),
        (sita.tokens.access, tokens["new"]),
        (tokens["proved"], "garbage"),
        ("", ""),
    ):
        with pytest.raises(Problem, match="verification_token_invalid"):
            change(world, sita, {"email": EMAIL}, proved=proved, new=new)
    assert all_rows() == before
    assert change(world, sita, {"email": EMAIL}, **tokens).email == EMAIL


def test_a_proof_works_for_its_address_only(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"email": OTHER_EMAIL}, **tokens)
    assert all_rows() == before


def test_a_proof_expires_after_ten_minutes(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    fake_world.clock.advance(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "late"}, proved=token)


def test_of_two_proofs_of_one_address_the_first_change_wins(fake_world: FakeWorld, world: World) -> None:
    sita, gita = register(fake_world, world), register(fake_world, world, identifier=OTHER_PHONE, username="gita")
    new = [verification_token(fake_world, world, EMAIL), verification_token(fake_world, world, EMAIL, minutes=2)]
    proved = [verification_token(fake_world, world, item, minutes=0) for item in (PHONE, OTHER_PHONE)]
    assert change(world, gita, {"email": EMAIL}, proved=proved[1], new=new[1]).email == EMAIL
    before = all_rows()
    with pytest.raises(Problem, match="already_registered"):
        change(world, sita, {"email": EMAIL}, proved=proved[0], new=new[0])
    assert all_rows() == before
    assert owner(world, "email", EMAIL) == gita.user_id
