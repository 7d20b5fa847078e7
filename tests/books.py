"""A day of top-ups at the gateways, and what reconciliation makes of it: a short language for its tests."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import StringIO
from typing import Any

from chalicelib.domain.days import day_of
from chalicelib.domain.payment_gateway import Listed, Outcome, Paid
from chalicelib.domain.reconciliation import ENDED, Finding, Line, Report
from chalicelib.domain.topup import Intent
from chalicelib.services.reconciliation import comparison
from chalicelib.services.topups import crediting
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents, reconciliation
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.world import World
from tests.fake_world import Scene
from tests.fakes import FakeGateway
from tests.street import Street

SUM = 50_000
PLENTY = 900.0

SILENT = Outcome(Paid.UNKNOWN, reason="no_answer")


@dataclass
class Books:
    """A customer who tops up, and the gateways' word on it."""

    street: Street
    user: str = ""
    day: date = field(init=False)

    def __post_init__(self) -> None:
        self.user = self.user or self.street.customer(wallet_paisa=0)
        self.day = day_of(self.street.world.now())

    @property
    def scene(self) -> Scene:
        return self.street.scene

    @property
    def world(self) -> World:
        return self.street.world

    def gateway(self, name: str) -> FakeGateway:
        found: FakeGateway = getattr(self.scene, name)
        return found

    def opened(self, gateway: str = "khalti") -> Intent:
        caller = self.street.sessions[self.user].caller(self.world)
        opened = topup_intents.open_intent(self.world, caller, amount_paisa=SUM, method=gateway, return_url=None)[0]
        self.gateway(gateway).outcomes[opened.intent_id] = Outcome(Paid.UNPAID)
        return self.now(opened)

    def paid(self, gateway: str = "khalti", paisa: int = SUM) -> Intent:
        """Paid there; we have not heard of it."""
        intent = self.opened(gateway)
        self.says(intent, Outcome(Paid.PAID, f"paid-{intent.intent_id}", paisa))
        return intent

    def credited(self, gateway: str = "khalti", paisa: int = SUM) -> Intent:
        """Paid and settled: credited, or disputed where another sum was paid."""
        return crediting.settle(self.world, self.paid(gateway, paisa)).intent

    def says(self, intent: Intent, outcome: Outcome) -> None:
        """The gateway's word from now on."""
        self.gateway(intent.gateway).outcomes[intent.intent_id] = outcome

    def lists(self, *listed: Listed) -> None:
        """What Stripe has on its list."""
        self.scene.stripe.list_ = [*(self.scene.stripe.list_ or []), *listed]

    def listing(self, intent: Intent, outcome: Outcome | None = None) -> Listed:
        """An intent's own session on the list."""
        told = outcome or self.gateway(intent.gateway).outcomes[intent.intent_id]
        return Listed(str(intent.gateway_ref), intent.created_at, told, intent.order_ref)

    def now(self, intent: Intent) -> Intent:
        key = intents.intent_key(intent.user_id, intent.intent_id)
        found = fetch(key)[key]
        assert found is not None
        return found

    def past_is_done(self) -> None:
        """The week before has been reported on: a run has this day alone to go through."""

        def decide(ops: Ops) -> None:
            now = self.world.now()
            for back in range(1, comparison.DAYS_BACK):
                day = (self.day - timedelta(days=back)).isoformat()
                for gateway in self.world.gateways:
                    reconciliation.save(ops, Report(day, gateway, now, reached=ENDED).closed(now))

        atomic(self.world, decide)

    def reconcile(self, seconds: float = PLENTY) -> int:
        return comparison.run(self.world, lambda: seconds)

    def next_day(self) -> None:
        self.scene.clock.pass_(days=1)

    def report(self, gateway: str = "khalti") -> Report:
        key = reconciliation.report_key(self.day.isoformat(), gateway)
        found = fetch(key)[key]
        assert found is not None
        return found

    def lines(self, gateway: str = "khalti") -> dict[str, Line]:
        return {line.line_id: line for line in reconciliation.lines(self.report(gateway))}

    def finding(self, intent: Intent) -> Finding:
        return self.lines(intent.gateway)[intent.intent_id].finding

    def counts(self, gateway: str = "khalti") -> dict[str, int]:
        """Findings that were found at all."""
        return {name: total.count for name, total in self.report(gateway).totals.items() if total.count}


def all_reports(days: list[str], gateways: list[str]) -> list[Report]:
    return fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in gateways])


def alarms(heard: StringIO, name: str) -> list[dict[str, Any]]:
    """What of that name woke a person."""
    told = [json.loads(line) for line in heard.getvalue().splitlines()]
    return [one for one in told if one["fact"] == name and one.get("level") == "ALARM"]
