"""What every payment gateway does for us: one set of sentences, for the real adapters and for the fake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import requests

from chalicelib.domain.payment import Checkout, Intent, Outcome, Paid
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.gateways.stripe import Stripe
from chalicelib.world import Away, PaymentGateway, Refused
from infra.local.companies import Companies
from infra.local.stage import Fault, Stage
from tests.fakes import FakeGateway
from tests.gateways.companies import companies

NOW = datetime.now(UTC)
"""The simulated companies' time, which is the real one until it is turned: Stripe takes no session of the past."""
BACK = "https://api.example.com/back"


@dataclass
class Counter:
    """A gateway, and the customer's side of it."""

    gateway: PaymentGateway
    pay: Callable[[Intent, str], object]
    break_: Callable[[], object]

    def opened(self, intent: Intent) -> Intent:
        """The intent as our tables would keep it, and the customer on the pay page."""
        checkout = self.gateway.open(intent)
        if checkout.form_fields and isinstance(self.gateway, Esewa):
            answer = requests.post(checkout.payment_url, data=dict(checkout.form_fields), timeout=5)
            assert answer.status_code == 200
        return intent.opened(checkout)


def intent(number: int = 1, paisa: int = 50_000) -> Intent:
    name = f"01M83FTTQ8{number:016d}"
    return Intent(name, "user", "any", paisa, f"{name}-1", NOW, NOW + timedelta(minutes=30))


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Companies, Stage]]:
    with companies() as made:
        yield made


@pytest.fixture(params=["khalti", "esewa", "stripe", "fake khalti", "fake esewa", "fake stripe"])
def counter(request: pytest.FixtureRequest, street: tuple[Companies, Stage]) -> Iterator[Counter]:
    made, stage = street
    if request.param.startswith("fake"):
        yield _fake(request.param.removeprefix("fake "))
        return
    gateway = real(made, stage, request.param)
    server = made.gateways[request.param]
    yield Counter(
        gateway,
        lambda paid, outcome: server.pay(paid.order_ref, outcome, "never"),
        lambda: stage.faults.update({request.param: Fault(1, status=502)}),
    )


def real(made: Companies, stage: Stage, name: str) -> PaymentGateway:
    """The adapter of that name, at the simulated company."""
    if name == "stripe":
        return stripe(made, stage)
    return khalti(made) if name == "khalti" else esewa(made)


def khalti(made: Companies) -> Khalti:
    env = made.environment()
    return Khalti(
        env["BIJULI_KHALTI_API_URL"],
        env["BIJULI_KHALTI_SECRET_KEY"],
        "https://bijuli.example/",
        lambda _: BACK,
        refund_url=env["BIJULI_KHALTI_REFUND_URL"],
    )


def stripe(made: Companies, stage: Stage, timeout_seconds: tuple[float, float] = (2.0, 6.0)) -> Stripe:
    env = made.environment()
    return Stripe(
        env["BIJULI_STRIPE_API_URL"],
        secret_key=env["BIJULI_STRIPE_SECRET_KEY"],
        webhook_secret=env["BIJULI_STRIPE_WEBHOOK_SECRET"],
        currency=env["BIJULI_STRIPE_CURRENCY"],
        return_url_of=lambda one, outcome: f"{BACK}?order_ref={one.order_ref}&outcome={outcome}",
        now=stage.clock.now,
        timeout_seconds=timeout_seconds,
    )


def esewa(made: Companies) -> Esewa:
    env = made.environment()
    return Esewa(
        env["BIJULI_ESEWA_FORM_URL"],
        env["BIJULI_ESEWA_STATUS_URL"],
        env["BIJULI_ESEWA_PRODUCT_CODE"],
        env["BIJULI_ESEWA_SECRET_KEY"],
        lambda _, outcome: f"{BACK}/{outcome}",
    )


def _fake(name: str) -> Counter:
    gateway = FakeGateway(name, outcome=Outcome(Paid.UNPAID))
    told: dict[str, Callable[[Intent], Outcome]] = {
        "success": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa),
        "wrong_amount": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa - 100),
        "cancel": lambda _: Outcome(Paid.UNPAID if name == "stripe" else Paid.FAILED, reason="cancelled"),
        "pending": lambda _: Outcome(Paid.PENDING),
    }
    return Counter(
        gateway,
        lambda one, outcome: gateway.outcomes.update({one.intent_id: told[outcome](one)}),
        lambda: setattr(gateway, "outcome", Outcome(Paid.UNKNOWN)),
    )


def test_before_anybody_paid_it_is_unpaid(counter: Counter) -> None:
    opened = counter.opened(intent(1))
    # eSewa begins with the form: what it has seen is under way.
    posted = isinstance(counter.gateway, Esewa)
    assert counter.gateway.look(opened).paid is (Paid.PENDING if posted else Paid.UNPAID)


