"""Refresh tokens: each works once, and a reuse ends its session."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.sessions.refresh_token import parse_refresh_token
from chalicelib.services.auth import sessions
from chalicelib.services.auth.signin import SignedIn
from chalicelib.world import World
from tests.engines.interleaving import interleave
from tests.engines.lost_answers import lost_answers
from tests.services.auth.sign_in_steps import caller, register
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows


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


def test_two_processes_that_refresh_at_once_give_the_same_tokens(fake_world: FakeWorld, world: World) -> None:
    signed_in = register(fake_world, world)
    with interleave(lambda: sessions.refresh(world, signed_in.tokens.refresh)) as others:
        own = sessions.refresh(world, signed_in.tokens.refresh)
    assert others == [own]
    assert sessions.refresh(world, own.refresh).refresh != own.refresh


def test_a_refresh_whose_answer_from_storage_is_lost_gives_the_same_tokens(
    fake_world: FakeWorld, world: World
) -> None:
    signed_in = register(fake_world, world)
    with lost_answers():
        first = sessions.refresh(world, signed_in.tokens.refresh)
    assert sessions.refresh(world, signed_in.tokens.refresh) == first


def end_by_logout(world: World, signed_in: SignedIn) -> None:
    sessions.logout(world, caller(world, signed_in))


def end_by_logout_everywhere(world: World, signed_in: SignedIn) -> None:
    sessions.logout(world, caller(world, signed_in), all_devices=True)


@pytest.mark.parametrize("end", [end_by_logout, end_by_logout_everywhere])
@pytest.mark.parametrize("meanwhile", [False, True])
def test_no_token_of_a_refresh_survives_the_end_of_its_session(
    end: Callable[[World, SignedIn], None], meanwhile: bool, fake_world: FakeWorld, world: World
) -> None:
    """Also when the session ends between the reads and the write of a refresh."""
    signed_in = register(fake_world, world)
    given = [signed_in.tokens]
    if meanwhile:
        with interleave(lambda: end(world, signed_in)), suppress(Problem):
            given.append(sessions.refresh(world, signed_in.tokens.refresh))
    else:
        given.append(sessions.refresh(world, signed_in.tokens.refresh))
        end(world, signed_in)
    for tokens in given:
        with pytest.raises(Problem, match="session_ended"):
            caller(world, replace(signed_in, tokens=tokens))
        with pytest.raises(Problem, match="session_ended"):
            sessions.refresh(world, tokens.refresh)


@pytest.mark.parametrize("text", ["", "s.1", "s.1.p.q", "s!.1.p", "s.x.p", "s.-1.p", "s.².p", f"s.{'1' * 10}.p"])
def test_a_malformed_refresh_token_names_no_session(text: str) -> None:
    assert parse_refresh_token(text) is None
