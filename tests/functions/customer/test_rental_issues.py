"""Issues with rentals: taken in once, limited, and followed by the power bank."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from tests.engines.interleaving import interleave
from tests.functions.customer.test_uploads import send
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

DEAD = {"issue_type": "not_working", "description": "no light"}


def report(network: Network, rental: Rental, token: str | None = None, **fields: Any) -> Reply:
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    return request(app, "POST", path, DEAD | fields, token=token or token_of(network, rental.user_id))


def bring_back(network: Network, rental: Rental) -> None:
    """The power bank comes back into its slot, too late for a swap, and the cabinet lists all slots."""
    network.fake_world.clock.advance(minutes=6)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)


def limit(network: Network, **settings: int) -> None:
    network.fake_world.settings = network.fake_world.settings.changed(settings)


@pytest.fixture
def rental(network: Network) -> Rental:
    return network.rented(network.customer())


def test_a_report_names_its_rental_and_its_images(network: Network, rental: Rental) -> None:
    image = send(token_of(network, rental.user_id), phone_photo()).data
    reply = report(network, rental, images=[image["id"]])
    assert (reply.status, reply.data["status"], reply.data["rental_id"]) == (201, "reported", rental.rental_id)
    assert (reply.data["powerbank_sn"], reply.data["images"]) == (rental.powerbank_sn, [image["file_url"]])
    assert network.books_balance()


def test_the_same_report_again_returns_the_first_and_writes_nothing(network: Network, rental: Rental) -> None:
    token = token_of(network, rental.user_id)
    first = report(network, rental, token)
    before = all_rows()
    assert report(network, rental, token).text == first.text
    assert report(network, rental, token, description="really no light").code == "issue_already_reported"
    assert all_rows() == before


def test_two_reports_of_one_problem_at_once_become_one(network: Network, rental: Rental) -> None:
    with interleave(lambda: report(network, rental)) as earlier:
        second = report(network, rental)
    assert second.text == earlier[0].text
    assert network.bank(rental.powerbank_sn).faults_count == 1


def test_nobody_reports_the_rental_of_another_customer(network: Network, rental: Rental) -> None:
    token = token_of(network, network.customer())
    before = all_rows()
    assert report(network, rental, token).status == 404
    assert all_rows() == before


def test_a_rental_takes_few_reports(network: Network, rental: Rental) -> None:
    limit(network, issues_per_rental=2)
    kinds = ("lost", "charging", "return_problem")
    assert [report(network, rental, issue_type=kind).status for kind in kinds] == [201, 201, 409]
    assert report(network, rental, issue_type="damaged").code == "rental_issue_limit_reached"


def test_a_customer_sends_few_reports_a_day(network: Network, rental: Rental) -> None:
    limit(network, issues_per_user_day=1)
    assert [report(network, rental, issue_type=kind).status for kind in ("lost", "charging")] == [201, 429]


def test_a_rental_is_reported_up_to_a_week_after_its_end(network: Network, rental: Rental) -> None:
    network.report_return(LABIM, rental.powerbank_sn)
    network.fake_world.clock.advance(days=7)
    assert report(network, rental).status == 201
    network.fake_world.clock.advance(minutes=1)
    late = report(network, rental, issue_type="charging")
    assert (late.status, late.code) == (409, "rental_issue_too_late")


def test_a_faulty_powerbank_is_not_handed_out_after_its_return(network: Network, rental: Rental) -> None:
    assert report(network, rental, issue_type="damaged").status == 201
    bring_back(network, rental)
    assert network.bank(rental.powerbank_sn).free
    assert network.rented(network.customer()).powerbank_sn != rental.powerbank_sn


def test_a_report_after_the_return_counts_until_the_next_return(network: Network, rental: Rental) -> None:
    bring_back(network, rental)
    network.fake_world.clock.advance(minutes=1)
    following = network.rented(network.customer())
    assert following.powerbank_sn == rental.powerbank_sn
    bring_back(network, rental)
    assert report(network, rental).status == 201
    assert network.bank(rental.powerbank_sn).faults_count == 0
    assert report(network, following).status == 201
    assert network.bank(rental.powerbank_sn).faults_count == 1


def test_one_rental_counts_once_and_a_slow_charge_does_not_count(network: Network, rental: Rental) -> None:
    for kind in ("charging", "damaged", "not_working"):
        assert report(network, rental, issue_type=kind).status == 201
    assert network.bank(rental.powerbank_sn).faults_count == 1


def test_one_customer_sets_few_powerbanks_aside(network: Network) -> None:
    limit(network, fault_reports_per_user_month=2)
    user_id, counts = network.customer(), []
    for _ in range(3):
        rental = network.rented(user_id)
        assert report(network, rental).status == 201
        bring_back(network, rental)
        counts.append(network.bank(rental.powerbank_sn).faults_count)
        network.fake_world.clock.advance(minutes=1)
    assert counts == [1, 1, 0]


def test_more_reports_may_be_needed_before_a_powerbank_is_set_aside(network: Network) -> None:
    limit(network, powerbank_fault_reports=2)
    sns = []
    for _ in range(3):
        rental = network.rented(network.customer())
        sns.append(rental.powerbank_sn)
        report(network, rental)
        bring_back(network, rental)
        network.fake_world.clock.advance(minutes=1)
    assert sns[0] == sns[1] != sns[2]


def test_no_report_counts_against_a_powerbank_that_did_not_come_out(network: Network) -> None:
    rental = network.start(network.customer())
    assert report(network, rental).status == 201
    assert network.bank(rental.powerbank_sn).faults_count == 0
