"""Referrals: a code is claimed once and before the first rental, and earns both customers points once, or neither."""

from dataclasses import replace
from itertools import permutations

import pytest

from app import app
from chalicelib.domain.accounts.account import Status
from chalicelib.services.auth import identifier_keys, referral_claims
from chalicelib.services.rewards import messages
from chalicelib.services.rewards.completed_rentals import SOURCES
from chalicelib.tables import accounts, identities, kyc, outbox, users
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.referral_scenario import ReferralScenario
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.run_until_quiet import run_until_quiet
from tests.world.tokens import token_of


@pytest.fixture
def scenario(network: Network) -> ReferralScenario:
    return ReferralScenario(network)


def bodies() -> list[dict[str, object]]:
    """The messages about completed rentals that wait."""
    rows = outbox.OutboxRow.scan()
    return [row.body for row in rows if row.body.get("source") in SOURCES]


def test_both_earn_points_at_the_first_completed_rental_only(scenario: ReferralScenario) -> None:
    claimed = scenario.claim()
    assert (claimed.status, claimed.data) == (200, {"status": "claimed", "points_awarded": 0})
    assert (scenario.earned(), scenario.counts()) == ((0, 0), (1, 0))
    for _ in range(2):
        scenario.rent()
        scenario.network.complete_rentals()
        assert (scenario.earned(), scenario.counts()) == ((100, 50), (1, 1))
    assert scenario.claim().data == {"status": "rewarded", "points_awarded": 50}
    assert scenario.network.books_balance()


def test_a_code_is_claimed_once(scenario: ReferralScenario) -> None:
    other = ReferralScenario(scenario.network, invitee=scenario.invitee)
    assert scenario.claim().status == 200
    before = account(scenario.invitee)
    assert scenario.claim().status == 200
    assert (other.claim().status, other.claim().code) == (409, "referral_already_claimed")
    assert (account(scenario.invitee), scenario.counts(), other.counts()) == (before, (1, 0), (0, 0))


def test_two_claims_at_once_leave_one_referrer(scenario: ReferralScenario) -> None:
    other = ReferralScenario(scenario.network, invitee=scenario.invitee)
    with interleave(other.claim):
        refused = scenario.claim()
    assert (refused.status, refused.code) == (409, "referral_already_claimed")
    assert account(scenario.invitee).referrer_id == other.inviter
    assert (scenario.counts(), other.counts()) == ((0, 0), (1, 0))


def test_a_code_cannot_be_claimed_after_the_first_rental(scenario: ReferralScenario) -> None:
    rental = scenario.network.rented(scenario.invitee)
    assert (scenario.claim().status, scenario.claim().code) == (409, "referral_too_late")
    scenario.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    assert scenario.claim().code == "referral_too_late"


def test_an_own_code_earns_nothing(scenario: ReferralScenario) -> None:
    own = scenario.claim(by=scenario.inviter)
    assert (own.status, own.code) == (422, "referral_own_code")


def test_a_code_of_a_deleted_account_is_unknown(scenario: ReferralScenario) -> None:
    code = scenario.code
    delete_customer(scenario.network, scenario.inviter)
    assert (scenario.claim(code).status, scenario.claim(code).code) == (422, "referral_code_invalid")
    answer = request(app, "GET", f"/api/referral/validate?code={code}").data
    assert answer == {"valid": False, "inviter_username": None}


def test_a_deletion_of_the_referrer_before_the_rental_leaves_both_without_points(scenario: ReferralScenario) -> None:
    scenario.claim()
    delete_customer(scenario.network, scenario.inviter)
    scenario.rent()
    scenario.network.complete_rentals()
    assert (scenario.earned(), scenario.state) == ((0, 0), "refused")
    run_until_quiet(scenario.network)
    assert scenario.network.books_balance()


def test_a_phone_number_that_the_referrer_had_earns_nothing(scenario: ReferralScenario) -> None:
    world, user = scenario.network.world, fetch_one(users.user_key(scenario.invitee))
    assert user is not None
    key = identifier_keys.identifier_key(world, str(user.phone))
    identities.IdentityRow(identity=f"{referral_claims.BONUS}#{key}", user_id=scenario.inviter).save()
    assert scenario.claim().code == "referral_own_code"


def test_a_former_customer_is_no_new_customer(scenario: ReferralScenario) -> None:
    world, user = scenario.network.world, fetch_one(users.user_key(scenario.invitee))
    assert user is not None
    key = identifier_keys.identifier_key(world, str(user.phone))
    identities.IdentityRow(identity=f"{referral_claims.BONUS}#{key}", user_id="an earlier account").save()
    assert scenario.claim().code == "referral_too_late"


