"""Devices that are signed in: ten of them, each until it signs out, and all of them at once."""

from dataclasses import replace

import pytest

from chalicelib.domain.account import Role, Status
from chalicelib.domain.problems import Problem
from chalicelib.domain.session import Session
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth import signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller, authenticate
from chalicelib.tables import accounts, sessions
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World
from tests.builders import account, operator_account
from tests.counting import counted
from tests.doors import everything
from tests.fake_world import Scene
from tests.services.auth.test_otp import OTHER, PHONE
from tests.services.auth.test_signin import ADMIN, caller, login, proof, register

EMAIL = "sita@example.com"


def session_of(signed: SignedIn) -> Session:
    key = sessions.session_key(signed.tokens.refresh.split(".", maxsplit=1)[0])
    found = fetch(key)[key]
    assert found is not None
    return found


def listed(user_id: str) -> list[str]:
    key = sessions.roster_key(user_id)
    roster = fetch(key)[key]
    return [entry.session_id for entry in roster.entries] if roster else []


def lives(world: World, signed: SignedIn) -> bool:
    """Whether the next request of the device is let in."""
    try:
        return bool(recalled(world, signed))
    except Problem:
        return False


def kept(world: World, signed: SignedIn) -> bool:
    """Whether the device can still have new tokens."""
    session = session_of(signed)
    return session.live(account(signed.user_id), world.now())


def devices(scene: Scene, world: World, count: int) -> list[SignedIn]:
    """One user's devices in the order they signed in."""
    return [register(scene, world), *(login(scene, world) for _ in range(count - 1))]


