"""The payment of a due whose storage calls fail, hang or conflict: the due is paid once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from app import app
from chalicelib.tables.dynamodb import shared_connection
from infra.local.seeds import seed
from tests.functions.customer.paying_a_due import WALLET, customer_with_due, is_paid_once, pay
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

pytestmark = pytest.mark.long


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
class StorageCalls:
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
    def open(self) -> Iterator["StorageCalls"]:
        events = shared_connection().client.meta.events
        events.register("before-call.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)
        try:
            yield self
        finally:
            events.unregister("before-call.dynamodb", self._before)
            events.unregister("after-call.dynamodb", self._after)


def calls_of_a_payment(network: Network) -> list[str]:
    """The storage calls of a payment, recorded from one."""
    user, rental = customer_with_due(network)
    token = token_of(network, user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with StorageCalls().open() as line:
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
        user, rental = customer_with_due(network)
        token = token_of(network, user)
        headers = {"Idempotency-Key": key} if key else {}
        path = f"/api/rentals/{rental.rental_id}/pay-due"
        with StorageCalls(at, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
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
        assert is_paid_once(network, user, rental), (at, calls)


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
def test_an_unaffordable_payment_changes_nothing_whatever_call_fails(network: Network, fault: str) -> None:
    user, rental = customer_with_due(network, wallet=0)
    token, before = token_of(network, user), account(user)
    path = f"/api/rentals/{rental.rental_id}/pay-due"
    with StorageCalls(0, BEFORE.get(fault), AFTER.get(fault)).open(), suppress(Crash):
        reply = request(app, "POST", path, {}, token=token)
        assert reply.status in (402, 503)
    assert account(user) == before
    assert pay(network, user, rental).code == "insufficient_funds"
    seed.fill_wallet(network.world, user, WALLET)
    assert pay(network, user, rental).status == 200
    assert is_paid_once(network, user, rental)
