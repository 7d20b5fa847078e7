"""Damages refunds and their totals, each in one way that a rule of the audit names."""

from collections.abc import Callable

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import RefundState
from chalicelib.tables.open_items import ItemKind, OpenItemRow, item_of
from chalicelib.tables.refunds import RefundRow, RefundTotalsRow
from tests.scenarios.refund_scenario import RefundScenario
from tests.services.audit.row_damage import first, save
from tests.world.network import Network


def unpaid_refund(network: Network) -> None:
    """An approved refund that is not paid yet."""
    scenario = RefundScenario(network)
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(scenario.request_refund(scenario.top_up()))
    scenario.send()
    assert network.books_balance()


def refund_amount_raised(network: Network) -> None:
    unpaid_refund(network)
    save(RefundRow, amount_paisa=60_000)


def refund_ended_without_posting(network: Network) -> None:
    unpaid_refund(network)
    save(RefundRow, state=RefundState.PROCESSED, next_check_at=None)


def refund_decided_by_its_requester(network: Network) -> None:
    unpaid_refund(network)
    save(RefundRow, decided_by=first(RefundRow).user_id)


def refund_lost(network: Network) -> None:
    unpaid_refund(network)
    first(RefundRow).delete()


def refund_totals_lost(network: Network) -> None:
    unpaid_refund(network)
    first(RefundTotalsRow).delete()


def refund_without_next_check(network: Network) -> None:
    unpaid_refund(network)
    network.fake_world.clock.advance(hours=3)


def refund_closed_in_the_totals_only(network: Network) -> None:
    unpaid_refund(network)
    save(RefundTotalsRow, open_refund_id=None)


def open_item_lost(network: Network) -> None:
    unpaid_refund(network)
    first(OpenItemRow).delete()


def open_item_of_an_ended_refund(network: Network) -> None:
    unpaid_refund(network)
    save(OpenItemRow, item=item_of(ItemKind.REFUND, "another"))


def refund_total_raised(name: str) -> Callable[[Network], None]:
    def damage(network: Network) -> None:
        unpaid_refund(network)
        first(RefundTotalsRow).update([getattr(RefundTotalsRow, name).add(1)])

    return damage
