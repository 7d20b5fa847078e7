"""Active sessions: at most ten, and their end by logout, refresh reuse and bans."""

from dataclasses import replace

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.sessions.session import Session
from chalicelib.services.auth import sessions as auth_sessions
from chalicelib.services.auth import signin
from chalicelib.services.auth.signin import SignedIn
from chalicelib.services.caller import Caller, authenticate
from chalicelib.tables import accounts, sessions
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World
from tests.engines.counting import counted
from tests.services.auth.sign_in_steps import caller, login, register, verification_token
from tests.services.auth.test_otp import OTHER_PHONE, PHONE
from tests.services.auth.test_signin import ADMIN
from tests.world.builders import account, operator_account
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows

EMAIL = "sita@example.com"
CODE_LIMITS = (
    "otp_per_identifier_hour",
    "otp_per_identifier_day",
    "otp_all_addresses_hour",
    "otp_all_addresses_day",
)


def session_of(signed: SignedIn) -> Session:
    session = fetch_one(sessions.session_key(signed.tokens.refresh.split(".", maxsplit=1)[0]))
    assert session is not None
    return session


def listed(user_id: str) -> list[str]:
    active_sessions = fetch_one(sessions.active_sessions_key(user_id))
    return [entry.session_id for entry in active_sessions.entries] if active_sessions else []


def lives(world: World, signed: SignedIn) -> bool:
    """Whether the next request of the device is accepted."""
    try:
        return bool(recalled(world, signed))
    except Problem:
        return False


def is_signed_in(world: World, signed: SignedIn) -> bool:
    """Whether the device can refresh its tokens."""
    session = session_of(signed)
    return session.is_live(account(signed.user_id), world.now())


def devices(fake_world: FakeWorld, world: World, count: int) -> list[SignedIn]:
    """One user's sessions in the order of their sign-in."""
    return [register(fake_world, world), *(login(fake_world, world) for _ in range(count - 1))]


