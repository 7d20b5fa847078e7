"""A rental earns the points of referrals and achievements only once nobody can cancel it any more."""

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import cancellable_return
from chalicelib.services.audit import whole_audit
from chalicelib.services.rewards import messages
from chalicelib.services.rewards.completed_rentals import RETURNED
from chalicelib.tables import achievements
from chalicelib.tables.accounts import AccountRow
from infra.local.cabinets import frames
from tests.scenarios.referral_scenario import ReferralScenario
from tests.services.rewards.test_referrals import bodies
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import HOUR, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of


@pytest.fixture
def scenario(network: Network) -> ReferralScenario:
    return ReferralScenario(network)


def returned(scenario: ReferralScenario, minutes: int = 2, package: str = HOUR) -> Rental:
    """A rental of a few minutes, whose message was handled for the first time. It waits for an hour."""
    network = scenario.network
    network.report_frame(LABIM, frames.heartbeat())
    rental = network.rented(scenario.invitee, package=package)
    network.fake_world.clock.advance(minutes=minutes)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    handle(scenario, rental)
    return network.rental(rental)


def post(scenario: ReferralScenario, rental: Rental, action: str) -> None:
    path = f"/api/rentals/{rental.rental_id}/{action}"
    assert request(app, "POST", path, {}, token=token_of(scenario.network, scenario.invitee)).status == 200


def handle(scenario: ReferralScenario, rental: Rental) -> None:
    """Handle the message about a returned rental once more."""
    for body in bodies():
        if (body["rental_id"], body["source"]) == (rental.rental_id, RETURNED):
            messages.handle(scenario.network.world, body)


def unlocked(scenario: ReferralScenario) -> list[str]:
    return [item.achievement_id for item in achievements.of_user(scenario.invitee)]


def test_the_message_of_a_cancelled_rental_earns_nothing_for_a_rental_that_can_be_cancelled(
    scenario: ReferralScenario,
) -> None:
    points = account(scenario.invitee).points
    scenario.claim()
    first = returned(scenario)
    post(scenario, first, "cancel")
    scenario.network.fake_world.clock.advance(minutes=20)
    second = returned(scenario)
    scenario.network.fake_world.clock.advance(minutes=41)
    handle(scenario, first)
    assert (scenario.earned(), unlocked(scenario)) == ((0, 0), [])
    post(scenario, second, "cancel")
    scenario.network.complete_rentals()
    assert (scenario.earned(), unlocked(scenario), account(scenario.invitee).points) == ((0, 0), [], points)
    assert scenario.network.books_balance()


def test_a_customer_who_rents_without_a_pause_earns_for_each_rental_an_hour_after_its_return(
    scenario: ReferralScenario,
) -> None:
    scenario.claim()
    first = returned(scenario)
    for _ in range(2):
        scenario.network.fake_world.clock.advance(minutes=28)
        returned(scenario)
    handle(scenario, first)
    assert (scenario.earned(), unlocked(scenario)) == ((100, 50), ["first-rental"])
    assert scenario.network.books_balance()


def test_a_rental_with_a_due_counts_an_hour_after_its_return(scenario: ReferralScenario) -> None:
    rental = returned(scenario, minutes=20, package=PAY_AS_YOU_GO)
    assert (rental.state, unlocked(scenario)) == ("due", [])
    scenario.network.complete_rentals()
    assert unlocked(scenario) == ["first-rental"]
    assert scenario.network.books_balance()


def test_the_account_keeps_the_returns_that_can_be_cancelled(scenario: ReferralScenario) -> None:
    kept = returned(scenario)
    post(scenario, returned(scenario), "cancel")
    (only,) = account(scenario.invitee).cancellable_returns
    assert only == cancellable_return(kept)
    AccountRow(scenario.invitee).update([AccountRow.cancellable_returns.remove()])
    assert "usage_differs" in {violation.rule for violation in whole_audit.audit(scenario.network.world)}
