"""The simulated payment gateways reject what the real ones reject, also under concurrency."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from chalicelib.domain.payments.payment_gateway import (
    MOBILE_NEEDED,
    GatewayRefundState,
    PaymentState,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent
from infra.local.companies.all_companies import Companies
from infra.local.gateways.payment_book import Payment, PaymentBook
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.gateways.gateways_under_test import GatewayUnderTest, esewa, intent, real

AT_ONCE = 8
ORDER = {
    "return_url": "https://api.example.com/back",
    "website_url": "https://bijuli.example/",
    "amount": 50_000,
    "purchase_order_id": "01M8-1",
    "purchase_order_name": "Bijuli wallet",
}


@pytest.fixture(scope="module")
def companies_and_simulation() -> Iterator[tuple[Companies, Simulation]]:
    with companies() as made:
        yield made


DESK: dict[str, tuple[PaymentState, int | None, PaymentState]] = {
    "khalti": (PaymentState.PARTLY_REFUNDED, None, PaymentState.REFUNDED),
    "esewa": (PaymentState.PARTLY_REFUNDED, None, PaymentState.FAILED),
    "stripe": (PaymentState.PARTLY_REFUNDED, 12_000, PaymentState.DISPUTED),
}
"""By gateway: the state and the sum after a refund of a part, and the state after a dispute."""


@pytest.mark.parametrize("name", DESK)
def test_the_desk_gives_back_a_part_and_a_dispute_takes_the_rest(
    name: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    servers, simulation = companies_and_simulation
    under_test = GatewayUnderTest(
        real(servers, simulation, name),
        lambda item, outcome: servers.gateways[name].pay(item.order_ref, outcome, "never"),
        lambda: None,
    )
    paid = under_test.opened(intent(900))
    with pytest.raises(ValueError, match="paisa are left"):
        servers.gateways[name].refund_at_desk(paid.order_ref, 12_000)
    under_test.pay(paid, "success")
    with pytest.raises(ValueError, match="left"):
        servers.gateways[name].refund_at_desk(paid.order_ref, 50_001)
    part, refunded_paisa, disputed = DESK[name]
    servers.gateways[name].refund_at_desk(paid.order_ref, 12_000)
    payment_status = under_test.gateway.fetch_payment(paid)
    assert (payment_status.state, payment_status.amount_paisa) == (part, 50_000)
    assert payment_status.refunded_paisa == refunded_paisa
    servers.gateways[name].dispute(paid.order_ref)
    assert under_test.gateway.fetch_payment(paid).state is disputed


def khalti_paid(
    companies_and_simulation: tuple[Companies, Simulation], number: int, outcome: str
) -> tuple[Any, Intent]:
    """Khalti's adapter, and an intent after the customer's `outcome` there."""
    servers, simulation = companies_and_simulation
    gateway = real(servers, simulation, "khalti")
    order = intent(number)
    opened = order.with_checkout(gateway.create_checkout(order))
    servers.gateways["khalti"].pay(opened.order_ref, outcome, "never")
    return gateway, opened


def test_a_refund_of_a_payment_by_bank_at_khalti_needs_the_payers_number(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    gateway, opened = khalti_paid(companies_and_simulation, 910, "success_by_bank")
    paid = opened.credited(gateway.fetch_payment(opened), opened.created_at)
    assert gateway.refund(paid, RefundRequest("refund910", 50_000)) == RefundStatus(
        GatewayRefundState.BY_HAND, reason=MOBILE_NEEDED
    )
    assert gateway.fetch_payment(opened).state is PaymentState.PAID


def test_a_failed_payment_at_khalti_is_final(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    gateway, opened = khalti_paid(companies_and_simulation, 911, "failed")
    assert gateway.fetch_payment(opened).state is PaymentState.FAILED


@pytest.fixture
def jostling() -> Iterator[None]:
    """Switch threads so often that they interleave within operations."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def initiate(servers: Companies, order: dict[str, Any], authorization: str | None = None) -> requests.Response:
    env = servers.environment()
    text = f"Key {env['BIJULI_KHALTI_SECRET_KEY']}" if authorization is None else authorization
    url = f"{env['BIJULI_KHALTI_API_URL']}epayment/initiate/"
    return requests.post(url, json=order, headers={"Authorization": text}, timeout=60)


def post_form(servers: Companies, number: int, **changed: str) -> requests.Response:
    checkout = esewa(servers).create_checkout(intent(number))
    return requests.post(checkout.payment_url, data={**checkout.form_fields, **changed}, timeout=60)


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        ("", "Authentication credentials were not provided."),
        ("Bearer key", "Authentication credentials were not provided."),
        ("Key of another", "Invalid token."),
    ],
)
def test_khalti_rejects_a_request_without_the_key(
    authorization: str, detail: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    refused = initiate(companies_and_simulation[0], ORDER, authorization)
    assert (refused.status_code, refused.json()) == (401, {"detail": detail, "status_code": 401})


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("return_url", "", "This field may not be blank."),
        ("website_url", "bijuli", "Enter a valid URL."),
        ("amount", "50000", "A valid integer is required."),
        ("amount", 999, "Amount should be greater than Rs. 10, that is 1000 paisa."),
        ("purchase_order_id", "", "This field may not be blank."),
    ],
)
def test_khalti_names_the_invalid_field(
    field: str, value: object, sentence: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    refused = initiate(companies_and_simulation[0], ORDER | {field: value})
    assert refused.status_code == 400
    assert refused.json() == {field: [sentence], "error_key": "validation_error"}


@pytest.mark.parametrize(
    "changed",
    [{"total_amount": "1"}, {"product_code": "THEIRS"}, {"signed_field_names": "total_amount"}, {"tax_amount": ""}],
)
def test_esewa_rejects_every_form_but_the_signed_one(
    changed: dict[str, str], companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    assert post_form(companies_and_simulation[0], 20, **changed).status_code == 400


def test_esewa_accepts_a_transaction_uuid_once_under_concurrency(
    companies_and_simulation: tuple[Companies, Simulation], jostling: None
) -> None:
    for number in range(30, 60):
        with ThreadPoolExecutor(AT_ONCE) as browsers:
            answers = list(browsers.map(post_form, [companies_and_simulation[0]] * AT_ONCE, [number] * AT_ONCE))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (AT_ONCE - 1)


def test_a_payment_is_found_while_others_are_added(jostling: None) -> None:
    till, at = PaymentBook[Payment](), datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def arrive(first: int) -> None:
        for number in range(first, first + 2000):
            assert till.add(Payment(f"pidx{number}", f"01M8{number}-1", 50_000, "back", at, "Initiated"))

    def look() -> int:
        return sum(till.find("nobody's") is None for _ in range(300))

    with ThreadPoolExecutor(3) as threads:
        arrivals = [threads.submit(arrive, 0), threads.submit(arrive, 10_000)]
        assert threads.submit(look).result() == 300
        for arrival in arrivals:
            arrival.result()
    payment = till.find("01M811999")
    assert payment is not None
    assert payment.reference == "pidx11999"