def test_the_eleventh_session_ends_the_first(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed(dict.fromkeys(CODE_LIMITS, 1000))
    ten = devices(fake_world, world, 10)
    assert [is_signed_in(world, signed_in) for signed_in in ten] == [True] * 10
    eleventh = login(fake_world, world)
    assert [is_signed_in(world, signed_in) for signed_in in [*ten, eleventh]] == [False] + [True] * 10
    assert session_of(ten[0]).ended_reason == "too_many_devices"
    with pytest.raises(Problem, match="session_ended"):
        auth_sessions.refresh(world, ten[0].tokens.refresh)
    assert len(listed(eleventh.user_id)) == 10


def test_an_ended_session_makes_room_for_a_new_one(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed(dict.fromkeys(CODE_LIMITS, 1000))
    ten = devices(fake_world, world, 10)
    auth_sessions.refresh(world, ten[4].tokens.refresh)
    fake_world.clock.advance(minutes=1)
    with pytest.raises(Problem, match="session_ended"):
        auth_sessions.refresh(world, ten[4].tokens.refresh)
    eleventh = login(fake_world, world)
    assert [is_signed_in(world, signed_in) for signed_in in [*ten, eleventh]] == [True] * 4 + [False] + [True] * 6


def test_expired_sessions_make_room_for_new_ones(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed(dict.fromkeys(CODE_LIMITS, 1000))
    ten = devices(fake_world, world, 10)
    fake_world.clock.advance(days=31)
    assert login(fake_world, world).user_id == ten[0].user_id
    assert len(listed(ten[0].user_id)) == 1


def test_the_sessions_are_read_only_when_the_list_is_full(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed(dict.fromkeys(CODE_LIMITS, 1000))
    devices(fake_world, world, 9)

    trips = []
    for _ in range(2):
        token = verification_token(fake_world, world)
        with counted() as counts:
            signin.login(world, PHONE, token)
        trips.append(counts.round_trips)
    assert trips == [3, 4]


def test_the_limit_of_sessions_holds_for_operators(fake_world: FakeWorld, world: World) -> None:
    operator_account(world, ADMIN, "right", Role.ADMIN)
    eleven = []
    for _ in range(11):
        fake_world.clock.advance(minutes=1)
        eleven.append(signin.login_operator(world, ADMIN, "right", "192.0.2.1"))
    assert [is_signed_in(world, signed_in) for signed_in in eleven] == [False] + [True] * 10


def test_a_logout_ends_one_session_only(fake_world: FakeWorld, world: World) -> None:
    first, second = devices(fake_world, world, 2)
    auth_sessions.logout(world, caller(world, second))
    assert not lives(world, second)
    assert is_signed_in(world, first)
    assert listed(first.user_id) == [session_of(first).session_id]


def test_a_logout_ends_the_session_of_a_refresh_token(fake_world: FakeWorld, world: World) -> None:
    first, second = devices(fake_world, world, 2)
    auth_sessions.logout(world, caller(world, second), refresh_token=first.tokens.refresh)
    assert [is_signed_in(world, signed_in) for signed_in in (first, second)] == [False, False]
    assert listed(first.user_id) == []


def test_an_older_refresh_token_of_the_session_works_for_a_logout(fake_world: FakeWorld, world: World) -> None:
    signed = register(fake_world, world)
    auth_sessions.refresh(world, signed.tokens.refresh)
    auth_sessions.logout(world, caller(world, signed), refresh_token=signed.tokens.refresh)
    assert not lives(world, signed)


def test_a_refresh_token_of_another_account_ends_no_session(fake_world: FakeWorld, world: World) -> None:
    mine, theirs = register(fake_world, world), register(fake_world, world, identifier=OTHER_PHONE, username="gita")
    session_id, generation, proof = mine.tokens.refresh.split(".")
    me = recalled(world, mine)
    before = all_rows()
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
    assert all_rows() == before


def recalled(world: World, signed: SignedIn) -> Caller:
    """The caller, read after the time has passed."""
    return authenticate(world, claims={"sub": signed.user_id, "sid": session_of(signed).session_id})


def test_a_logout_of_all_devices_ends_this_accounts_sessions_only(fake_world: FakeWorld, world: World) -> None:
    mine = devices(fake_world, world, 3)
    theirs = register(fake_world, world, identifier=OTHER_PHONE, username="gita")
    auth_sessions.logout(world, recalled(world, mine[1]), all_devices=True)
    for signed_in in mine:
        assert not is_signed_in(world, signed_in)
        with pytest.raises(Problem, match="session_ended"):
            auth_sessions.refresh(world, signed_in.tokens.refresh)
    assert not lives(world, mine[2])
    assert lives(world, theirs)
    assert listed(mine[0].user_id) == []
    again = login(fake_world, world)
    assert lives(world, again)
    assert listed(again.user_id) == [session_of(again).session_id]


def test_a_sign_in_during_a_logout_of_all_devices_is_retried(fake_world: FakeWorld, world: World) -> None:
    first, second = devices(fake_world, world, 2)
    account_key, active_sessions_key = (
        accounts.account_key(first.user_id),
        sessions.active_sessions_key(first.user_id),
    )
    stale = fetch(account_key, active_sessions_key)
    tries = []

    def decide(ops: object) -> Session:
        tries.append(1)
        rows = stale if len(tries) == 1 else fetch(account_key, active_sessions_key)
        if len(tries) == 1:
            auth_sessions.logout(world, recalled(world, second), all_devices=True)
        current_caller = rows[account_key]
        assert current_caller is not None
        return auth_sessions.begin(ops, world, current_caller, rows[active_sessions_key])  # type: ignore[arg-type]

    session = atomic(world, decide)
    assert len(tries) == 2
    assert session.is_live(account(first.user_id), world.now())


def test_a_repeated_logout_succeeds(fake_world: FakeWorld, world: World) -> None:
    signed = register(fake_world, world)
    current_caller = recalled(world, signed)
    auth_sessions.logout(world, current_caller)
    before = all_rows()
    auth_sessions.logout(world, current_caller)
    assert all_rows() == before


def test_a_logout_succeeds_beside_a_concurrent_posting(fake_world: FakeWorld, world: World) -> None:
    signed = register(fake_world, world)
    current_caller = recalled(world, signed)
    atomic(world, lambda ops: accounts.save(ops, replace(account(signed.user_id), points=5)))
    auth_sessions.logout(world, current_caller, all_devices=True)
    assert (account(signed.user_id).points, account(signed.user_id).token_epoch) == (5, 1)


def test_a_reused_refresh_token_of_a_mail_session_ends_it(fake_world: FakeWorld, world: World) -> None:
    register(fake_world, world, identifier=EMAIL)
    signed = login(fake_world, world, EMAIL)
    second = auth_sessions.refresh(world, signed.tokens.refresh)
    third = auth_sessions.refresh(world, second.refresh)
    for token in (signed.tokens.refresh, third.refresh):
        with pytest.raises(Problem, match="session_ended"):
            auth_sessions.refresh(world, token)
    assert not lives(world, signed)


def test_a_banned_user_cannot_sign_in_and_spends_no_proof(fake_world: FakeWorld, world: World) -> None:

    signed = register(fake_world, world, identifier=EMAIL)
    atomic(world, lambda ops: accounts.save(ops, replace(account(signed.user_id), status=Status.BANNED)))
    token = verification_token(fake_world, world, EMAIL)
    before = all_rows()
    with pytest.raises(Problem, match="account_banned"):
        signin.login(world, EMAIL, token)
    assert all_rows() == before
