"""Reconciliation with a fault at any external call ends with the same report."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import ReportState, Total
from chalicelib.domain.payments.reconciliation_line import Finding
from chalicelib.tables import reconciliation
from chalicelib.world import World
from tests.engines.fault_injection import crash_everywhere
from tests.scenarios.reconciliation_scenario import SUM, ReconciliationScenario, all_reports
from tests.world.builders import account
from tests.world.clocks import tick
from tests.world.fake_world import FakeWorld
from tests.world.fakes import FakeGateway
from tests.world.network import Network

GATEWAY = "stripe"
"""One gateway is enough: it lists some payments, and is queried about the others."""


@dataclass
class Prepared:
    """The gateway's statuses of yesterday, and the expected report."""

    day: date
    gateway: FakeGateway
    lines: dict[str, Finding]
    account: Account


def a_day(network: Network) -> Prepared:
    """Top-ups of each kind. The reports of the days before are closed."""
    _only(network.world)
    gateway_day = ReconciliationScenario(network)
    gateway_day.close_previous_days()
    matched, lost, returned, intent = (
        gateway_day.credited(GATEWAY),
        gateway_day.paid(GATEWAY),
        gateway_day.credited(GATEWAY),
        gateway_day.credited(GATEWAY),
    )
    gateway_day.gateway_reports(returned, PaymentStatus(PaymentState.REFUNDED))
    gateway_day.gateway_lists(
        gateway_day.listing(intent),
        GatewayPayment("cs_stranger", gateway_day.world.now(), PaymentStatus(PaymentState.PAID, "pi_1", SUM)),
    )
    gateway_day.next_day()
    content = {
        matched.intent_id: Finding.MATCHED,
        lost.intent_id: Finding.THEIRS_ONLY,
        returned.intent_id: Finding.OURS_ONLY,
        intent.intent_id: Finding.MATCHED,
        "cs_stranger": Finding.THEIRS_ONLY,
    }
    return Prepared(gateway_day.day, gateway_day.gateway(GATEWAY), content, account(gateway_day.user))


def _only(world: World) -> World:
    fewer = replace(world, gateways={GATEWAY: world.gateways[GATEWAY]})
    wiring.use_world(fewer)
    return fewer


@dataclass
class Hour:
    """A run of the schedule. The next hour's run is its retry."""

    fake_world: FakeWorld
    world: World
    prepared: Prepared

    def run(self) -> None:
        tick(self.world, "reconcile", AMPLE_SECONDS)

    def recover(self) -> None:
        for _ in range(2):
            tick(self.world, "reconcile", AMPLE_SECONDS)
            self.fake_world.clock.advance(hours=1)

    def check(self) -> None:
        (report,) = all_reports([self.prepared.day.isoformat()], [GATEWAY])
        assert (report.state, report.revision, report.alerted) == (ReportState.DONE, 1, True)
        assert {line.line_id: line.finding for line in reconciliation.lines(report)} == self.prepared.lines
        assert {name: total for name, total in report.totals.items() if total.count} == {
            Finding.MATCHED: Total(2, 2 * SUM, 2 * SUM),
            Finding.OURS_ONLY: Total(1, SUM, 0),
            Finding.THEIRS_ONLY: Total(2, 0, 2 * SUM),
        }
        assert account(self.prepared.account.user_id) == self.prepared.account


class Plenty:
    """A context with ample time."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


AMPLE_SECONDS: Any = Plenty()


@pytest.mark.matrix
def test_a_report_is_the_same_with_a_fault_at_any_call() -> None:
    def begin(fake_world: FakeWorld, world: World, prepared: Prepared) -> Hour:
        fake: FakeGateway = getattr(fake_world, GATEWAY)
        fake.payment_statuses, fake.payments = dict(prepared.gateway.payment_statuses), prepared.gateway.payments
        return Hour(fake_world, _only(world), prepared)

    crash_everywhere("reconciliation of a day", a_day, begin)