def test_ten_devices_are_signed_in_and_the_eleventh_ends_the_first(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_identifier_hour": 1000, "otp_per_identifier_day": 1000})
    ten = devices(scene, world, 10)
    assert [kept(world, one) for one in ten] == [True] * 10
    eleventh = login(scene, world)
    assert [kept(world, one) for one in [*ten, eleventh]] == [False] + [True] * 10
    assert session_of(ten[0]).ended_reason == "too_many_devices"
    with pytest.raises(Problem, match="session_ended"):
        auth_sessions.refresh(world, ten[0].tokens.refresh)
    assert len(listed(eleventh.user_id)) == 10


def test_a_device_that_ended_by_itself_makes_room(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_identifier_hour": 1000, "otp_per_identifier_day": 1000})
    ten = devices(scene, world, 10)
    auth_sessions.refresh(world, ten[4].tokens.refresh)
    with pytest.raises(Problem, match="session_ended"):
        auth_sessions.refresh(world, ten[4].tokens.refresh)
    eleventh = login(scene, world)
    assert [kept(world, one) for one in [*ten, eleventh]] == [True] * 4 + [False] + [True] * 6


def test_devices_that_expired_make_room_for_as_many(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_identifier_hour": 1000, "otp_per_identifier_day": 1000})
    ten = devices(scene, world, 10)
    scene.clock.pass_(days=31)
    assert login(scene, world).user_id == ten[0].user_id
    assert len(listed(ten[0].user_id)) == 1


def test_the_list_is_looked_through_only_when_it_is_full(scene: Scene, world: World) -> None:
    scene.settings = scene.settings.changed({"otp_per_identifier_hour": 1000, "otp_per_identifier_day": 1000})
    devices(scene, world, 9)

    trips = []
    for _ in range(2):
        token = proof(scene, world)
        with counted() as counts:
            signin.login(world, PHONE, token)
        trips.append(counts.round_trips)
    assert trips == [3, 4]


def test_an_operators_devices_are_counted_too(scene: Scene, world: World) -> None:
    operator_account(world, ADMIN, "right", Role.ADMIN)
    eleven = []
    for _ in range(11):
        scene.clock.pass_(minutes=1)
        eleven.append(signin.login_operator(world, ADMIN, "right"))
    assert [kept(world, one) for one in eleven] == [False] + [True] * 10


def test_a_device_that_signs_out_is_off_the_list_and_the_others_go_on(scene: Scene, world: World) -> None:
    first, second = devices(scene, world, 2)
    auth_sessions.logout(world, caller(world, second))
    assert not lives(world, second)
    assert kept(world, first)
    assert listed(first.user_id) == [session_of(first).session_id]


def test_a_device_may_sign_out_another_by_its_refresh_token(scene: Scene, world: World) -> None:
    first, second = devices(scene, world, 2)
    auth_sessions.logout(world, caller(world, second), refresh_token=first.tokens.refresh)
    assert [kept(world, one) for one in (first, second)] == [False, False]
    assert listed(first.user_id) == []


def test_its_own_refresh_token_also_an_older_one_is_good_for_signing_out(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    auth_sessions.refresh(world, signed.tokens.refresh)
    auth_sessions.logout(world, caller(world, signed), refresh_token=signed.tokens.refresh)
    assert not lives(world, signed)


def test_a_refresh_token_that_is_not_this_accounts_ends_nothing(scene: Scene, world: World) -> None:
    mine, theirs = register(scene, world), register(scene, world, identifier=OTHER, username="gita")
    session_id, generation, proof = mine.tokens.refresh.split(".")
    me = recalled(world, mine)
    before = everything()
    for token in (
        theirs.tokens.refresh,
        f"{session_id}.{generation}.{'0' * 64}",
        f"{session_id}.2.{proof}",
        f"{world.new_id()}.1.{proof}",
        f"{session_id}.1.é",
        "garbage",
        "",
    ):
        for everywhere in (False, True):
            with pytest.raises(Problem, match="invalid_input") as refusal:
                auth_sessions.logout(world, me, refresh_token=token, all_devices=everywhere)
            assert list(refusal.value.errors or ()) == ["refresh"]
    assert everything() == before


def recalled(world: World, signed: SignedIn) -> Caller:
    """The caller, though time has passed."""
    return authenticate(world, claims={"sub": signed.user_id, "sid": session_of(signed).session_id})


def test_all_devices_sign_out_at_once_and_nobody_elses(scene: Scene, world: World) -> None:
    mine = devices(scene, world, 3)
    theirs = register(scene, world, identifier=OTHER, username="gita")
    auth_sessions.logout(world, recalled(world, mine[1]), all_devices=True)
    for one in mine:
        assert not kept(world, one)
        with pytest.raises(Problem, match="session_ended"):
            auth_sessions.refresh(world, one.tokens.refresh)
    assert not lives(world, mine[2])
    assert lives(world, theirs)
    assert listed(mine[0].user_id) == []
    again = login(scene, world)
    assert lives(world, again)
    assert listed(again.user_id) == [session_of(again).session_id]


def test_who_signs_in_while_all_devices_are_signed_out_is_decided_anew(scene: Scene, world: World) -> None:
    first, second = devices(scene, world, 2)
    account_key, roster_key = accounts.account_key(first.user_id), sessions.roster_key(first.user_id)
    stale = fetch(account_key, roster_key)
    tries = []

    def decide(ops: object) -> Session:
        tries.append(1)
        found = stale if len(tries) == 1 else fetch(account_key, roster_key)
        if len(tries) == 1:
            auth_sessions.logout(world, recalled(world, second), all_devices=True)
        who = found[account_key]
        assert who is not None
        return auth_sessions.begin(ops, world, who, found[roster_key])  # type: ignore[arg-type]

    session = atomic(world, decide)
    assert len(tries) == 2
    assert session.live(account(first.user_id), world.now())


def test_signing_out_twice_is_no_error(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    who = recalled(world, signed)
    auth_sessions.logout(world, who)
    before = everything()
    auth_sessions.logout(world, who)
    assert everything() == before


def test_money_that_moved_meanwhile_does_not_keep_a_device_signed_in(scene: Scene, world: World) -> None:
    signed = register(scene, world)
    who = recalled(world, signed)
    atomic(world, lambda ops: accounts.save(ops, replace(account(signed.user_id), points=5)))
    auth_sessions.logout(world, who, all_devices=True)
    assert (account(signed.user_id).points, account(signed.user_id).token_epoch) == (5, 1)


def test_refresh_tokens_of_who_came_by_mail_rotate_and_a_reused_one_ends_the_family(
    scene: Scene, world: World
) -> None:
    register(scene, world, identifier=EMAIL)
    signed = login(scene, world, EMAIL)
    second = auth_sessions.refresh(world, signed.tokens.refresh)
    third = auth_sessions.refresh(world, second.refresh)
    for token in (signed.tokens.refresh, third.refresh):
        with pytest.raises(Problem, match="session_ended"):
            auth_sessions.refresh(world, token)
    assert not lives(world, signed)


def test_a_banned_user_signs_in_by_no_channel_and_spends_no_proof(scene: Scene, world: World) -> None:

    signed = register(scene, world, identifier=EMAIL)
    atomic(world, lambda ops: accounts.save(ops, replace(account(signed.user_id), status=Status.BANNED)))
    token = proof(scene, world, EMAIL)
    before = everything()
    with pytest.raises(Problem, match="account_banned"):
        signin.login(world, EMAIL, token)
    assert everything() == before
