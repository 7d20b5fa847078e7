"""Credited payments that go back at the gateway, and an operator who decides on them."""

from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.reversal import Reversal, ReversalAction, ReversalState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.reconciliation import reversal_checks
from chalicelib.services.topups import crediting, reversal_decisions, reversals
from chalicelib.services.topups import intents as topup_intents
from chalicelib.services.wallet import balance_additions
from chalicelib.tables import accounts, postings
from chalicelib.tables.atomic import Transaction, atomic
from tests.scenarios.reconciliation_scenario import SUM, ReconciliationScenario
from tests.world.builders import account
from tests.world.network import Network

WHOLE = PaymentStatus(PaymentState.REFUNDED, "t1", SUM, refunded_paisa=SUM)


PART = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM, refunded_paisa=12_000)


PART_WITHOUT_AMOUNT = PaymentStatus(PaymentState.PARTLY_REFUNDED, "t1", SUM)


DISPUTED = PaymentStatus(PaymentState.DISPUTED, "t1", SUM)


PAID = PaymentStatus(PaymentState.PAID, "t1", SUM)


HALF_DISPUTED = PaymentStatus(PaymentState.DISPUTED, "t1", SUM, contested_paisa=20_000)


CANCELED = PaymentStatus(PaymentState.FAILED, reason="canceled")


class ReversalScenario(ReconciliationScenario):
    """A customer whose credited top-ups go back, and an operator."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.operator = network.operator("reversals@example.com", Role.FINANCE)

    def goes_back(self, intent: Intent, payment_status: PaymentStatus) -> None:
        self.gateway_reports(intent, payment_status)
        self.check_daily()

    def check_daily(self) -> None:
        self.fake_world.clock.advance(days=1)
        reversal_checks.run(self.world, lambda: 900.0)

    def listed(self, state: ReversalState = ReversalState.OPEN) -> list[Reversal]:
        return list(reversals.list_in_state(state, NumberedPage(1, 100))[0])

    def resolve(self, intent: Intent, action: str, amount_paisa: int | None = None) -> Reversal:
        caller = self.operator.caller(self.world)
        return reversal_decisions.resolve(
            self.world,
            caller,
            intent.intent_id,
            action=ReversalAction(action),
            amount_paisa=amount_paisa,
            notes="seen in the portal",
        )

    def tops_up(self, paisa: int) -> None:
        """A top-up of any amount that is paid and credited at once."""
        caller = self.network.sessions[self.user].caller(self.world)
        intent, _ = topup_intents.open_intent(
            self.world, caller, amount_paisa=paisa, method="khalti", return_url=None
        )
        self.gateway_reports(intent, PaymentStatus(PaymentState.PAID, f"paid-{intent.intent_id}", paisa))
        crediting.refresh_from_gateway(self.world, self.now(intent))

    def posted(self, name: str) -> int:
        return sum(posting.change_of(name) for posting in postings.oldest(self.user, since=1, limit=1_000))

    def books_balance(self) -> bool:
        self.network.deliver_messages()
        return self.network.books_balance()

    def spend(self, paisa: int) -> None:
        """Take money out of the wallet, without a rental."""

        def decide(ops: Transaction) -> None:
            after, posted = ledger.post_if_any(
                account(self.user), ledger_entries.forfeit(paisa=paisa, points=0), "spent", self.world.now()
            )
            for posting in posted:
                accounts.save(ops, after)
                postings.add(ops, posting)

        atomic(self.world, decide)

    def add_money(self, paisa: int) -> None:
        """An operator adds money to the wallet."""
        balance_additions.add(self.world, self.operator.caller(self.world), self.user, paisa, "a jammed slot")

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa
