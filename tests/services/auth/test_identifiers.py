"""What a user is known by changes with a fresh proof, as a whole, and one proof is good for one change."""

from collections.abc import Mapping

import pytest

from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.services import caller as callers
from chalicelib.services.audit import ledger as ledger_audit
from chalicelib.services.auth import identifier_keys, otp, signin
from chalicelib.services.auth.identifiers import Wanted
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.users import profile as user_profile
from chalicelib.tables import identities
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World
from tests.doors import everything
from tests.fake_world import Scene
from tests.services.auth.test_otp import OTHER, PHONE, code_for
from tests.services.auth.test_sessions import session_of
from tests.services.auth.test_signin import login, proof, register

EMAIL, ANOTHER = "sita@example.com", "gita@example.com"
CHANGES: dict[str, Mapping[str, str | None]] = {
    "username": {"username": "sita_g"},
    "phone": {"phone_number": OTHER},
    "email": {"email": EMAIL},
}


def change(
    world: World,
    who: SignedIn,
    named: Mapping[str, str | None],
    *,
    proved: str | None = None,
    new: str | None = None,
    **profile: object,
) -> User:
    """`proved` and `new` are the verification and the identifier token."""
    claims = {"sub": who.user_id, "sid": session_of(who).session_id}
    caller = callers.authenticate(world, claims=claims, also=user_profile.keys_of_me(who.user_id))
    return user_profile.change_profile(world, caller, profile, Wanted(named, proved, new))


def owner(world: World, kind: str, value: str) -> str | None:
    key = identities.identity_key(kind, value if kind == "username" else identifier_keys.identifier_key(world, value))
    return fetch(key)[key]


def proofs(scene: Scene, world: World, known: str, new: str) -> dict[str, str]:
    """Fresh ones, of what the account has and of what it is to have."""
    return {"new": proof(scene, world, new), "proved": proof(scene, world, known, minutes=0)}


