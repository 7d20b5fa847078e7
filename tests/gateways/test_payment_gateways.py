"""What every payment gateway does: the same tests for the real adapters and for the fakes."""

from dataclasses import replace

import pytest

from chalicelib.domain.payments.payment_gateway import Checkout, PaymentState, PaymentStatus
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.world import Rejected, Unavailable
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import RETURN_URL, GatewayUnderTest, esewa, intent, khalti


def test_a_new_payment_is_unpaid(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(1))
    # eSewa knows a payment from its form on, and reports it as pending.
    posted = isinstance(gateway_under_test.gateway, Esewa)
    assert gateway_under_test.gateway.fetch_payment(opened).state is (
        PaymentState.PENDING if posted else PaymentState.UNPAID
    )


def test_a_payment_in_progress_is_pending(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(14))
    gateway_under_test.pay(opened, "pending")
    assert gateway_under_test.gateway.fetch_payment(opened).state is PaymentState.PENDING


def test_a_paid_payment_has_its_amount_and_reference(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(2, 123_450))
    gateway_under_test.pay(opened, "success")
    payment_status = gateway_under_test.gateway.fetch_payment(opened)
    assert (payment_status.state, payment_status.amount_paisa, payment_status.merchant_matches) == (
        PaymentState.PAID,
        123_450,
        True,
    )
    assert payment_status.reference
    assert gateway_under_test.gateway.fetch_payment(opened) == payment_status


def test_a_different_amount_is_reported_unchanged(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(3))
    gateway_under_test.pay(opened, "wrong_amount")
    assert gateway_under_test.gateway.fetch_payment(opened).amount_paisa == 49_900


def test_a_cancelled_payment_stays_unpaid(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(4))
    gateway_under_test.pay(opened, "cancel")
    # A customer who left Stripe's page may return to it until the session expires.
    open_still = gateway_under_test.gateway.name == "stripe"
    assert gateway_under_test.gateway.fetch_payment(opened).state is (
        PaymentState.UNPAID if open_still else PaymentState.FAILED
    )


def test_an_unavailable_gateway_gives_an_unknown_status(gateway_under_test: GatewayUnderTest) -> None:
    opened = gateway_under_test.opened(intent(5))
    gateway_under_test.break_()
    assert gateway_under_test.gateway.fetch_payment(opened).state is PaymentState.UNKNOWN


def test_a_checkout_is_found_by_the_gateways_reference_or_ours(gateway_under_test: GatewayUnderTest) -> None:
    checkout = gateway_under_test.gateway.create_checkout(intent(12))
    if gateway_under_test.gateway.name in ("khalti", "stripe"):
        assert checkout.method == "GET"
        assert checkout.gateway_ref
    else:
        assert (checkout.method, checkout.gateway_ref) == ("POST", None)
        assert checkout.form_fields["signature"]


def test_esewa_has_no_payment_for_another_product_code(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, _ = companies_and_simulation
    env = companies.environment()
    paid = GatewayUnderTest(
        esewa(companies),
        lambda item, outcome: companies.gateways["esewa"].pay(item.order_ref, outcome, "never"),
        list,
    )
    opened = paid.opened(intent(13))
    paid.pay(opened, "success")
    other = Esewa("form", env["BIJULI_ESEWA_STATUS_URL"], "OTHER", "key", lambda _, __: RETURN_URL)
    assert other.fetch_payment(opened).state is PaymentState.UNPAID


@pytest.mark.parametrize("failure", ["refused", "busy", "silent"])
def test_unreachable_khalti_raises_unavailable_and_gives_unknown(
    failure: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    companies, simulation = companies_and_simulation
    gateway = khalti(companies)
    if failure == "refused":
        gateway = Khalti("http://127.0.0.1:9/", "key", "https://bijuli.example/", lambda _: RETURN_URL)
    elif failure == "silent":
        gateway = Khalti(
            companies.environment()["BIJULI_KHALTI_API_URL"],
            "key",
            "https://x.example/",
            lambda _: RETURN_URL,
            (1.0, 0.05),
        )
    fault = Fault(2, timeout=0.3) if failure == "silent" else Fault(2, status=503)
    simulation.faults["khalti"] = fault
    with pytest.raises(Unavailable):
        gateway.create_checkout(intent(6))
    assert gateway.fetch_payment(replace(intent(6), gateway_ref="pidx")).state is PaymentState.UNKNOWN
    simulation.faults.pop("khalti")


def test_an_order_that_khalti_rejects_raises_rejected(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    with pytest.raises(Rejected, match="validation_error"):
        khalti(companies_and_simulation[0]).create_checkout(intent(7, 999))


def test_khaltis_400_for_an_expired_link_is_read_as_a_status(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, simulation = companies_and_simulation
    gateway = khalti(companies)
    opened = intent(8).with_checkout(gateway.create_checkout(intent(8)))
    simulation.clock.advance(3601)
    assert gateway.fetch_payment(opened) == PaymentStatus(PaymentState.FAILED, reason="expired")


def test_an_unknown_pidx_gives_an_unknown_status(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    assert (
        khalti(companies_and_simulation[0]).fetch_payment(replace(intent(9), gateway_ref="nobody's")).state
        is PaymentState.UNKNOWN
    )


def test_an_intent_without_a_checkout_at_khalti_is_unpaid(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    assert khalti(companies_and_simulation[0]).fetch_payment(intent(10)).state is PaymentState.FAILED


def test_the_form_posts_all_eleven_fields_and_none_is_empty(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    checkout: Checkout = esewa(companies_and_simulation[0]).create_checkout(intent(11))
    assert len(checkout.form_fields) == 11
    assert all(checkout.form_fields.values())
    assert checkout.method == "POST"
