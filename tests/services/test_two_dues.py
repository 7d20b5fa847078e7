"""A released rental that reopens unpaid while another is owed for: both are paid, one by one."""

from chalicelib.domain.rental import RentalState
from chalicelib.services import options, rentals
from chalicelib.services.options import Question
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
        told = options.calculate(street.world, caller, Question("post_payment"))
        assert (told.rental_id, told.plan.total_paisa) == (paid.rental_id, street.rental(paid).due_paisa)
        assert rentals.pay_due(street.world, caller, paid.rental_id).unblocked is (left is None)
        assert account(user).due_rental_id == left
        assert ("due_unpaid" in account(user).reasons_not_to_rent()) is (left is not None)
    assert street.rental(first).state is RentalState.ACTIVE
    assert street.rental(second).state is RentalState.COMPLETED
    street.hear_messages()
    assert street.books_balance()
