"""A change of identifiers: it needs a fresh proof, and one proof works for one change."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.audit import whole_audit
from chalicelib.services.auth import otp
from chalicelib.world import World
from tests.services.auth.identifier_changes import EMAIL, change, owner, verification_tokens
from tests.services.auth.sign_in_steps import login, register, verification_token
from tests.services.auth.test_otp import OTHER_PHONE, PHONE, code_for
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows


def test_an_added_email_address_signs_in_beside_the_phone_number(fake_world: FakeWorld, world: World) -> None:
    sita = register(fake_world, world)
    user = change(world, sita, {"email": "Sita@Example.com"}, **verification_tokens(fake_world, world, PHONE, EMAIL))
    assert (user.email, user.phone) == (EMAIL, PHONE)
    assert login(fake_world, world, EMAIL).user_id == sita.user_id
    assert login(fake_world, world, PHONE).user_id == sita.user_id
    assert whole_audit.audit(world) == []


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
    changes = {"username": "new", "phone_number": None, "email": EMAIL}
    user = change(world, sita, changes, **tokens, full_name="Sita Gurung")
    assert (user.username, user.phone, user.email, user.full_name) == ("new", None, EMAIL, "Sita Gurung")
    assert owner(world, "phone", PHONE) is None
    assert whole_audit.audit(world) == []


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
    "changes",
    [
        {"phone_number": EMAIL},
        {"phone_number": "12345"},
        {"email": OTHER_PHONE},
        {"email": "sita@"},
        {"email": "sita@example.com\r\nBcc: all@example.com"},
    ],
)
def test_an_identifier_of_another_kind_is_refused(
    fake_world: FakeWorld, world: World, changes: dict[str, str]
) -> None:
    sita = register(fake_world, world)
    tokens = verification_tokens(fake_world, world, PHONE, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, changes, **tokens)
    assert list(refusal.value.errors or ()) == list(changes)
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
