"""What every payment gateway does for us: one set of sentences, for the real adapters and for the fake."""

from dataclasses import replace

import pytest

from chalicelib.domain.payment_gateway import Checkout, Outcome, Paid
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.world import Away, Refused
from infra.local.companies import Companies
from infra.local.stage import Fault, Stage
from tests.gateways.counters import BACK, Counter, esewa, intent, khalti


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
