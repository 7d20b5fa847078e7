"""A top-up that goes back in parts, some by its gateway and some by hand: what the gateway says is told rightly."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.domain.topup import Intent
from chalicelib.gateways.khalti import Khalti
from chalicelib.services.refunds import decisions, payouts
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import Unclear
from tests.desk import Desk

PAID = 100_000


class SilentKhalti(Khalti):
    """The real adapter at a Khalti that does what it is asked, and whose answer to a refund is never heard."""

    def __init__(self) -> None:
        super().__init__("", "", "", lambda _: "")
        self.given: list[int] = []

    def _post(self, url: str, content: Mapping[str, Any]) -> Any:
        self.given.append(content.get("amount", PAID))
        raise Unclear("khalti")

    def _lookup(self, intent: Intent) -> dict[str, Any]:
        states = {0: "Completed", PAID: "Refunded"}
        return {"pidx": intent.gateway_ref, "status": states.get(sum(self.given), "Partially Refunded")}


def some_spent(desk: Desk) -> tuple[str, Refund]:
    """A top-up, and a request for what was left of it; then there is enough for the rest."""
    transaction = desk.top_up(PAID)
    desk.spend()
    desk.gift(1_000)
    part = desk.ask(transaction)
    assert 0 < part.amount_paisa < PAID
    return transaction, part


def paid_by_hand(desk: Desk, part: Refund) -> None:
    desk.approve(part, way=Way.BY_HAND, reference="bank 4711")


def closed_as_paid_by_hand(desk: Desk, part: Refund) -> None:
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(part)
    desk.send()
    desk.hours_pass(80)
    caller = desk.operator().caller(desk.world)
    payouts.close(desk.world, caller, part.refund_id, way=Way.BY_HAND, reference="bank 4711", notes="seen")


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [paid_by_hand, closed_as_paid_by_hand])
def test_the_rest_is_sent_once_though_its_answer_is_lost_and_a_part_was_paid_by_hand(
    desk: Desk, by_hand: Callable[[Desk, Refund], None]
) -> None:
    transaction, part = some_spent(desk)
    by_hand(desk, part)
    desk.top_up(PAID)
    khalti = SilentKhalti()
    desk.world = replace(desk.world, gateways={**desk.world.gateways, "khalti": khalti})
    rest = desk.ask(transaction)
    assert part.amount_paisa + rest.amount_paisa == PAID
    desk.approve(rest)
    desk.send()
    desk.hours_pass(2)
    assert khalti.given == [rest.amount_paisa]
    assert desk.now(rest).state is RefundState.PROCESSED
    assert desk.street.books_balance()


@pytest.mark.long
def test_what_was_closed_as_paid_by_hand_is_no_refund_that_the_gateway_made(desk: Desk) -> None:
    transaction, part = some_spent(desk)
    closed_as_paid_by_hand(desk, part)
    key = intents.intent_key(desk.user, str(part.intent_id))
    intent = fetch(key)[key]
    assert intent is not None
    assert not decisions.gave_back(intent)
    assert desk.name(next(one for one in desk.ledger() if one.seq == intent.credited_seq)) == transaction
