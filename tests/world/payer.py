"""A customer who tops up, and the gateway's status of the payment."""

import itertools

from chalicelib.domain.operations.idempotency import IdempotencyKey
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.caller import Caller, authenticate
from chalicelib.services.topups import intents as topup_intents
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from tests.world.builders import account
from tests.world.network import Network

SUM = 50_000


_numbers = itertools.count(1)


class Payer:
    """A customer who tops up, and whose payments the tests' gateway reports."""

    def __init__(self, network: Network) -> None:
        self.network, self.world, self.khalti = network, network.world, network.fake_world.khalti
        self.user = network.customer(wallet_paisa=0)

    def caller(self, intent: Intent) -> Caller:
        keys = topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
        return self.network.sessions[self.user].caller(self.world, *keys)

    def open(self, method: str = "khalti", *, key: str | None = None) -> Intent:
        session = self.network.sessions[self.user]
        idempotency_key = IdempotencyKey("topup", key, "the same") if key else None
        claims = {"sub": self.user, "sid": session.session_id}
        caller = authenticate(self.world, claims=claims, idempotency_key=idempotency_key)
        return topup_intents.open_intent(self.world, caller, amount_paisa=SUM, method=method, return_url=None)[0]

    def pay(self, paisa: int = SUM, *, merchant: bool = True, reference: str | None = None) -> None:
        text = reference or f"gateway-reference-{next(_numbers)}"
        self.khalti.payment_status = PaymentStatus(PaymentState.PAID, text, paisa, merchant)

    def gateway_reports(self, state: PaymentState) -> None:
        self.khalti.payment_status = PaymentStatus(state, reason=state.value)

    def stored(self, intent: Intent) -> Intent:
        intent_now = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
        assert intent_now is not None
        return intent_now

    def verify(self, intent: Intent) -> Intent:
        self.network.fake_world.clock.advance(seconds=self.world.settings().intent_verify_interval_seconds)
        caller = self.network.sessions[self.user].caller(
            self.world, *topup_intents.prefetch_keys(intent.user_id, intent.intent_id)
        )
        return topup_intents.verify(self.world, caller, intent.intent_id).intent

    @property
    def wallet(self) -> int:
        return account(self.user).wallet_paisa
