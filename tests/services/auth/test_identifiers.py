"""A change of identifiers: it needs a fresh proof, and one proof works for one change."""

from collections.abc import Mapping

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.services import caller as callers
from chalicelib.services.audit import consistency
from chalicelib.services.auth import identifier_keys, otp, signin
from chalicelib.services.auth.identifiers import IdentifierChange
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.users import profile as user_profile
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from tests.fake_world import FakeWorld
from tests.real_tables import all_rows
from tests.services.auth.test_otp import OTHER_PHONE, PHONE, code_for
from tests.services.auth.test_sessions import session_of
from tests.services.auth.test_signin import login, register, verification_token

EMAIL, ANOTHER = "sita@example.com", "gita@example.com"
CHANGES: dict[str, Mapping[str, str | None]] = {
    "username": {"username": "sita_g"},
    "phone": {"phone_number": OTHER_PHONE},
    "email": {"email": EMAIL},
}


def change(
    world: World,
    signed_in: SignedIn,
    named: Mapping[str, str | None],
    *,
    proved: str | None = None,
    new: str | None = None,
    **profile: object,
) -> User:
    """Change identifiers with the two tokens: `proved` is the verification token, `new` the identifier token."""
    claims = {"sub": signed_in.user_id, "sid": session_of(signed_in).session_id}
    caller = callers.authenticate(world, claims=claims, prefetch=user_profile.profile_keys(signed_in.user_id))
    return user_profile.change_profile(world, caller, profile, IdentifierChange(named, proved, new))


def owner(world: World, kind: str, value: str) -> str | None:
    key = identities.identity_key(kind, value if kind == "username" else identifier_keys.identifier_key(world, value))
    return fetch_one(key)


def verification_tokens(fake_world: FakeWorld, world: World, known: str, new: str) -> dict[str, str]:
    """Fresh tokens: of an identifier that the account has, and of the new one."""
    return {
        "new": verification_token(fake_world, world, new),
        "proved": verification_token(fake_world, world, known, minutes=0),
    }


def test_an_added_email_address_signs_in_beside_the_phone_number(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    user = change(world, sita, {"email": "Sita@Example.com"}, **verification_tokens(fake_world, world, PHONE, EMAIL))
    assert (user.email, user.phone) == (EMAIL, PHONE)
    assert login(fake_world, world, EMAIL).user_id == sita.user_id
    assert login(fake_world, world, PHONE).user_id == sita.user_id
    assert consistency.audit(world) == []


def test_a_changed_phone_number_frees_the_old_one(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    change(world, sita, {"phone_number": "9841234568"}, **verification_tokens(fake_world, world, PHONE, OTHER_PHONE))
    assert (owner(world, "phone", PHONE), owner(world, "phone", OTHER_PHONE)) == (None, sita.user_id)
    gita = register(fake_world, world, identifier=PHONE, username="gita")
    assert gita.user_id != sita.user_id
    assert login(fake_world, world, OTHER_PHONE).user_id == sita.user_id


def test_a_changed_username_frees_the_old_one(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    assert (
        change(world, sita, {"username": "Sita_G"}, proved=verification_token(fake_world, world)).username == "Sita_G"
    )
    assert (owner(world, "username", "sita"), owner(world, "username", "sita_g")) == (None, sita.user_id)
    assert register(fake_world, world, identifier=OTHER_PHONE, username="sita").user_id


def test_a_username_is_case_insensitive(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    assert change(world, sita, {"username": "SITA"}, proved=verification_token(fake_world, world)).username == "SITA"
    assert owner(world, "username", "sita") == sita.user_id


def test_all_fields_change_in_one_transaction(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    named = {"username": "new", "phone_number": None, "email": EMAIL}
    user = change(world, sita, named, **tokens, full_name="Sita Gurung")
    assert (user.username, user.phone, user.email, user.full_name) == ("new", None, EMAIL, "Sita Gurung")
    assert owner(world, "phone", PHONE) is None
    assert consistency.audit(world) == []


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
        signin.register(world, EMAIL, tokens["new"], username="gita", referral_code=None)
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
        change(world, sita, {"email": ANOTHER}, **tokens)
    assert all_rows() == before


def test_a_proof_expires_after_ten_minutes(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    fake_world.clock.advance(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "late"}, proved=token)


def test_the_last_identifier_cannot_be_removed(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    token = verification_token(fake_world, world)
    before = all_rows()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, {"phone_number": None}, proved=token)
    assert list(refusal.value.errors or ()) == ["phone_number"]
    with pytest.raises(Problem, match="invalid_input"):
        change(world, sita, {"phone_number": None, "email": None}, proved=token)
    with pytest.raises(Problem, match="invalid_input"):
        change(world, sita, {"username": None}, proved=token)
    assert all_rows() == before


def test_a_removed_identifier_can_be_added_again(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    change(world, sita, {"email": EMAIL}, **verification_tokens(fake_world, world, PHONE, EMAIL))
    user = change(world, sita, {"phone_number": None}, proved=verification_token(fake_world, world, EMAIL))
    assert (user.phone, user.email) == (None, EMAIL)
    assert otp.verify(world, PHONE, code(fake_world, world, PHONE), None).purpose == "register"
    user = change(world, sita, {"phone_number": PHONE}, **verification_tokens(fake_world, world, EMAIL, PHONE))
    assert (user.phone, user.email) == (PHONE, EMAIL)


def code(fake_world: FakeWorld, world: World, identifier: str) -> str:
    fake_world.clock.advance(minutes=15)
    return code_for(fake_world, world, identifier)


def test_two_new_identifiers_at_once_are_refused(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, {"phone_number": OTHER_PHONE, "email": EMAIL}, **tokens)
    assert set(refusal.value.errors or ()) == {"phone_number", "email"}
    assert all_rows() == before


@pytest.mark.parametrize(
    "named",
    [
        {"phone_number": EMAIL},
        {"phone_number": "12345"},
        {"email": OTHER_PHONE},
        {"email": "sita@"},
        {"email": "sita@example.com\r\nBcc: all@example.com"},
    ],
)
def test_an_identifier_of_another_kind_is_refused(fake_world: FakeWorld, world: World, named: dict[str, str]) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, named, **tokens)
    assert list(refusal.value.errors or ()) == list(named)
    assert all_rows() == before


def test_a_taken_username_changes_nothing_and_spends_no_proof(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    register(fake_world, world, identifier=OTHER_PHONE, username="Gita")
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="username_taken"):
        change(world, sita, {"username": "gITA", "email": EMAIL}, **tokens)
    assert all_rows() == before
    assert change(world, sita, {"email": EMAIL}, **tokens).email == EMAIL


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


def test_a_removed_identifier_is_stored_nowhere_in_plain_text(
    fake_world: FakeWorld, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sita = register(fake_world, world)
    login(fake_world, world)
    change(world, sita, {"email": EMAIL}, **verification_tokens(fake_world, world, PHONE, EMAIL))
    change(
        world, sita, {"phone_number": None, "username": "other"}, proved=verification_token(fake_world, world, EMAIL)
    )
    rows = [row for rows in all_rows().values() for row in rows]
    assert [row for row in rows if PHONE in row] == []
    assert any(EMAIL in row for row in rows)
    text = capsys.readouterr().out
    assert text.count('"fact":"identity_changed"') == 3
    assert [value for value in (PHONE[4:], EMAIL, "other") if value in text] == []