def test_the_same_document_earns_nothing(scenario: ReferralScenario) -> None:
    scenario.claim()
    theirs = fetch_one(kyc.kyc_submission_key(scenario.inviter))
    mine = fetch_one(kyc.kyc_submission_key(scenario.invitee))
    assert theirs is not None
    assert mine is not None
    row = kyc.KycSubmissionRow.get(scenario.inviter)
    row.number_key = mine.number_key
    row.save()
    scenario.rent()
    scenario.network.complete_rentals()
    assert (scenario.earned(), scenario.state) == ((0, 0), "refused")


def test_a_document_earns_a_referral_once_also_after_a_deletion(scenario: ReferralScenario) -> None:
    scenario.claim()
    scenario.rent()
    scenario.network.complete_rentals()
    first = fetch_one(kyc.kyc_submission_key(scenario.invitee))
    assert first is not None
    again = ReferralScenario(scenario.network, inviter=scenario.inviter)
    again.claim()
    row = kyc.KycSubmissionRow.get(again.invitee)
    row.number_key = first.number_key
    row.save()
    again.rent()
    scenario.network.complete_rentals()
    assert (again.state, scenario.counts()) == ("refused", (2, 1))


def test_a_rental_with_an_unpaid_due_completes_nothing(scenario: ReferralScenario) -> None:
    scenario.claim()
    rental = scenario.network.rented(scenario.invitee, package="pay-as-you-go")
    scenario.network.fake_world.clock.advance(minutes=20)
    scenario.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    scenario.network.complete_rentals()
    assert scenario.earned() == (0, 0)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    assert request(app, "POST", path, {}, token=token_of(scenario.network, scenario.invitee)).status == 200
    scenario.network.complete_rentals()
    assert scenario.earned() == (100, 50)


def test_a_rental_that_was_cancelled_after_its_return_completes_nothing(scenario: ReferralScenario) -> None:
    scenario.claim()
    rental = scenario.network.rented(scenario.invitee)
    scenario.network.fake_world.clock.advance(minutes=2)
    scenario.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    path = f"/api/rentals/{rental.rental_id}/cancel"
    assert request(app, "POST", path, {}, token=token_of(scenario.network, scenario.invitee)).status == 200
    scenario.network.complete_rentals()
    assert scenario.earned() == (0, 0)
    assert scenario.network.books_balance()


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_messages_in_any_order_and_twice_award_once(scenario: ReferralScenario, order: tuple[int, ...]) -> None:
    scenario.claim()
    for _ in range(3):
        scenario.rent()
    waiting = sorted(bodies(), key=str)
    for index in (*order, *order):
        messages.handle(scenario.network.world, waiting[index])
    assert (scenario.earned(), bodies()) == ((100, 50), [])
    assert scenario.network.books_balance()


def test_a_concurrent_message_about_the_same_referral_awards_once(scenario: ReferralScenario) -> None:
    scenario.claim()
    scenario.rent()
    (body,) = bodies()
    with interleave(lambda: messages.handle(scenario.network.world, body)):
        messages.handle(scenario.network.world, body)
    assert scenario.earned() == (100, 50)


def test_a_deletion_concurrent_with_the_award_gives_points_to_neither(scenario: ReferralScenario) -> None:
    scenario.claim()
    scenario.rent()
    (body,) = bodies()

    def delete() -> None:
        gone = replace(account(scenario.inviter), status=Status.DELETED)
        atomic(scenario.network.world, lambda ops: accounts.save(ops, gone))

    with interleave(delete):
        messages.handle(scenario.network.world, body)
    assert (scenario.earned(), scenario.state) == ((0, 0), "refused")


def test_wrong_codes_are_limited_by_user(scenario: ReferralScenario) -> None:
    tries = {"code_guesses_per_user_hour": 3}
    scenario.network.fake_world.settings = scenario.network.fake_world.settings.changed(tries)
    codes = [scenario.claim(f"NBDYSCD{n}").code for n in range(2, 6)]
    assert codes == ["referral_code_invalid"] * 3 + ["rate_limited"]
    right = scenario.claim()
    assert (right.status, right.code) == (429, "rate_limited")
    scenario.network.fake_world.clock.advance(seconds=int(right.headers["Retry-After"]))
    assert scenario.claim().status == 200


def test_anybody_asks_whose_a_code_is_and_few_guess(scenario: ReferralScenario) -> None:
    limits = {"code_guesses_per_user_hour": 1, "code_guesses_per_address_hour": 2}
    scenario.network.fake_world.settings = scenario.network.fake_world.settings.changed(limits)
    user = fetch_one(users.user_key(scenario.inviter))
    assert user is not None
    path = "/api/referral/validate?code="
    spaced = f"{scenario.code[:4].lower()}%20{scenario.code[4:]}"
    assert request(app, "GET", path + spaced).data == {"valid": True, "inviter_username": user.username}
    assert [request(app, "GET", f"{path}NBDYSCD{n}").status for n in (2, 3, 4)] == [200, 200, 429]
    assert request(app, "GET", path + scenario.code).status == 429
    assert request(app, "GET", f"{path}no-code").data == {"valid": False, "inviter_username": None}
