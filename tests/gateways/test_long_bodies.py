"""Bodies without an end: each adapter stops reading, and the outcome of its call is unclear."""

import gzip
import json
from collections.abc import Callable, Iterator

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState
from chalicelib.gateways.body_limit import MAX_BODY_BYTES, MAX_QUEUE_BODY_BYTES
from chalicelib.gateways.mns import MnsInbox
from chalicelib.world import OutcomeUnknown, Unavailable
from tests.gateways.endless_server import ENDLESS_BYTES, EndlessServer
from tests.gateways.fcm_push import DATA, fcm
from tests.gateways.iot_platform import ONLINE_IMEI, SENT_AT, cabinets_at
from tests.gateways.odd_server import OddServer
from tests.gateways.test_sparrow_and_cloudinary_odd import PHONE, cloudinary, sparrow
from tests.gateways.unreliable import INTENT, with_long_timeouts

COMPLETED = json.dumps({"pidx": "pidx", "status": "Completed", "total_amount": 50_000, "transaction_id": "1"})
IN_FLIGHT_BYTES = 16 * 1024 * 1024
"""What the buffers of the two sockets may hold beyond what was read."""


@pytest.fixture(scope="module")
def started_endless_server() -> Iterator[EndlessServer]:
    made = EndlessServer()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def endless_server(started_endless_server: EndlessServer) -> EndlessServer:
    started_endless_server.bytes_taken = 0
    return started_endless_server


def stopped_early(server: EndlessServer, limit: int = MAX_BODY_BYTES) -> bool:
    assert server.bytes_taken > 0
    return server.bytes_taken < min(limit + IN_FLIGHT_BYTES, ENDLESS_BYTES)


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
@pytest.mark.parametrize("status", [200, 400, 502])
def test_an_endless_answer_gives_an_unknown_status(gateway: str, status: int, endless_server: EndlessServer) -> None:
    endless_server.answers_with(COMPLETED, status)
    assert with_long_timeouts(gateway, endless_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN
    assert stopped_early(endless_server)


def test_a_longer_answer_than_the_limit_is_not_believed(odd_server: OddServer) -> None:
    khalti = with_long_timeouts("khalti", odd_server.url)
    odd_server.answers_with(COMPLETED + " " * (MAX_BODY_BYTES - len(COMPLETED)))
    assert khalti.fetch_payment(INTENT).state is PaymentState.PAID
    odd_server.answers_with(COMPLETED + " " * (MAX_BODY_BYTES - len(COMPLETED) + 1))
    assert khalti.fetch_payment(INTENT).state is PaymentState.UNKNOWN


def test_a_compressed_answer_counts_by_its_full_length(odd_server: OddServer) -> None:
    body = gzip.compress((COMPLETED + " " * 4 * MAX_BODY_BYTES).encode())
    assert len(body) < MAX_BODY_BYTES
    odd_server.answers_with(body, 200, {"Content-Encoding": "gzip"})
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN


CALLS: dict[str, tuple[Callable[[str], object], type[Exception]]] = {
    "sparrow": (lambda url: sparrow(url).send(PHONE, "hello"), OutcomeUnknown),
    "alibaba_iot": (lambda url: cabinets_at(url).eject(ONLINE_IMEI, "40818052", at=SENT_AT), OutcomeUnknown),
    "cloudinary": (
        lambda url: cloudinary(url).store(b"image", public_id="kyc/1", kind="image", private=True),
        Unavailable,
    ),
    "mns": (lambda url: MnsInbox(url[:-1], queue="q", key_id="key", key_secret="secret").receive(0), Unavailable),
}
"""Calls by their company. Where a repetition is harmless an unclear outcome counts as none."""


@pytest.mark.parametrize("company", CALLS)
def test_an_endless_answer_to_an_order_is_unclear(company: str, endless_server: EndlessServer) -> None:
    call, error = CALLS[company]
    endless_server.answers_with('{"Success": true, "response_code": 200}')
    with pytest.raises(error):
        call(endless_server.url)
    assert stopped_early(endless_server, MAX_QUEUE_BODY_BYTES if company == "mns" else MAX_BODY_BYTES)


def test_an_endless_answer_to_a_push_is_unclear(endless_server: EndlessServer, env: dict[str, str]) -> None:
    endless_server.answers_with('{"name": "projects/p/messages/1"}')
    with pytest.raises(OutcomeUnknown):
        fcm(env, endless_server.url).send("device:1", "title", "body", DATA)
    assert stopped_early(endless_server)
