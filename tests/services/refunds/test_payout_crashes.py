"""A refund granted and sent, with the process dying or going deaf at every call it makes: the money goes once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.payment_gateway import RefundOrder, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundState
from chalicelib.domain.topup import Intent
from chalicelib.tables.dynamodb import shared
from chalicelib.tables.outbox import OutboxRow
from chalicelib.world import Away
from tests.desk import SUM, Desk, HonestGateway
from tests.street import Street

pytestmark = pytest.mark.long


class Crash(BaseException):
    """The process is gone: nothing may catch it."""


@dataclass
class Fuse:
    """Counts the calls to the outside, and burns at one of them, before or after it took effect."""

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
            raise Away("queue")
        if self.calls[-1] != "gateway":
            raise ReadTimeoutError(endpoint_url="dynamodb")


@dataclass
class Burning:
    """A queue and a gateway behind the fuse."""

    fuse: Fuse
    desk: Desk
    gateway: HonestGateway
    name: str = "khalti"

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        self.fuse.before("queue")
        self.desk.scene.queues.send(queue, bodies)
        self.fuse.after()

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        self.fuse.before("gateway")
        told = self.gateway.refund(intent, order)
        self.fuse.after()
        return told

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        return self.gateway.look_refund(intent, order)


@contextmanager
def fused(desk: Desk, gateway: HonestGateway, fuse: Fuse) -> Iterator[None]:
    """Everything the desk does inside goes by the fuse."""
    world, burning = desk.world, Burning(fuse, desk, gateway)

    def before(model: Any, **_: Any) -> None:
        fuse.before(model.name)

    def after(**_: Any) -> None:
        fuse.after()

    events = shared().client.meta.events
    events.register("before-call.dynamodb", before)
    events.register("after-call.dynamodb", after)
    gateways: Any = {**world.gateways, "khalti": burning}
    desk.world = replace(world, queues=burning, gateways=gateways)
    try:
        yield
    finally:
        desk.world = world
        events.unregister("before-call.dynamodb", before)
        events.unregister("after-call.dynamodb", after)


def grant_and_send(desk: Desk, gateway: HonestGateway, refund: Refund, fuse: Fuse) -> None:
    with fused(desk, gateway, fuse), suppress(Crash, Problem):
        desk.approve(refund)
        desk.send()


def afterwards(desk: Desk, refund: Refund) -> Refund:
    """The operator tries again, and the clock does its part."""
    with suppress(Problem):
        desk.approve(refund)
    desk.hours_pass(1)
    return desk.now(refund)


@pytest.mark.parametrize("mode", ["crash before", "crash after", "deaf after"])
def test_whatever_call_it_dies_at_the_money_goes_once(street: Street, mode: str) -> None:
    desk = Desk(street)
    gateway = desk.honest()
    whole = Fuse()
    grant_and_send(desk, gateway, desk.ask(desk.top_up()), whole)
    assert {"gateway", "queue", "TransactWriteItems", "BatchGetItem"} <= set(whole.calls)
    assert len(gateway.refunded) == 1
    for number, name in enumerate(whole.calls):
        wallet, sent = desk.wallet, len(gateway.refunded)
        refund = desk.ask(desk.top_up())
        assert refund.amount_paisa == SUM
        fuse = Fuse(number, mode)
        grant_and_send(desk, gateway, refund, fuse)
        ended = afterwards(desk, refund)
        cell = (mode, number, name)
        assert ended.state is RefundState.PROCESSED, cell
        assert [order.refund_id for order in gateway.refunded[sent:]] == [refund.refund_id], cell
        assert (desk.wallet - wallet, desk.in_flight()) == (0, 0), cell
        assert desk.told(refund) == ["refund_granted", "refund_paid"], cell
    assert list(OutboxRow.scan()) == []
    print(f"{mode}: {len(whole.calls)} calls")  # noqa: T201  the number of cells is told, not chosen
    assert street.books_balance()


def test_a_gateway_whose_answer_is_lost_is_asked_and_its_word_counts(street: Street) -> None:
    desk = Desk(street)
    gateway = desk.honest()
    gateway.heard_of = False
    refund = desk.ask(desk.top_up())
    desk.approve(refund)
    desk.send()
    desk.hours_pass(1)
    assert desk.now(refund).state is RefundState.PROCESSED
    assert (len(gateway.refunded), desk.wallet) == (1, 0)
    assert street.books_balance()


def test_one_that_never_reached_the_gateway_is_sent_again_on_its_word_alone(street: Street) -> None:
    desk = Desk(street)
    gateway = desk.honest()
    gateway.reached = False
    refund = desk.ask(desk.top_up())
    desk.approve(refund)
    desk.send()
    gateway.reached = True
    desk.hours_pass(1)
    assert desk.now(refund).state is RefundState.PROCESSED
    assert (len(gateway.refunded), desk.now(refund).sends_count, desk.wallet) == (1, 2, 0)
    assert street.books_balance()


def test_schedules_that_run_twice_or_late_end_the_same(street: Street) -> None:
    desk = Desk(street)
    gateway = desk.honest()
    gateway.heard_of = False
    refund = desk.ask(desk.top_up())
    desk.approve(refund)
    desk.scene.clock.pass_(hours=30)
    desk.hours_pass(1)
    desk.hours_pass(1)
    assert desk.now(refund).state is RefundState.PROCESSED
    assert len(gateway.refunded) == 1
    assert street.books_balance()
