"""What the time of a rental brings: reminders, lateness, a lost power bank, and its return."""

from dataclasses import replace
from datetime import timedelta

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.rentals import due_times
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from infra.local.aws.iam import running
from tests.engines.interleaving import interleave
from tests.world.builders import CIVIL, LABIM, account
from tests.world.http_client import request
from tests.world.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of


def notices(network: Network, rental: Rental) -> list[str]:
    return [notice.kind.value for notice in network.rental(rental).notices]


def sweep_at(network: Network, **later: float) -> int:
    network.fake_world.clock.advance(**later)
    return due_times.sweep(network.world)


def lost_rental(network: Network, wallet_paisa: int = 2_000) -> Rental:
    rental = network.rented(network.customer(wallet_paisa=wallet_paisa))
    sweep_at(network, hours=25, minutes=1)
    return network.rental(rental)


def test_each_notice_is_written_once_at_its_time(network: Network) -> None:
    rental = network.rented(network.customer())
    assert sweep_at(network, minutes=44) == 0
    written = []
    for minutes in (2, 14, 60, 24 * 60):
        sweep_at(network, minutes=minutes)
        assert due_times.sweep(network.world) == 0
        written.append(notices(network, rental))
    assert written == [
        ["reminder"],
        ["reminder", "overdue"],
        ["reminder", "overdue"],
        ["reminder", "overdue", "lost"],
    ]
    assert network.books_balance()


def test_a_late_sweep_writes_only_what_is_still_true(network: Network) -> None:
    rental = network.rented(network.customer())
    sweep_at(network, minutes=70)
    assert notices(network, rental) == ["overdue"]
    network.report_snapshot(CIVIL)
    other = network.rented(network.customer(), CIVIL)
    sweep_at(network, hours=30)
    assert notices(network, other) == ["lost"]


def test_a_reminder_comes_again_after_an_extension(network: Network) -> None:
    rental = network.rented(network.customer())
    sweep_at(network, minutes=50)
    path = f"/api/rentals/{rental.rental_id}/extend"
    request(app, "POST", path, {"package_id": "1-hour"}, token=token_of(network, rental.user_id))
    assert due_times.sweep(network.world) == 0
    sweep_at(network, minutes=60)
    assert notices(network, rental) == ["reminder", "reminder"]


