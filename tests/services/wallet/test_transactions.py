"""Wallet transactions: how postings are shown as lines, page by page."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.services.rentals import dues
from chalicelib.services.wallet import transactions
from chalicelib.services.wallet.transactions import TransactionLine
from infra.local.seeds import seed
from tests.world.builders import LABIM
from tests.world.network import Network


def lines(network: Network, user: str, limit: int = 20) -> list[TransactionLine]:
    """All lines, read in pages of `limit`."""
    match: list[TransactionLine] = []
    before: int | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = transactions.transactions(caller, limit=limit, before=before, matches=lambda _: True)
        match += page
        if before is None:
            return match


def kinds_and_statuses(network: Network, user: str) -> list[tuple[str, str]]:
    return [(line.kind, line.status) for line in lines(network, user)]


def test_a_rental_is_always_one_line(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    assert kinds_and_statuses(network, user) == [("rental", "pending"), ("topup", "success")]
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, 0x01)
    assert kinds_and_statuses(network, user) == [("rental", "success"), ("topup", "success")]


def test_a_released_rental_is_shown_as_failed(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.report_eject(LABIM, rental.powerbank_sn, 0x00)
    assert kinds_and_statuses(network, user)[0] == ("rental", "failed")


def test_a_due_is_pending_until_it_is_paid(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    assert kinds_and_statuses(network, user)[0] == ("due", "pending")
    seed.fill_wallet(network.world, user, 100_000)
    caller = network.sessions[user].caller(network.world)
    dues.pay_due(network.world, caller, rental.rental_id)
    assert kinds_and_statuses(network, user)[0] == ("due", "success")
    assert [line for line in kinds_and_statuses(network, user) if line[0] == "due"] == [("due", "success")]
    with pytest.raises(Problem, match="nothing_due"):
        dues.pay_due(network.world, network.sessions[user].caller(network.world), rental.rental_id)
    assert network.books_balance()


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_pages_hold_every_line_exactly_once(network: Network, limit: int) -> None:
    user = network.customer()
    for _ in range(3):
        seed.fill_wallet(network.world, user, 10_000)
        network.fake_world.clock.advance(seconds=1)
    numbers = [line.posting.seq for line in lines(network, user, limit)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 4
