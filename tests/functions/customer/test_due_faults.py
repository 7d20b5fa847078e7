"""A due's payment that dies, waits or is refused at any call to storage, or meets another writer: paid once."""

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
from chalicelib.tables.dynamodb import shared
from infra.local import seed
from tests.asking import Asked, ask
from tests.builders import CIVIL, LABIM, account
from tests.doors import token_of
from tests.street import EJECTED, PAY_AS_YOU_GO, Street

pytestmark = pytest.mark.long

DUE, WALLET = 4_000, 100_000


class Crash(BaseException):
    """The process dies: no `except Exception` may live through it."""


@dataclass
class HttpError:
    """As much of an HTTP response as botocore looks at."""

    status_code: int


def dies(_: str) -> Any:
    raise Crash


def times_out(_: str) -> Any:
    raise ReadTimeoutError(endpoint_url="http://dynamodb")


def fails(_: str) -> Any:
    told = {"Error": {"Code": "InternalServerError", "Message": "m"}, "ResponseMetadata": {}}
    return HttpError(500), told


def is_throttled(_: str) -> Any:
    told = {"Error": {"Code": "ThrottlingException", "Message": "m"}, "ResponseMetadata": {}}
    return HttpError(400), told


BEFORE: dict[str, Callable[[str], Any]] = {
    "dies before": dies,
    "times out without effect": times_out,
    "5xx": fails,
    "throttled": is_throttled,
}
AFTER: dict[str, Callable[[str], Any]] = {"dies after": dies, "times out with effect": times_out}