def test_two_sweeps_at_once_write_one_notice(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(hours=25, minutes=1)
    with interleave(lambda: due_times.sweep(network.world)):
        due_times.sweep(network.world)
    assert notices(network, rental) == ["lost"]
    assert account(rental.user_id).due_paisa == 500_000
    assert network.books_balance()


def test_a_return_that_comes_first_is_not_lost(network: Network) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(hours=25, minutes=1)

    def return_it() -> None:
        with running("HandleDeviceEvents"):
            network.report_return(LABIM, rental.powerbank_sn)

    with interleave(return_it):
        due_times.sweep(network.world)
    assert (network.rental(rental).state, notices(network, rental)) == ("completed", [])
    assert network.books_balance()


def test_rentals_without_a_due_time_get_no_notice(network: Network) -> None:
    postpaid = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    returned = network.rented(network.customer(), CIVIL)
    network.report_return(CIVIL, returned.powerbank_sn)
    assert sweep_at(network, days=3) == 0
    assert notices(network, postpaid) == notices(network, returned) == []


def test_a_lost_powerbank_is_a_due_of_five_thousand_rupees(network: Network) -> None:
    rental = lost_rental(network)
    assert (rental.state, rental.due_paisa, rental.late_fee_paisa) == ("lost", 500_000, 0)
    after = account(rental.user_id)
    assert (after.open_rental_id, after.due_rental_id, after.due_paisa) == (None, rental.rental_id, 500_000)
    token = token_of(network, rental.user_id)
    answer = request(app, "GET", f"/api/rentals/{rental.rental_id}", token=token).data
    assert (answer["payment_status"], answer["due_amount"], answer["late_fee_so_far"]) == ("due", "5000.00", "200.00")
    order = {"station_sn": CIVIL.sn, "package_id": "1-hour"}
    assert request(app, "POST", "/api/rentals/start", order, token=token).code == "due_unpaid"
    listed = request(app, "GET", "/api/rentals/history?status=lost", token=token).data["results"]
    assert [item["id"] for item in listed] == [rental.rental_id]
    assert network.books_balance()


def test_a_powerbank_found_before_its_price_is_paid_costs_the_late_fee(network: Network) -> None:
    rental = lost_rental(network)
    network.report_return(CIVIL, rental.powerbank_sn)
    found, owner = network.rental(rental), account(rental.user_id)
    assert (found.state, found.late_fee_paisa, found.due_paisa) == ("due", 20_000, 20_000)
    assert (owner.due_paisa, owner.due_rental_id, owner.late_count) == (20_000, rental.rental_id, 1)
    lines = request(app, "GET", "/api/user/transactions?type=due", token=token_of(network, rental.user_id)).data
    assert [line["amount"] for line in lines["results"]] == ["200.00"]
    assert network.bank(rental.powerbank_sn).free
    assert network.books_balance()


def test_the_price_that_was_paid_goes_back_to_where_it_was_paid_from(network: Network) -> None:
    rental = lost_rental(network, wallet_paisa=600_000)
    user = rental.user_id
    before = account(user)
    token = token_of(network, user)
    paid = request(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token).data
    assert (paid["rental_status"], paid["payment_status"], paid["account_unblocked"]) == ("lost", "paid", True)
    assert network.books_balance()
    network.fake_world.clock.advance(hours=1)
    network.report_return(CIVIL, rental.powerbank_sn)
    found, after = network.rental(rental), account(user)
    assert (found.state, found.due_paisa, found.late_fee_paisa) == ("completed", 0, 20_000)
    spent = before.wallet_paisa - after.wallet_paisa + 10 * (before.points - after.points)
    assert spent == 20_000
    assert network.books_balance()


def test_a_lost_powerbank_that_comes_back_leaves_the_next_rental_open(network: Network) -> None:
    lost = lost_rental(network, wallet_paisa=600_000)
    token = token_of(network, lost.user_id)
    request(app, "POST", f"/api/rentals/{lost.rental_id}/pay-due", {}, token=token)
    network.report_snapshot(CIVIL)
    following = network.rented(lost.user_id, CIVIL)
    network.report_return(LABIM, lost.powerbank_sn)
    assert network.rental(lost).state == "completed"
    assert account(lost.user_id).open_rental_id == following.rental_id
    assert network.books_balance()


def test_repeated_reports_of_a_found_powerbank_give_its_price_back_once(network: Network) -> None:
    rental = lost_rental(network)
    at = network.world.now()
    for _ in range(3):
        network.report_return(CIVIL, rental.powerbank_sn, at=at)
    network.report_slot_change(CIVIL, rental.powerbank_sn, at=at + timedelta(seconds=1))
    assert account(rental.user_id).due_paisa == 20_000
    assert network.books_balance()


def test_the_due_of_another_rental_is_named_after_a_lost_powerbank_is_found(network: Network) -> None:
    """The account names the lost rental although an older one owes too, as after a payment of a third."""
    user = network.customer(wallet_paisa=2_000)
    given_up = network.unanswered_start(user)
    lost = network.rented(user, CIVIL)
    sweep_at(network, hours=25, minutes=1)
    network.report_eject(LABIM, given_up.powerbank_sn, EJECTED)
    assert account(user).due_rental_id == given_up.rental_id
    network.pay_topup(user, network.open_topup(user))
    named = replace(account(user), due_rental_id=lost.rental_id, due_rental_paisa=500_000)
    atomic(network.world, lambda ops: accounts.save(ops, named))
    network.report_return(CIVIL, lost.powerbank_sn)
    assert network.rental(lost).state == "completed"
    assert account(user).due_rental_id == given_up.rental_id
    assert network.books_balance()
