"""The challenges of an identifier are listed and deleted with its account."""

import json

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import otp as otp_codes
from chalicelib.tables import otp
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World
from tests.services.auth.test_otp import CLIENT_ADDRESS, PHONE
from tests.services.auth.test_otp_by_email import ANOTHER, EMAIL, code_for
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows


def test_the_challenges_of_an_identifier_can_be_listed_and_deleted(fake_world: FakeWorld, world: World) -> None:
    challenge_ids = []
    for _ in range(3):
        code = code_for(fake_world, world)
        challenge_ids.append(otp_codes.challenge_ids_of(world, EMAIL)[-1])
        otp_codes.verify(world, EMAIL, code, None)
        fake_world.clock.advance(minutes=20)
    otp_codes.request_code(world, PHONE, CLIENT_ADDRESS)
    assert otp_codes.challenge_ids_of(world, EMAIL.upper()) == challenge_ids
    assert len(set(challenge_ids)) == 3
    otp.delete_challenges(challenge_ids)
    otp.delete_challenges(challenge_ids)
    keys = [otp.challenge_key(item) for item in challenge_ids]
    assert [fetch(*keys)[key] for key in keys] == [None] * 3
    assert EMAIL not in json.dumps(all_rows())
    assert len(otp_codes.challenge_ids_of(world, PHONE)) == 1
    assert otp_codes.challenge_ids_of(world, ANOTHER) == []


def test_a_resend_keeps_the_challenge_and_the_list_is_limited(fake_world: FakeWorld, world: World) -> None:
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    fake_world.clock.advance(seconds=61)
    otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
    assert len(otp_codes.challenge_ids_of(world, EMAIL)) == 1
    newest = []
    for _ in range(64):
        fake_world.clock.advance(hours=3)
        otp_codes.request_code(world, EMAIL, CLIENT_ADDRESS)
        newest.append(otp_codes.challenge_ids_of(world, EMAIL)[-1])
    assert len(set(newest)) == 64
    assert otp_codes.challenge_ids_of(world, EMAIL) == newest[-60:]


def test_a_proof_of_a_deleted_challenge_is_refused(fake_world: FakeWorld, world: World) -> None:
    code = code_for(fake_world, world)
    otp.delete_challenges(otp_codes.challenge_ids_of(world, EMAIL))
    with pytest.raises(Problem, match="otp_wrong"):
        otp_codes.verify(world, EMAIL, code, None)
