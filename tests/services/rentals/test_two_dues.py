"""A released rental reopens unpaid while another rental has a due: both dues are paid one by one."""

from chalicelib.domain.accounts.rent_eligibility import reasons_not_to_rent
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import dues, ejects
from chalicelib.services.wallet import affordability, transactions
from chalicelib.services.wallet.affordability import OptionsQuery, Scenario
from infra.local.seeds import seed
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, Network


def test_two_dues_are_paid_one_by_one_and_block_until_the_last(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    first = network.unanswered_start(user, LABIM)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL)
    network.fake_world.clock.advance(hours=4)
    network.report_return(CIVIL, second.powerbank_sn)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert network.rental(first).due_paisa == 2_000
    assert network.rental(second).due_paisa == 10_000
    assert account(user).due_paisa == 12_000
    assert network.books_balance()
    seed.fill_wallet(network.world, user, 100_000)
    for rental, blocking_rental_id in ((first, second.rental_id), (second, None)):
        caller = network.sessions[user].caller(network.world)
        options = affordability.calculate(network.world, caller, OptionsQuery(Scenario.POST_PAYMENT))
        assert (options.rental_id, options.plan.total_paisa) == (rental.rental_id, network.rental(rental).due_paisa)
        assert dues.pay_due(network.world, caller, rental.rental_id).unblocked is (blocking_rental_id is None)
        assert account(user).due_rental_id == blocking_rental_id
        assert ("due_unpaid" in reasons_not_to_rent(account(user))) is (blocking_rental_id is not None)
    assert network.rental(first).state is RentalState.ACTIVE
    assert network.rental(second).state is RentalState.COMPLETED
    network.deliver_messages()
    assert network.books_balance()


def unpaid(network: Network, user: str) -> list[int]:
    """The dues among the transactions, oldest first."""
    caller = network.sessions[user].caller(network.world)
    lines, _ = transactions.transactions(caller, limit=100, before=None, matches=lambda _: True, kind="due")
    return [-line.wallet_paisa for line in lines if line.status == "pending"][::-1]


def test_the_newer_due_is_paid_first_and_the_transactions_show_every_open_due(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    first = network.start(user, LABIM)
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL)
    network.fake_world.clock.advance(hours=4)
    network.report_return(CIVIL, second.powerbank_sn)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert unpaid(network, user) == [10_000, 2_000]
    seed.fill_wallet(network.world, user, 12_000)
    dues.pay_due(network.world, network.sessions[user].caller(network.world), second.rental_id)
    assert unpaid(network, user) == [2_000]
    assert account(user).due_rental_id == first.rental_id
    dues.pay_due(network.world, network.sessions[user].caller(network.world), first.rental_id)
    assert unpaid(network, user) == []
    network.fake_world.clock.advance(hours=5)
    network.report_return(LABIM, first.powerbank_sn)
    assert unpaid(network, user) == [account(user).due_paisa] == [10_000]
    assert network.books_balance()
