"""A released rental that reopens unpaid while another is owed for: both are paid, one by one."""

from chalicelib.domain.rental import RentalState
from chalicelib.services.rentals import dues, ejects
from chalicelib.services.wallet import affordability, transactions
from chalicelib.services.wallet.affordability import Question
from infra.local import seed
from tests.builders import CIVIL, LABIM, account
from tests.street import EJECTED, Street


def test_two_dues_are_paid_one_by_one_and_block_until_the_last(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    first = street.given_up(user, LABIM)
    street.hear_snapshot(CIVIL)
    second = street.rented(user, CIVIL)
    street.scene.clock.pass_(hours=4)
    street.hear_return(CIVIL, second.powerbank_sn)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    assert street.rental(first).due_paisa == 2_000
    assert street.rental(second).due_paisa == 10_000
    assert account(user).due_paisa == 12_000
    assert street.books_balance()
    seed.fill_wallet(street.world, user, 100_000)
    for paid, left in ((first, second.rental_id), (second, None)):
        caller = street.sessions[user].caller(street.world)
        told = affordability.calculate(street.world, caller, Question("post_payment"))
        assert (told.rental_id, told.plan.total_paisa) == (paid.rental_id, street.rental(paid).due_paisa)
        assert dues.pay_due(street.world, caller, paid.rental_id).unblocked is (left is None)
        assert account(user).due_rental_id == left
        assert ("due_unpaid" in account(user).reasons_not_to_rent()) is (left is not None)
    assert street.rental(first).state is RentalState.ACTIVE
    assert street.rental(second).state is RentalState.COMPLETED
    street.hear_messages()
    assert street.books_balance()


def unpaid(street: Street, user: str) -> list[int]:
    """What the transactions say is due, oldest first."""
    caller = street.sessions[user].caller(street.world)
    lines, _ = transactions.transactions(
        street.world, caller, limit=100, before=None, wanted=lambda _: True, kind="due"
    )
    return [-line.wallet_paisa for line in lines if line.status == "pending"][::-1]


def test_the_transactions_tell_all_that_is_due_and_nothing_that_was_paid(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    first = street.start(user, LABIM)
    street.scene.clock.pass_(minutes=11)
    ejects.sweep(street.world)
    street.hear_snapshot(CIVIL)
    second = street.rented(user, CIVIL)
    street.scene.clock.pass_(hours=4)
    street.hear_return(CIVIL, second.powerbank_sn)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    assert unpaid(street, user) == [10_000, 2_000]
    seed.fill_wallet(street.world, user, 12_000)
    dues.pay_due(street.world, street.sessions[user].caller(street.world), first.rental_id)
    assert unpaid(street, user) == [10_000]
    dues.pay_due(street.world, street.sessions[user].caller(street.world), second.rental_id)
    assert unpaid(street, user) == []
    street.scene.clock.pass_(hours=5)
    street.hear_return(LABIM, first.powerbank_sn)
    assert unpaid(street, user) == [account(user).due_paisa] == [10_000]
    assert street.books_balance()