@dataclass
class Line:
    """The line to storage: counts its calls, and something happens at the one numbered `at` (from 0)."""

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
        events = shared().client.meta.events
        events.register("before-call.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)
        try:
            yield self
        finally:
            events.unregister("before-call.dynamodb", self._before)
            events.unregister("after-call.dynamodb", self._after)


def owing(street: Street, wallet: int = WALLET) -> tuple[str, Rental]:
    """A customer and their postpaid rental, back and unpaid."""
    user = street.customer(wallet_paisa=wallet)
    rental = street.rented(user, package=PAY_AS_YOU_GO)
    street.scene.clock.pass_(minutes=61)
    street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    return user, street.rental(rental)


def pay(street: Street, user: str, rental: Rental, key: str | None = "tap") -> Asked:
    headers = {"Idempotency-Key": key} if key else {}
    token = token_of(street, user)
    return ask(app, "POST", f"/api/rentals/{rental.rental_id}/pay-due", {}, token=token, headers=headers)


def paid_once(street: Street, user: str, rental: Rental) -> bool:
    paid = [one for one in postings.newest(user, before=None, limit=100) if one.kind is PostingKind.PAY_DUE]
    assert [(one.ref, -one.of("due")) for one in paid] == [(rental.rental_id, DUE)]
    assert -paid[0].of("wallet") - 10 * paid[0].of("points") == DUE
    assert (account(user).due_paisa, account(user).due_rental_id) == (0, None)
    assert street.rental(rental).state is RentalState.COMPLETED
    return street.books_balance()


def calls_of_a_payment(street: Street) -> list[str]:
    """What a payment asks of storage, seen by making one."""
    user, rental = owing(street)
    token = token_of(street, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with Line().open() as line:
        assert ask(app, "POST", path, {}, token=token, headers={"Idempotency-Key": "k"}).status == 200
    return line.calls


@pytest.mark.parametrize("key", ["tap", None])
@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_whatever_befalls_a_call_of_it_a_due_is_paid_once_in_the_end(
    street: Street, fault: str, key: str | None
) -> None:
    calls = calls_of_a_payment(street)
    assert len(calls) == 3, calls
    for at in range(len(calls) - (key is None)):
        street.scene.clock.pass_(minutes=1)
        street.hear_snapshot(LABIM)
        user, rental = owing(street)
        token = token_of(street, user)
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/api/rentals/{rental.rental_id}/pay-due"
        with Line(at, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
            told = ask(app, "POST", path, {}, token=token, headers=headers)
            assert told.status in (200, 503), (at, told.text)
            if told.status == 503:
                assert int(told.headers["Retry-After"]) > 0
        street.scene.clock.pass_(seconds=61)
        again = pay(street, user, rental, key)
        # Without a key the second try can't know the first one's answer: it is told that nothing is due any more.
        assert again.status == 200 or (key is None and again.code == "nothing_due"), (at, again.text)
        if again.status == 200:
            assert (again.data["amount_paid"], again.data["account_unblocked"]) == ("40.00", True)
        assert paid_once(street, user, rental), (at, calls)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_a_payment_that_is_too_dear_changes_nothing_whatever_befalls_it(street: Street, fault: str) -> None:
    user, rental = owing(street, wallet=0)
    token, before = token_of(street, user), account(user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with Line(0, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
        told = ask(app, "POST", path, {}, token=token)
        assert told.status in (402, 503)
    assert account(user) == before
    assert pay(street, user, rental).code == "insufficient_funds"
    seed.fill_wallet(street.world, user, WALLET)
    assert pay(street, user, rental).status == 200
    assert paid_once(street, user, rental)


@contextmanager
def while_it_writes(do: Callable[[], object]) -> Iterator[None]:
    """Once, between a decision and its write."""
    left = [do]

    def before(**_: Any) -> None:
        if left:
            left.pop()()

    events = shared().client.meta.events
    events.register("before-call.dynamodb.TransactWriteItems", before)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", before)
    assert not left


def test_another_rentals_return_while_paying_is_taken_in_too(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    first = street.given_up(user, LABIM)
    street.hear_snapshot(CIVIL)
    second = street.rented(user, CIVIL, PAY_AS_YOU_GO)
    street.scene.clock.pass_(minutes=61)
    street.hear_return(CIVIL, second.powerbank_sn)
    seed.fill_wallet(street.world, user, WALLET)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    street.scene.clock.pass_(hours=5)
    token = token_of(street, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with while_it_writes(lambda: street.hear_return(LABIM, first.powerbank_sn)):
        told = ask(app, "POST", path, {}, token=token)
    assert (told.status, told.data["account_unblocked"]) == (200, True)
    assert street.rental(first).state is RentalState.COMPLETED
    assert street.rental(first).late_fee_paisa > 0
    street.hear_messages()
    assert paid_once(street, user, second)


def test_a_return_that_is_due_while_paying_keeps_its_user_blocked(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    first = street.given_up(user, LABIM)
    street.hear_snapshot(CIVIL)
    second = street.rented(user, CIVIL, PAY_AS_YOU_GO)
    street.scene.clock.pass_(minutes=61)
    street.hear_return(CIVIL, second.powerbank_sn)
    street.hear_eject(LABIM, first.powerbank_sn, EJECTED)
    seed.fill_wallet(street.world, user, DUE)
    street.scene.clock.pass_(hours=5)
    token = token_of(street, user)
    path = f"/api/rentals/{second.rental_id}/pay-due"
    with while_it_writes(lambda: street.hear_return(LABIM, first.powerbank_sn)):
        told = ask(app, "POST", path, {}, token=token)
    assert (told.status, told.data["account_unblocked"]) == (200, False)
    assert account(user).due_rental_id == first.rental_id
    assert account(user).due_paisa == street.rental(first).due_paisa == 10_000
    street.hear_messages()
    assert street.books_balance()


def test_the_other_payment_that_was_quicker_is_the_only_one(street: Street) -> None:
    user, rental = owing(street)
    other = token_of(street, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    token = token_of(street, user)
    with while_it_writes(lambda: ask(app, "POST", path, {}, token=other)):
        told = ask(app, "POST", path, {}, token=token)
    assert (told.status, told.code) == (409, "nothing_due")
    assert paid_once(street, user, rental)


def test_the_same_tap_that_was_quicker_is_told_to_wait_for(street: Street) -> None:
    user, rental = owing(street)
    first: list[Asked] = []
    token = token_of(street, user)
    path, headers = f"/api/rentals/{rental.rental_id}/pay-due", {"Idempotency-Key": "tap"}
    with while_it_writes(lambda: first.append(ask(app, "POST", path, {}, token=token, headers=headers))):
        second = ask(app, "POST", path, {}, token=token, headers=headers)
    assert (first[0].status, second.code) == (200, "idempotency_in_progress")
    assert pay(street, user, rental).text == first[0].text
    assert paid_once(street, user, rental)
