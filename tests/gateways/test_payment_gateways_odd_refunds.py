"""What no documentation promises of a refund: nothing of it counts as paid back, and nothing is sent twice."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.payment_gateway import NEVER_HAPPENED, RefundOrder, Repaid, Repayment
from tests.gateways.neighbour import ODD, Neighbour
from tests.gateways.unreliable import INTENT, impatient, patient

ORDER = RefundOrder("refund1", 20_000)
CREDITED = replace(INTENT, credited_ref="theirs")


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("status", [200, 302, 400, 502])
def test_an_odd_answer_about_a_refund_is_unknown_and_nothing_is_sent_again(
    gateway: str, body: str, status: int, neighbour: Neighbour
) -> None:
    neighbour.says(body, status)
    assert patient(gateway, neighbour.url).refund(CREDITED, ORDER).repaid is Repaid.UNKNOWN
    assert len(neighbour.heard) == 1
    long_ago = replace(ORDER, long_ago=True)
    assert patient(gateway, neighbour.url).look_refund(CREDITED, long_ago).repaid is Repaid.UNKNOWN


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_silence_at_a_refund_is_unknown(gateway: str, neighbour: Neighbour) -> None:
    neighbour.says_nothing()
    assert impatient(gateway, neighbour.url).refund(CREDITED, ORDER).repaid is Repaid.UNKNOWN
    assert impatient(gateway, neighbour.url).look_refund(CREDITED, ORDER).repaid is Repaid.UNKNOWN


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_refund_that_never_left_may_be_sent_again(gateway: str) -> None:
    refused = patient(gateway, "http://127.0.0.1:9/").refund(CREDITED, ORDER)
    assert refused == Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)


@pytest.mark.parametrize(
    ("status", "code", "order", "repaid"),
    [
        ("Refunded", 200, {}, Repaid.DONE),
        ("Partially Refunded", 200, {}, Repaid.DONE),
        ("Partially refunded", 200, {}, Repaid.DONE),
        ("Partially Refunded", 200, {"before_paisa": 10_000}, Repaid.UNKNOWN),
        ("Partially Refunded", 200, {"before_paisa": 10_000, "long_ago": True}, Repaid.UNKNOWN),
        ("Partially Refunded", 200, {"before_paisa": 30_000}, Repaid.UNKNOWN),
        ("Partially Refunded", 200, {"before_paisa": 30_000, "long_ago": True}, Repaid.REFUSED),
        ("Partially Refunded", 200, {"amount_paisa": 50_000}, Repaid.UNKNOWN),
        ("Refunded", 200, {"before_paisa": 30_000}, Repaid.DONE),
        ("Completed", 200, {}, Repaid.UNKNOWN),
        ("Completed", 200, {"long_ago": True}, Repaid.REFUSED),
        ("Completed", 200, {"before_paisa": 10_000, "long_ago": True}, Repaid.UNKNOWN),
        ("Pending", 200, {"long_ago": True}, Repaid.UNKNOWN),
        ("Expired", 400, {"long_ago": True}, Repaid.UNKNOWN),
    ],
)
def test_what_khaltis_states_tell_of_a_refund(
    status: str, code: int, order: dict[str, int], repaid: Repaid, neighbour: Neighbour
) -> None:
    neighbour.says(
        json.dumps({"pidx": "pidx", "status": status, "transaction_id": "theirs", "refunded": False}), code
    )
    told = patient("khalti", neighbour.url).look_refund(CREDITED, replace(ORDER, **order))  # type: ignore[arg-type]
    assert told.repaid is repaid
    assert repaid is not Repaid.REFUSED or told.reason == NEVER_HAPPENED


@pytest.mark.parametrize(
    ("said", "repaid"),
    [
        ({"status": "succeeded"}, Repaid.DONE),
        ({"status": "pending"}, Repaid.PENDING),
        ({"status": "requires_action"}, Repaid.PENDING),
        ({"status": "failed"}, Repaid.REFUSED),
        ({"status": "canceled"}, Repaid.REFUSED),
        ({"status": "a new word"}, Repaid.UNKNOWN),
        ({"amount": 19_999}, Repaid.UNKNOWN),
        ({"metadata": {"refund_id": "another"}}, Repaid.UNKNOWN),
        ({"metadata": None}, Repaid.UNKNOWN),
    ],
)
def test_what_stripe_tells_of_a_refund(said: dict[str, object], repaid: Repaid, neighbour: Neighbour) -> None:
    refund = {"id": "re_1", "status": "succeeded", "amount": 20_000, "metadata": {"refund_id": "refund1"}} | said
    neighbour.says(json.dumps(refund))
    assert patient("stripe", neighbour.url).refund(CREDITED, ORDER).repaid is repaid
    neighbour.says(json.dumps({"object": "list", "data": [refund], "has_more": False}))
    assert patient("stripe", neighbour.url).look_refund(CREDITED, ORDER).repaid is repaid


@pytest.mark.parametrize(
    ("status", "error", "repaid"),
    [
        (400, {"type": "invalid_request_error", "code": "charge_already_refunded"}, Repaid.REFUSED),
        (400, {"type": "idempotency_error"}, Repaid.UNKNOWN),
        (409, {"type": "idempotency_error", "code": "idempotency_key_in_use"}, Repaid.UNKNOWN),
        (429, {"type": "invalid_request_error", "code": "rate_limit"}, Repaid.REFUSED),
        (500, {"type": "api_error"}, Repaid.UNKNOWN),
    ],
)
def test_what_stripes_errors_mean_for_a_refund(
    status: int, error: dict[str, str], repaid: Repaid, neighbour: Neighbour
) -> None:
    neighbour.says(json.dumps({"error": error}), status)
    assert patient("stripe", neighbour.url).refund(CREDITED, ORDER).repaid is repaid
    assert len(neighbour.heard) == 1


@pytest.mark.parametrize(
    ("status", "said", "repaid", "reason"),
    [
        (200, {"detail": "Transaction refund successful."}, Repaid.DONE, "refunded"),
        (401, {"detail": "Invalid token.", "status_code": 401}, Repaid.REFUSED, "401"),
        (404, {"detail": "Not found."}, Repaid.REFUSED, "404"),
        (400, {"mobile": ["needed"], "error_key": "validation_error"}, Repaid.REFUSED, "validation_error"),
        (429, {"detail": "Request was throttled."}, Repaid.REFUSED, NEVER_HAPPENED),
        (200, {"detail": "Being looked at."}, Repaid.UNKNOWN, "no_answer"),
    ],
)
def test_what_khalti_answers_to_a_refund(
    status: int, said: object, repaid: Repaid, reason: str, neighbour: Neighbour
) -> None:
    neighbour.says(json.dumps(said), status)
    assert patient("khalti", neighbour.url).refund(CREDITED, ORDER) == Repayment(repaid, reason=reason)
    assert neighbour.heard == [("POST", "merchant-transaction/theirs/refund/")]