def test_a_payment_that_is_under_way_is_pending(counter: Counter) -> None:
    opened = counter.opened(intent(14))
    counter.pay(opened, "pending")
    assert counter.gateway.look(opened).paid is Paid.PENDING


def test_what_was_paid_is_told_with_amount_and_reference(counter: Counter) -> None:
    opened = counter.opened(intent(2, 123_450))
    counter.pay(opened, "success")
    outcome = counter.gateway.look(opened)
    assert (outcome.paid, outcome.amount_paisa, outcome.merchant_matches) == (Paid.PAID, 123_450, True)
    assert outcome.reference
    assert counter.gateway.look(opened) == outcome


def test_another_amount_is_told_as_it_is(counter: Counter) -> None:
    opened = counter.opened(intent(3))
    counter.pay(opened, "wrong_amount")
    assert counter.gateway.look(opened).amount_paisa == 49_900


def test_a_cancelled_payment_is_paid_no_more(counter: Counter) -> None:
    opened = counter.opened(intent(4))
    counter.pay(opened, "cancel")
    # Who leaves Stripe's page may come back to it until the session ends.
    open_still = counter.gateway.name == "stripe"
    assert counter.gateway.look(opened).paid is (Paid.UNPAID if open_still else Paid.FAILED)


def test_a_gateway_that_is_away_tells_nothing(counter: Counter) -> None:
    opened = counter.opened(intent(5))
    counter.break_()
    assert counter.gateway.look(opened).paid is Paid.UNKNOWN


def test_what_a_gateway_opens_is_known_by_its_own_name_or_by_ours(counter: Counter) -> None:
    checkout = counter.gateway.open(intent(12))
    if counter.gateway.name in ("khalti", "stripe"):
        assert checkout.method == "GET"
        assert checkout.gateway_ref
    else:
        assert (checkout.method, checkout.gateway_ref) == ("POST", None)
        assert checkout.form_fields["signature"]


def test_esewa_knows_no_payment_of_a_product_code_that_is_not_its_own(street: tuple[Companies, Stage]) -> None:
    made, _ = street
    env = made.environment()
    paid = Counter(
        esewa(made), lambda one, outcome: made.gateways["esewa"].pay(one.order_ref, outcome, "never"), list
    )
    opened = paid.opened(intent(13))
    paid.pay(opened, "success")
    other = Esewa("form", env["BIJULI_ESEWA_STATUS_URL"], "OTHER", "key", lambda _, __: BACK)
    assert other.look(opened).paid is Paid.UNPAID


@pytest.mark.parametrize("failure", ["refused", "busy", "silent"])
def test_khalti_out_of_reach_is_away_and_unknown(failure: str, street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway = khalti(made)
    if failure == "refused":
        gateway = Khalti("http://127.0.0.1:9/", "key", "https://bijuli.example/", lambda _: BACK)
    elif failure == "silent":
        gateway = Khalti(
            made.environment()["BIJULI_KHALTI_API_URL"], "key", "https://x.example/", lambda _: BACK, (1.0, 0.05)
        )
    fault = Fault(2, timeout=0.3) if failure == "silent" else Fault(2, status=503)
    stage.faults["khalti"] = fault
    with pytest.raises(Away):
        gateway.open(intent(6))
    assert gateway.look(replace(intent(6), gateway_ref="pidx")).paid is Paid.UNKNOWN
    stage.faults.pop("khalti")


def test_khalti_refusing_an_order_is_refused(street: tuple[Companies, Stage]) -> None:
    with pytest.raises(Refused, match="validation_error"):
        khalti(street[0]).open(intent(7, 999))


def test_khalti_expires_a_link_with_a_400_that_is_read_all_the_same(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway = khalti(made)
    opened = intent(8).opened(gateway.open(intent(8)))
    stage.clock.advance(3601)
    assert gateway.look(opened) == Outcome(Paid.FAILED, reason="expired")


def test_a_pidx_khalti_does_not_know_is_unknown(street: tuple[Companies, Stage]) -> None:
    assert khalti(street[0]).look(replace(intent(9), gateway_ref="nobody's")).paid is Paid.UNKNOWN


def test_an_intent_that_was_never_opened_at_khalti_was_not_paid(street: tuple[Companies, Stage]) -> None:
    assert khalti(street[0]).look(intent(10)).paid is Paid.FAILED


def test_the_form_posts_all_eleven_fields_and_none_is_empty(street: tuple[Companies, Stage]) -> None:
    checkout: Checkout = esewa(street[0]).open(intent(11))
    assert len(checkout.form_fields) == 11
    assert all(checkout.form_fields.values())
    assert checkout.method == "POST"
