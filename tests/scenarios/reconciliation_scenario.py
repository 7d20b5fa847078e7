"""A day of top-ups at the gateways, for tests about reconciliation."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.reconciliation import END, Report
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.text.days import day_of
from chalicelib.services.reconciliation import comparison
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents, reconciliation
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World
from tests.world.fake_world import FakeWorld
from tests.world.fakes import FakeGateway
from tests.world.network import Network

SUM = 50_000
AMPLE_SECONDS = 900.0

SILENT = PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")


@dataclass
class ReconciliationScenario:
    """A customer who tops up, and the status that each gateway reports."""

    network: Network
    user: str = ""
    day: date = field(init=False)

    def __post_init__(self) -> None:
        self.user = self.user or self.network.customer(wallet_paisa=0)
        self.day = day_of(self.network.world.now())

    @property
    def fake_world(self) -> FakeWorld:
        return self.network.fake_world

    @property
    def world(self) -> World:
        return self.network.world

    def gateway(self, name: str) -> FakeGateway:
        fake: FakeGateway = getattr(self.fake_world, name)
        return fake

    def allow_open_topups(self, count: int) -> None:
        """Let the customer have this number of unpaid top-ups."""
        limits = {"open_intents_per_user": count + 1, "intents_per_user_hour": count + 1}
        self.fake_world.settings = self.fake_world.settings.changed(limits)

    def opened(self, gateway: str = "khalti") -> Intent:
        caller = self.network.sessions[self.user].caller(self.world)
        opened = topup_intents.open_intent(self.world, caller, amount_paisa=SUM, method=gateway, return_url=None)[0]
        self.gateway(gateway).payment_statuses[opened.intent_id] = PaymentStatus(PaymentState.UNPAID)
        return self.now(opened)

    def paid(self, gateway: str = "khalti", paisa: int = SUM) -> Intent:
        """An intent paid at the gateway and not yet credited."""
        intent = self.opened(gateway)
        self.gateway_reports(intent, PaymentStatus(PaymentState.PAID, f"paid-{intent.intent_id}", paisa))
        return intent

    def credited(self, gateway: str = "khalti", paisa: int = SUM) -> Intent:
        """An intent paid and checked: credited, or in review if the amount differs."""
        return crediting.refresh_from_gateway(self.world, self.paid(gateway, paisa)).intent

    def gateway_reports(self, intent: Intent, payment_status: PaymentStatus) -> None:
        """Set the status that the gateway reports from now on."""
        self.gateway(intent.gateway).payment_statuses[intent.intent_id] = payment_status

    def gateway_lists(self, *payments: GatewayPayment) -> None:
        """Add payments to Stripe's list."""
        self.fake_world.stripe.payments = [*(self.fake_world.stripe.payments or []), *payments]

    def listing(self, intent: Intent, payment_status: PaymentStatus | None = None) -> GatewayPayment:
        """The list entry of an intent's session."""
        answer = payment_status or self.gateway(intent.gateway).payment_statuses[intent.intent_id]
        return GatewayPayment(str(intent.gateway_ref), intent.created_at, answer, intent.order_ref)

    def now(self, intent: Intent) -> Intent:
        match = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
        assert match is not None
        return match

    def close_previous_days(self) -> None:
        """Close the reports of the week before, so that a run handles this day only."""

        def decide(ops: Transaction) -> None:
            now = self.world.now()
            for back in range(1, comparison.LOOKBACK_DAYS):
                day = (self.day - timedelta(days=back)).isoformat()
                for gateway in self.world.gateways:
                    reconciliation.save(ops, Report(day, gateway, now, progress=END).closed(now))

        self.network.remembered("past days compared", lambda: atomic(self.world, decide))

    def reconcile(self, seconds: float = AMPLE_SECONDS) -> int:
        return comparison.run(self.world, lambda: seconds)

    def next_day(self) -> None:
        self.fake_world.clock.advance(days=1)

    def report(self, gateway: str = "khalti") -> Report:
        report = fetch_one(reconciliation.report_key(self.day.isoformat(), gateway))
        assert report is not None
        return report

    def lines(self, gateway: str = "khalti") -> dict[str, ReportLine]:
        return {line.line_id: line for line in reconciliation.lines(self.report(gateway))}

    def finding(self, intent: Intent) -> Finding:
        return self.lines(intent.gateway)[intent.intent_id].finding

    def counts(self, gateway: str = "khalti") -> dict[str, int]:
        """The number of lines of each finding, without zeros."""
        return {name: total.count for name, total in self.report(gateway).totals.items() if total.count}


def all_reports(days: list[str], gateways: list[str]) -> list[Report]:
    return fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in gateways])
