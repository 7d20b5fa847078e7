"""Access tokens: each names an account and a session of that account."""

from datetime import timedelta

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import sessions
from chalicelib.services.caller import authenticate
from chalicelib.world import World
from tests.services.auth.sign_in_steps import caller, register
from tests.services.auth.test_otp import OTHER_PHONE
from tests.world.fake_world import FakeWorld


def test_a_token_that_names_another_users_session_or_no_row_is_refused(fake_world: FakeWorld, world: World) -> None:
    signed_in = caller(world, register(fake_world, world))
    other = caller(world, register(fake_world, world, identifier=OTHER_PHONE, username="gita"))
    with pytest.raises(Problem, match="session_ended"):
        authenticate(world, claims={"sub": signed_in.user_id, "sid": other.session.session_id})
    for sub, sid in (("", other.session.session_id), (signed_in.user_id, "नाम"), (signed_in.user_id, None)):
        claims = {"sub": sub, "sid": sid, "jti": "token"}
        token = world.tokens.sign(claims, audience=sessions.ACCESS, until=world.now() + timedelta(hours=1))
        with pytest.raises(Problem, match="unauthenticated"):
            sessions.read_access_token(world, token)
