"""A refund with a crash or a lost response at every call is paid out once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.payments.payment_gateway import PaymentStatus, RefundRequest, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.tables.outbox import OutboxRow
from chalicelib.world import Unavailable
from tests.scenarios.refund_scenario import SUM, RefundScenario, TruthfulGateway
from tests.world.network import Network

pytestmark = pytest.mark.long


class Crash(BaseException):
    """The process died. No `except Exception` catches it."""


@dataclass
class Fuse:
    """Counts the external calls, and crashes at one of them, before or after its effect."""

    at: int = -1
    mode: str = ""
    calls: list[str] = field(default_factory=list)

    def before(self, name: str) -> None:
        self.calls.append(name)
        if self.mode == "crash before":
            self.burn()

    def after(self) -> None:
        if self.mode in ("crash after", "deaf after"):
            self.burn()

    def burn(self) -> None:
        if len(self.calls) - 1 != self.at:
            return
        if self.mode.startswith("crash"):
            raise Crash
        if self.calls[-1] == "queue":
            raise Unavailable("queue")
        if self.calls[-1] != "gateway":
            raise ReadTimeoutError(endpoint_url="dynamodb")


@dataclass
class Burning:
    """A queue and a gateway whose calls the fuse counts."""

    fuse: Fuse
    scenario: RefundScenario
    gateway: TruthfulGateway
    name: str = "khalti"

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        self.fuse.before("queue")
        self.scenario.fake_world.queues.send(queue, bodies)
        self.fuse.after()

    def waiting(self, queue: str) -> int:
        return self.scenario.fake_world.queues.waiting(queue)

    def retry_later(self, queue: str, seconds_by_receipt: Mapping[str, int]) -> None:
        self.scenario.fake_world.queues.retry_later(queue, seconds_by_receipt)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        self.fuse.before("gateway")
        refund_status = self.gateway.refund(intent, request)
        self.fuse.after()
        return refund_status

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        self.fuse.before("gateway")
        payment_status = self.gateway.fetch_payment(intent)
        self.fuse.after()
        return payment_status

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        return self.gateway.fetch_refund(intent, request)


@contextmanager
def fused(scenario: RefundScenario, gateway: TruthfulGateway, fuse: Fuse) -> Iterator[None]:
    """Count every call of the scenario inside the block."""
    world, burning = scenario.world, Burning(fuse, scenario, gateway)

    def before(model: Any, **_: Any) -> None:
        fuse.before(model.name)

    def after(**_: Any) -> None:
        fuse.after()

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb", before)
    events.register("after-call.dynamodb", after)
    gateways: Any = {**world.gateways, "khalti": burning}
    scenario.world = replace(world, queues=burning, gateways=gateways)
    try:
        yield
    finally:
        scenario.world = world
        events.unregister("before-call.dynamodb", before)
        events.unregister("after-call.dynamodb", after)


def grant_and_send(scenario: RefundScenario, gateway: TruthfulGateway, refund: Refund, fuse: Fuse) -> None:
    with fused(scenario, gateway, fuse), suppress(Crash, Problem):
        scenario.approve(refund)
        scenario.send()


def afterwards(scenario: RefundScenario, refund: Refund) -> Refund:
    """The operator retries, and schedules run."""
    with suppress(Problem):
        scenario.approve(refund)
    scenario.advance_hours(1)
    return scenario.now(refund)


@pytest.mark.parametrize("mode", ["crash before", "crash after", "deaf after"])
def test_a_crash_at_any_call_pays_out_once(network: Network, mode: str) -> None:
    scenario = RefundScenario(network)
    gateway = scenario.use_truthful_gateway()
    whole = Fuse()
    grant_and_send(scenario, gateway, scenario.request_refund(scenario.top_up()), whole)
    assert {"gateway", "queue", "TransactWriteItems", "BatchGetItem"} <= set(whole.calls)
    assert len(gateway.refunded) == 1
    for number, name in enumerate(whole.calls):
        wallet, sent = scenario.wallet, len(gateway.refunded)
        refund = scenario.request_refund(scenario.top_up())
        assert refund.amount_paisa == SUM
        fuse = Fuse(number, mode)
        grant_and_send(scenario, gateway, refund, fuse)
        ended = afterwards(scenario, refund)
        cell = (mode, number, name)
        assert ended.state is RefundState.PROCESSED, cell
        assert [request.refund_id for request in gateway.refunded[sent:]] == [refund.refund_id], cell
        assert (scenario.wallet - wallet, scenario.in_flight()) == (0, 0), cell
        assert scenario.notified(refund) == ["refund_granted", "refund_paid"], cell
    network.fake_world.clock.advance(hours=9)
    network.deliver_messages()
    assert list(OutboxRow.scan()) == []
    print(f"{mode}: {len(whole.calls)} calls")  # noqa: T201  the number of cells is told, not chosen
    assert network.books_balance()


def test_a_lost_response_is_replaced_by_a_query(network: Network) -> None:
    scenario = RefundScenario(network)
    gateway = scenario.use_truthful_gateway()
    gateway.answer_arrives = False
    refund = scenario.request_refund(scenario.top_up())
    scenario.approve(refund)
    scenario.send()
    scenario.advance_hours(1)
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert (len(gateway.refunded), scenario.wallet) == (1, 0)
    assert network.books_balance()


def test_an_unexecuted_refund_is_resent_on_the_gateways_answer_only(network: Network) -> None:
    scenario = RefundScenario(network)
    gateway = scenario.use_truthful_gateway()
    gateway.is_reached = False
    refund = scenario.request_refund(scenario.top_up())
    scenario.approve(refund)
    scenario.send()
    gateway.is_reached = True
    scenario.advance_hours(1)
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert (len(gateway.refunded), scenario.now(refund).sends_count, scenario.wallet) == (1, 2, 0)
    assert network.books_balance()


def test_schedules_that_run_twice_or_late_end_the_same(network: Network) -> None:
    scenario = RefundScenario(network)
    gateway = scenario.use_truthful_gateway()
    gateway.answer_arrives = False
    refund = scenario.request_refund(scenario.top_up())
    scenario.approve(refund)
    scenario.fake_world.clock.advance(hours=30)
    scenario.advance_hours(1)
    scenario.advance_hours(1)
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert len(gateway.refunded) == 1
    assert network.books_balance()
