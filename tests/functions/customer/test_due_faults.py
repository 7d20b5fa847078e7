"""The payment of a due whose storage calls fail, hang or conflict: the due is paid once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from app import app
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.tables import postings
from chalicelib.tables.dynamodb import shared_connection
from infra.local import seed
from tests.builders import CIVIL, LABIM, account
from tests.http_client import Reply, request
from tests.network import EJECTED, PAY_AS_YOU_GO, Network
from tests.tokens import token_of

pytestmark = pytest.mark.long

DUE, WALLET = 4_000, 100_000


class Crash(BaseException):
    """The process dies: a BaseException, so that no `except Exception` catches it."""


@dataclass
class HttpError:
    """The parts of an HTTP response that botocore reads."""

    status_code: int


def dies(_: str) -> Any:
    raise Crash


def times_out(_: str) -> Any:
    raise ReadTimeoutError(endpoint_url="http://dynamodb")


def fails(_: str) -> Any:
    content = {"Error": {"Code": "InternalServerError", "Message": "m"}, "ResponseMetadata": {}}
    return HttpError(500), content


def is_throttled(_: str) -> Any:
    content = {"Error": {"Code": "ThrottlingException", "Message": "m"}, "ResponseMetadata": {}}
    return HttpError(400), content


BEFORE: dict[str, Callable[[str], Any]] = {
    "dies before": dies,
    "times out without effect": times_out,
    "5xx": fails,
    "throttled": is_throttled,
}
AFTER: dict[str, Callable[[str], Any]] = {"dies after": dies, "times out with effect": times_out}


@dataclass
class Line:
    """Counts the calls to storage, and injects a fault at call number `at`, from 0."""

    at: int = -1
    before: Callable[[str], Any] | None = None
    after: Callable[[str], Any] | None = None
    calls: list[str] = field(default_factory=list)

    def _before(self, model: Any, **_: Any) -> Any:
        self.calls.append(model.name)
        if self.before is not None and len(self.calls) - 1 == self.at:
            return self.before(model.name)
        return None

    def _after(self, model: Any, **_: Any) -> None:
        if self.after is not None and len(self.calls) - 1 == self.at:
            self.after(model.name)

    @contextmanager
    def open(self) -> Iterator["Line"]:
        events = shared_connection().client.meta.events
        events.register("before-call.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)
        try:
            yield self
        finally:
            events.unregister("before-call.dynamodb", self._before)
            events.unregister("after-call.dynamodb", self._after)


def owing(network: Network, wallet: int = WALLET) -> tuple[str, Rental]:
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


def paid_once(network: Network, user: str, rental: Rental) -> bool:
    paid = [
        posting for posting in postings.newest(user, before=None, limit=100) if posting.kind is PostingKind.PAY_DUE
    ]
    assert [(posting.ref, -posting.change_of("due")) for posting in paid] == [(rental.rental_id, DUE)]
    assert -paid[0].change_of("wallet") - 10 * paid[0].change_of("points") == DUE
    assert (account(user).due_paisa, account(user).due_rental_id) == (0, None)
    assert network.rental(rental).state is RentalState.COMPLETED
    return network.books_balance()


def calls_of_a_payment(network: Network) -> list[str]:
    """The storage calls of a payment, recorded from one."""
    user, rental = owing(network)
    token = token_of(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with Line().open() as line:
        assert request(app, "POST", path, {}, token=token, headers={"Idempotency-Key": "k"}).status == 200
    return line.calls


@pytest.mark.parametrize("key", ["tap", None])
@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_a_due_is_paid_once_whatever_storage_call_fails(network: Network, fault: str, key: str | None) -> None:
    calls = calls_of_a_payment(network)
    assert len(calls) == 3, calls
    for at in range(len(calls) - (key is None)):
        network.fake_world.clock.advance(minutes=1)
        network.report_snapshot(LABIM)
        user, rental = owing(network)
        token = token_of(network, user)
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/api/rentals/{rental.rental_id}/pay-due"
        with Line(at, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
            reply = request(app, "POST", path, {}, token=token, headers=headers)
            assert reply.status in (200, 503), (at, reply.text)
            if reply.status == 503:
                assert int(reply.headers["Retry-After"]) > 0
        network.fake_world.clock.advance(seconds=61)
        second = pay(network, user, rental, key)
        # Without a key the second attempt gets no replay: its answer is that nothing is due.
        assert second.status == 200 or (key is None and second.code == "nothing_due"), (at, second.text)
        if second.status == 200:
            assert (second.data["amount_paid"], second.data["account_unblocked"]) == ("40.00", True)
        assert paid_once(network, user, rental), (at, calls)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_an_unaffordable_payment_changes_nothing_whatever_call_fails(network: Network, fault: str) -> None:
    user, rental = owing(network, wallet=0)
    token, before = token_of(network, user), account(user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with Line(0, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
        reply = request(app, "POST", path, {}, token=token)
        assert reply.status in (402, 503)
    assert account(user) == before
    assert pay(network, user, rental).code == "insufficient_funds"
    seed.fill_wallet(network.world, user, WALLET)
    assert pay(network, user, rental).status == 200
    assert paid_once(network, user, rental)


@contextmanager
def while_it_writes(do: Callable[[], object]) -> Iterator[None]:
    """Runs once, between a decision and its write."""
    left = [do]

    def before(**_: Any) -> None:
        if left:
            left.pop()()

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb.TransactWriteItems", before)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", before)
    assert not left


def test_a_return_of_another_rental_during_a_payment_is_counted(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    first = network.unanswered_start(user, LABIM)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=61)
    network.report_return(CIVIL, second.powerbank_sn)
    seed.fill_wallet(network.world, user, WALLET)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.fake_world.clock.advance(hours=5)
    token = token_of(network, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with while_it_writes(lambda: network.report_return(LABIM, first.powerbank_sn)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.data["account_unblocked"]) == (200, True)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.rental(first).late_fee_paisa > 0
    network.deliver_messages()
    assert paid_once(network, user, second)


def test_a_second_due_during_a_payment_keeps_the_user_blocked(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    first = network.unanswered_start(user, LABIM)
    network.report_snapshot(CIVIL)
    second = network.rented(user, CIVIL, PAY_AS_YOU_GO)
    network.fake_world.clock.advance(minutes=61)
    network.report_return(CIVIL, second.powerbank_sn)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    seed.fill_wallet(network.world, user, DUE)
    network.fake_world.clock.advance(hours=5)
    token = token_of(network, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with while_it_writes(lambda: network.report_return(LABIM, first.powerbank_sn)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.data["account_unblocked"]) == (200, False)
    assert account(user).due_rental_id == first.rental_id
    assert account(user).due_paisa == network.rental(first).due_paisa == 10_000
    network.deliver_messages()
    assert network.books_balance()


def test_of_two_payments_at_once_only_the_first_counts(network: Network) -> None:
    user, rental = owing(network)
    other = token_of(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    token = token_of(network, user)
    with while_it_writes(lambda: request(app, "POST", path, {}, token=other)):
        reply = request(app, "POST", path, {}, token=token)
    assert (reply.status, reply.code) == (409, "nothing_due")
    assert paid_once(network, user, rental)


def test_a_concurrent_request_with_the_same_key_is_in_progress(network: Network) -> None:
    user, rental = owing(network)
    first: list[Reply] = []
    token = token_of(network, user)
    path, headers = f"/api/rentals/{rental.rental_id}/pay-due", {"Idempotency-Key": "tap"}
    with while_it_writes(lambda: first.append(request(app, "POST", path, {}, token=token, headers=headers))):
        second = request(app, "POST", path, {}, token=token, headers=headers)
    assert (first[0].status, second.code) == (200, "idempotency_in_progress")
    assert pay(network, user, rental).text == first[0].text
    assert paid_once(network, user, rental)
