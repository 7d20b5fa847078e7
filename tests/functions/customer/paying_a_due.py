"""A customer who owes a due and pays it by the route, for the tests of faults and conflicts."""

from app import app
from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.tables import postings
from tests.world.builders import LABIM, account
from tests.world.http_client import Reply, request
from tests.world.network import PAY_AS_YOU_GO, Network
from tests.world.tokens import token_of

DUE, WALLET = 4_000, 100_000


def customer_with_due(network: Network, wallet: int = WALLET) -> tuple[str, Rental]:
    """A customer and their postpaid rental, returned and unpaid."""
    user = network.customer(wallet_paisa=wallet)
    rental = network.rented(user, package=PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=61)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    return user, network.rental(rental)


def pay(network: Network, user: str, rental: Rental, key: str | None = "tap") -> Reply:
    headers = {"Idempotency-Key": key} if key else {}
    token = token_of(network, user)
    return request(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token, headers=headers)


def is_paid_once(network: Network, user: str, rental: Rental) -> bool:
    paid = [
        posting for posting in postings.newest(user, before=None, limit=100) if posting.kind is PostingKind.PAY_DUE
    ]
    assert [(posting.ref, -posting.change_of("due")) for posting in paid] == [(rental.rental_id, DUE)]
    assert -paid[0].change_of("wallet") - 10 * paid[0].change_of("points") == DUE
    assert (account(user).due_paisa, account(user).due_rental_id) == (0, None)
    assert network.rental(rental).state is RentalState.COMPLETED
    return network.books_balance()
