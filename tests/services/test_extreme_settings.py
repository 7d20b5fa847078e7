"""Every setting works at its least and at its greatest value."""

from contextlib import suppress

import pytest

from chalicelib.domain.configuration.setting_bounds import bounds_of
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.problems.problems import Problem
from tests.services.auth.sign_in_steps import login, register
from tests.world.builders import LABIM
from tests.world.network import Network

pytestmark = pytest.mark.long

EXTREMES = sorted(
    {(name, value) for name in Settings().by_name() if (bounds := bounds_of(name)) for value in bounds[:2]}
)


@pytest.mark.parametrize(("name", "value"), EXTREMES)
def test_a_setting_at_its_bound_makes_refusals_and_no_errors(name: str, value: int, network: Network) -> None:
    user, fake_world = network.customer(), network.fake_world
    fake_world.settings = fake_world.settings.changed({name: value})
    assert fake_world.settings.by_name()[name] == value
    signed_in = register(fake_world, network.world)
    with suppress(Problem):
        fake_world.clock.advance(seconds=120)
        assert login(fake_world, network.world).user_id == signed_in.user_id
    for _ in range(2):
        with suppress(Problem):
            network.open_topup(user)
    network.report_snapshot(LABIM)
    with suppress(Problem):
        rental = network.rented(user)
        fake_world.clock.advance(minutes=3)
        network.report_return(LABIM, rental.powerbank_sn)
    fake_world.clock.advance(minutes=30)
    network.deliver_messages()
    assert network.books_balance()
