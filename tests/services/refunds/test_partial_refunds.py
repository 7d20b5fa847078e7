"""A top-up refunded in parts, some by its gateway and some by hand, with correct statuses."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.khalti import Khalti
from chalicelib.services.refunds import decisions, payouts
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown
from tests.scenarios.refund_scenario import RefundScenario

PAID = 100_000


class SilentKhalti(Khalti):
    """The real adapter with a Khalti that executes refunds and loses their responses."""

    def __init__(self) -> None:
        super().__init__("", "", "", lambda _: "", partial_refunds=True)
        self.given: list[int] = []

    def _post(self, url: str, content: Mapping[str, Any]) -> Any:
        self.given.append(content.get("amount", PAID))
        raise OutcomeUnknown("khalti")

    def _lookup(self, intent: Intent) -> dict[str, Any]:
        states = {0: "Completed", PAID: "Refunded"}
        return {"pidx": intent.gateway_ref, "status": states.get(sum(self.given), "Partially Refunded")}


def some_spent(scenario: RefundScenario) -> tuple[str, Refund]:
    """A top-up with a request for its unspent part, and money for the rest."""
    transaction = scenario.top_up(PAID)
    scenario.spend_and_return()
    scenario.award_points(1_000)
    part = scenario.request_refund(transaction)
    assert 0 < part.amount_paisa < PAID
    return transaction, part


def paid_by_hand(scenario: RefundScenario, part: Refund) -> None:
    scenario.approve(part, method=RefundMethod.BY_HAND, reference="bank 4711")


def closed_as_paid_by_hand(scenario: RefundScenario, part: Refund) -> None:
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(part)
    scenario.send()
    scenario.advance_hours(80)
    caller = scenario.operator().caller(scenario.world)
    payouts.close(scenario.world, caller, part.refund_id, payouts.Closing(RefundMethod.BY_HAND, "bank 4711", "seen"))


@pytest.mark.long
@pytest.mark.parametrize("by_hand", [paid_by_hand, closed_as_paid_by_hand])
def test_a_second_part_with_a_lost_response_is_sent_once(
    scenario: RefundScenario, by_hand: Callable[[RefundScenario, Refund], None]
) -> None:
    transaction, part = some_spent(scenario)
    by_hand(scenario, part)
    scenario.top_up(PAID)
    khalti = SilentKhalti()
    scenario.world = replace(scenario.world, gateways={**scenario.world.gateways, "khalti": khalti})
    rest = scenario.request_refund(transaction)
    assert part.amount_paisa + rest.amount_paisa == PAID
    scenario.approve(rest)
    scenario.send()
    scenario.advance_hours(2)
    assert khalti.given == [rest.amount_paisa]
    assert scenario.now(rest).state is RefundState.PROCESSED
    assert scenario.network.books_balance()


@pytest.mark.long
def test_a_manual_payout_is_not_counted_as_the_gateways_refund(scenario: RefundScenario) -> None:
    transaction, part = some_spent(scenario)
    closed_as_paid_by_hand(scenario, part)
    intent = fetch_one(intents.intent_key(scenario.user, str(part.intent_id)))
    assert intent is not None
    assert not decisions.has_been_refunded(intent)
    assert (
        scenario.name(next(posting for posting in scenario.ledger() if posting.seq == intent.credited_seq))
        == transaction
    )