def test_an_address_is_added_and_both_sign_in(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    user = change(world, sita, {"email": "Sita@Example.com"}, **proofs(scene, world, PHONE, EMAIL))
    assert (user.email, user.phone) == (EMAIL, PHONE)
    assert login(scene, world, EMAIL).user_id == sita.user_id
    assert login(scene, world, PHONE).user_id == sita.user_id
    assert ledger_audit.audit(world) == []


def test_a_number_is_changed_and_the_old_one_is_free_for_others(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    change(world, sita, {"phone_number": "9841234568"}, **proofs(scene, world, PHONE, OTHER))
    assert (owner(world, "phone", PHONE), owner(world, "phone", OTHER)) == (None, sita.user_id)
    gita = register(scene, world, identifier=PHONE, username="gita")
    assert gita.user_id != sita.user_id
    assert login(scene, world, OTHER).user_id == sita.user_id


def test_a_username_is_changed_and_the_old_one_is_free_for_others(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    assert change(world, sita, {"username": "Sita_G"}, proved=proof(scene, world)).username == "Sita_G"
    assert (owner(world, "username", "sita"), owner(world, "username", "sita_g")) == (None, sita.user_id)
    assert register(scene, world, identifier=OTHER, username="sita").user_id


def test_a_username_in_other_capitals_is_the_same_name(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    assert change(world, sita, {"username": "SITA"}, proved=proof(scene, world)).username == "SITA"
    assert owner(world, "username", "sita") == sita.user_id


def test_everything_at_once_is_one_change(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    named = {"username": "new", "phone_number": None, "email": EMAIL}
    user = change(world, sita, named, **tokens, full_name="Sita Gurung")
    assert (user.username, user.phone, user.email, user.full_name) == ("new", None, EMAIL, "Sita Gurung")
    assert owner(world, "phone", PHONE) is None
    assert ledger_audit.audit(world) == []


def test_what_stays_as_it_is_needs_no_proof(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    before = everything()
    same = {"username": "sita", "phone_number": "984-1234567", "email": None}
    assert change(world, sita, same).username == "sita"
    assert everything() == before


@pytest.mark.parametrize("name", CHANGES)
def test_without_a_proof_nothing_changes(scene: Scene, world: World, name: str) -> None:
    sita = register(scene, world)
    before = everything()
    with pytest.raises(Problem, match="verification_needed") as refusal:
        change(world, sita, CHANGES[name], full_name="Somebody Else")
    assert list(refusal.value.errors or ()) == ["verification_token"]
    assert everything() == before


@pytest.mark.parametrize("name", ["phone", "email"])
def test_a_new_identifier_needs_its_own_proof(scene: Scene, world: World, name: str) -> None:
    sita = register(scene, world)
    token = proof(scene, world)
    before = everything()
    with pytest.raises(Problem, match="verification_needed") as refusal:
        change(world, sita, CHANGES[name], proved=token)
    assert list(refusal.value.errors or ()) == ["identifier_token"]
    assert everything() == before
    assert change(world, sita, {"username": "still_good"}, proved=token).username == "still_good"


def test_a_proof_is_good_for_one_change_and_for_no_sign_in_after_it(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    token = proof(scene, world)
    change(world, sita, {"username": "first"}, proved=token)
    before = everything()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "second"}, proved=token)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.login(world, PHONE, token)
    assert everything() == before


def test_a_proof_that_signed_in_changes_nothing(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    token = proof(scene, world)
    signin.login(world, PHONE, token)
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "second"}, proved=token)


def test_a_new_identifiers_proof_is_spent_too(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    change(world, sita, {"email": EMAIL}, **tokens)
    with pytest.raises(Problem, match="verification_token_invalid"):
        signin.register(world, EMAIL, tokens["new"], username="gita", referral_code=None)
    change(world, sita, {"email": None}, proved=proof(scene, world))
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"email": EMAIL}, proved=proof(scene, world), new=tokens["new"])


def test_somebody_elses_proof_is_none(scene: Scene, world: World) -> None:
    sita, gita = register(scene, world), register(scene, world, identifier=OTHER, username="gita")
    theirs = proof(scene, world, OTHER)
    before = everything()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "stolen"}, proved=theirs)
    assert everything() == before
    assert change(world, gita, {"username": "mine"}, proved=theirs).username == "mine"


def test_a_proof_for_one_purpose_is_none_for_the_other(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    before = everything()
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
    assert everything() == before
    assert change(world, sita, {"email": EMAIL}, **tokens).email == EMAIL


def test_the_proof_of_one_address_is_none_of_another(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    before = everything()
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"email": ANOTHER}, **tokens)
    assert everything() == before


def test_a_proof_is_good_for_ten_minutes(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    token = proof(scene, world)
    scene.clock.pass_(minutes=11)
    with pytest.raises(Problem, match="verification_token_invalid"):
        change(world, sita, {"username": "late"}, proved=token)


def test_the_last_identifier_stays(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    token = proof(scene, world)
    before = everything()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, {"phone_number": None}, proved=token)
    assert list(refusal.value.errors or ()) == ["phone_number"]
    with pytest.raises(Problem, match="invalid_input"):
        change(world, sita, {"phone_number": None, "email": None}, proved=token)
    with pytest.raises(Problem, match="invalid_input"):
        change(world, sita, {"username": None}, proved=token)
    assert everything() == before


def test_one_is_removed_while_the_other_stays_and_may_come_again(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    change(world, sita, {"email": EMAIL}, **proofs(scene, world, PHONE, EMAIL))
    user = change(world, sita, {"phone_number": None}, proved=proof(scene, world, EMAIL))
    assert (user.phone, user.email) == (None, EMAIL)
    assert otp.verify(world, PHONE, code(scene, world, PHONE), None).purpose == "register"
    user = change(world, sita, {"phone_number": PHONE}, **proofs(scene, world, EMAIL, PHONE))
    assert (user.phone, user.email) == (PHONE, EMAIL)


def code(scene: Scene, world: World, identifier: str) -> str:
    scene.clock.pass_(minutes=15)
    return code_for(scene, world, identifier)


def test_two_new_ones_at_once_are_one_too_many(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    before = everything()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, {"phone_number": OTHER, "email": EMAIL}, **tokens)
    assert set(refusal.value.errors or ()) == {"phone_number", "email"}
    assert everything() == before


@pytest.mark.parametrize(
    "named",
    [
        {"phone_number": EMAIL},
        {"phone_number": "12345"},
        {"email": OTHER},
        {"email": "sita@"},
        {"email": "sita@example.com\r\nBcc: all@example.com"},
    ],
)
def test_what_is_no_identifier_of_its_kind_is_refused(scene: Scene, world: World, named: dict[str, str]) -> None:
    sita = register(scene, world)
    tokens = proofs(scene, world, PHONE, EMAIL)
    before = everything()
    with pytest.raises(Problem, match="invalid_input") as refusal:
        change(world, sita, named, **tokens)
    assert list(refusal.value.errors or ()) == list(named)
    assert everything() == before


def test_a_username_that_is_taken_changes_nothing_and_spends_nothing(scene: Scene, world: World) -> None:
    sita = register(scene, world)
    register(scene, world, identifier=OTHER, username="Gita")
    tokens = proofs(scene, world, PHONE, EMAIL)
    before = everything()
    with pytest.raises(Problem, match="username_taken"):
        change(world, sita, {"username": "gITA", "email": EMAIL}, **tokens)
    assert everything() == before
    assert change(world, sita, {"email": EMAIL}, **tokens).email == EMAIL


def test_of_two_who_proved_one_address_the_quicker_has_it(scene: Scene, world: World) -> None:
    sita, gita = register(scene, world), register(scene, world, identifier=OTHER, username="gita")
    new = [proof(scene, world, EMAIL), proof(scene, world, EMAIL, minutes=2)]
    proved = [proof(scene, world, one, minutes=0) for one in (PHONE, OTHER)]
    assert change(world, gita, {"email": EMAIL}, proved=proved[1], new=new[1]).email == EMAIL
    before = everything()
    with pytest.raises(Problem, match="already_registered"):
        change(world, sita, {"email": EMAIL}, proved=proved[0], new=new[0])
    assert everything() == before
    assert owner(world, "email", EMAIL) == gita.user_id


def test_what_is_given_up_is_kept_nowhere_in_plain(
    scene: Scene, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sita = register(scene, world)
    login(scene, world)
    change(world, sita, {"email": EMAIL}, **proofs(scene, world, PHONE, EMAIL))
    change(world, sita, {"phone_number": None, "username": "other"}, proved=proof(scene, world, EMAIL))
    rows = [row for rows in everything().values() for row in rows]
    assert [row for row in rows if PHONE in row] == []
    assert any(EMAIL in row for row in rows)
    told = capsys.readouterr().out
    assert told.count('"fact":"identity_changed"') == 3
    assert [value for value in (PHONE[4:], EMAIL, "other") if value in told] == []
