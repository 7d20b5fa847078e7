"""Extending, cancelling and the schedule of running rentals, with a fault at any call, have their effect once."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.rentals import queries
from chalicelib.world import World
from tests.engines.fault_injection import crash_everywhere
from tests.engines.faults import CallerGaveUp
from tests.scenarios.second_eject_scenario import worth_paisa
from tests.world.builders import CIVIL, account
from tests.world.clocks import tick
from tests.world.fake_world import FakeWorld
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

pytestmark = pytest.mark.long

WALLET, PRICE, REPLACEMENT = 100_000, 2_000, 500_000


@dataclass(frozen=True)
class Prepared:
    """A rental before the flow, its customer's token, and what the customer has in all."""

    rental: Rental
    token: str
    worth_paisa: int


def starting(network: Network) -> Prepared:
    return prepared(network, network.start(network.customer(wallet_paisa=WALLET)))


def active(network: Network) -> Prepared:
    return prepared(network, network.rented(network.customer(wallet_paisa=WALLET)))


def returned(network: Network) -> Prepared:
    rental = network.rented(network.customer(wallet_paisa=WALLET))
    network.fake_world.clock.advance(minutes=2)
    network.report_return(CIVIL, rental.powerbank_sn)
    return prepared(network, network.rental(rental))


def long_gone(network: Network) -> Prepared:
    before = active(network)
    network.send_pushes()
    network.fake_world.clock.advance(hours=25, minutes=1)
    return before


def prepared(network: Network, rental: Rental) -> Prepared:
    return Prepared(rental, token_of(network, rental.user_id), worth_paisa(rental.user_id))


@dataclass
class Change:
    """A customer's request, or a run of the schedule. The retry is the same once more."""

    fake_world: FakeWorld
    world: World
    before: Prepared
    verb: str
    with_audit: bool

    def run(self) -> None:
        if self.verb == "sweep":
            tick(self.world, "sweep_rentals")
            return
        path = f"/api/rentals/{self.before.rental.rental_id}/{self.verb}"
        body = {"package_id": "1-hour"} if self.verb == "extend" else {"reason": "wrong station"}
        headers = {"Idempotency-Key": "one request"}
        reply = request(app, "POST", path, body, token=self.before.token, headers=headers)
        if reply.status >= 400:
            raise CallerGaveUp(reply.text)

    def recover(self) -> None:
        self.fake_world.clock.advance(minutes=2)
        self.run()

    def check(self) -> None:
        before = self.before.rental
        after = queries.read(before.user_id, before.rental_id)
        owner = account(before.user_id)
        cost_paisa = self.before.worth_paisa - worth_paisa(before.user_id)
        if self.verb == "extend":
            assert (after.state, len(after.extensions), cost_paisa) == (RentalState.ACTIVE, 1, PRICE)
            assert after.due_at is not None
            assert before.due_at is not None
            assert after.due_at - before.due_at == before.package.length
        elif self.verb == "cancel":
            given_back = PRICE if before.state is RentalState.COMPLETED else 0
            assert (after.state, cost_paisa) == (RentalState.CANCELLED, -given_back)
            assert (owner.held_paisa, owner.held_points, owner.open_rental_id) == (0, 0, None)
        else:
            assert [notice.kind for notice in after.notices] == ["lost"]
            assert (after.state, cost_paisa, owner.due_paisa) == (RentalState.LOST, REPLACEMENT, REPLACEMENT)
            assert owner.lost_rental_ids == (before.rental_id,)
        if self.with_audit:
            assert whole_audit.audit(self.world) == []


FLOWS = [("extend", active), ("cancel", starting), ("cancel", returned), ("sweep", long_gone)]


@pytest.mark.parametrize("with_audit", [False, pytest.param(True, marks=pytest.mark.matrix)])
@pytest.mark.parametrize(("verb", "prepare"), FLOWS, ids=lambda value: getattr(value, "__name__", value))
def test_a_change_of_a_rental_has_its_effect_once(
    verb: str, prepare: Callable[[Network], Prepared], with_audit: bool
) -> None:
    def begin(fake_world: FakeWorld, world: World, before: Prepared) -> Change:
        return Change(fake_world, world, before, verb, with_audit)

    crash_everywhere(f"{verb} of a rental ({prepare.__name__})", prepare, begin)
