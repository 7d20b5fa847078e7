"""How many codes a number, a network address and all of them together get."""

from contextlib import suppress

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.auth import otp
from chalicelib.world import World
from tests.services.auth.test_otp import CLIENT_ADDRESS, PHONE, deliver_codes
from tests.world.fake_world import FakeWorld
from tests.world.real_tables import all_rows


def test_a_resend_waits_a_minute_and_a_refusal_is_not_counted(fake_world: FakeWorld, world: World) -> None:
    otp.request_code(world, PHONE, CLIENT_ADDRESS)
    before = all_rows()
    with pytest.raises(Problem, match="otp_resend_too_soon") as refusal:
        otp.request_code(world, PHONE, CLIENT_ADDRESS)
    assert refusal.value.retry_after_seconds == 60
    assert all_rows() == before


def test_an_identifier_gets_five_codes_an_hour_and_ten_a_day(fake_world: FakeWorld, world: World) -> None:
    request_times = []
    for _ in range(60):
        with suppress(Problem):
            otp.request_code(world, PHONE, CLIENT_ADDRESS)
            request_times.append(fake_world.clock.now())
        fake_world.clock.advance(minutes=10)
    assert len(request_times) == 10
    for at in request_times:
        assert sum(0 <= (later_time - at).total_seconds() < 3600 for later_time in request_times) <= 5


def test_requests_are_limited_per_network_address_and_in_total(fake_world: FakeWorld, world: World) -> None:
    fake_world.settings = fake_world.settings.changed({"otp_per_address_hour": 2, "otp_total_hour": 3})
    phones = [f"+97798412345{number:02d}" for number in range(5)]
    otp.request_code(world, phones[0], CLIENT_ADDRESS)
    otp.request_code(world, phones[1], CLIENT_ADDRESS)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.request_code(world, phones[2], CLIENT_ADDRESS)
    otp.request_code(world, phones[2], "192.0.2.2")
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.request_code(world, phones[3], "192.0.2.3")


def test_requests_of_strangers_leave_the_owner_a_code(fake_world: FakeWorld, world: World) -> None:
    """A stranger uses up the requests of one network address, also a second before the owner asks."""
    for _ in range(5):
        otp.request_code(world, PHONE, "198.51.100.7")
        fake_world.clock.advance(seconds=60)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.request_code(world, PHONE, "198.51.100.7")
    fake_world.clock.advance(minutes=56)
    otp.request_code(world, PHONE, "198.51.100.7")
    fake_world.clock.advance(seconds=1)
    public_id = otp.request_code(world, PHONE, CLIENT_ADDRESS).public_id
    assert otp.verify(world, PHONE, deliver_codes(fake_world, world)[-1], public_id).purpose == "register"


def test_all_addresses_together_have_a_limit(fake_world: FakeWorld, world: World) -> None:
    accepted = 0
    with suppress(Problem):
        for number in range(100):
            otp.request_code(world, PHONE, f"198.51.100.{number}")
            accepted += 1
    assert accepted == 15
    fake_world.clock.advance(minutes=60)
    with suppress(Problem):
        for number in range(100):
            otp.request_code(world, PHONE, f"198.51.100.{number}")
            accepted += 1
    assert accepted == 30
    fake_world.clock.advance(hours=2)
    with pytest.raises(Problem, match="otp_limit_reached"):
        otp.request_code(world, PHONE, CLIENT_ADDRESS)
