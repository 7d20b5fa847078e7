"""Messages that fail on their way: a one-time code without its SMS provider, and poison in the MNS queue."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mns.account import Account
from mns.queue import Message

from tests.sandbox.conftest import RunningSandbox


def test_an_sms_provider_that_fails_for_several_customers_is_reported_and_loses_no_code(
    running_sandbox: RunningSandbox,
) -> None:
    customer, phones = running_sandbox.customer(None), [f"+977986209999{digit}" for digit in (9, 8, 7)]
    with running_sandbox.outage("sparrow", status=500):
        sent = [customer.api.call("POST", "/api/auth/get-otp", {"identifier": phone}).status for phone in phones]
        running_sandbox.sandbox.drain()
        refused = customer.api.call("POST", "/api/auth/get-otp", {"identifier": "+9779862099996"})
    assert (sent, refused.status, refused.code) == ([200] * 3, 503, "sms_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    running_sandbox.sandbox.advance(seconds=100)
    assert all(running_sandbox.sandbox.code(phone) for phone in phones)
    assert running_sandbox.books_balance()


def test_poison_between_two_messages_stops_neither(running_sandbox: RunningSandbox) -> None:
    first, second, station = running_sandbox.customer(), running_sandbox.customer(), running_sandbox.station()
    rentals = [running_sandbox.rent(customer, station) for customer in (first, second)]
    running_sandbox.sandbox.advance(seconds=3)
    outcome = [{"powerbank_sn": rental["powerbank"]["sn"]} for rental in rentals]
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/return", outcome[0])
    with maker_queue(running_sandbox) as inbox:
        inbox.send_message(Message("%%% neither base64 nor JSON %%%"))
        inbox.send_message(Message(base64.b64encode(b"not json").decode()))
    running_sandbox.sandbox.post(f"/cabinets/{station['imei']}/return", outcome[1])
    running_sandbox.sandbox.drain()
    for customer, rental in zip((first, second), rentals, strict=True):
        assert customer.api.get(f"/api/rentals/{rental['id']}")["status"] == "completed"
    assert running_sandbox.books_balance()


@contextmanager
def maker_queue(running_sandbox: RunningSandbox) -> Iterator[Any]:
    """The MNS queue, through its own library."""
    env = running_sandbox.sandbox.get("/env")
    account = Account(
        env["BIJULI_MNS_URL"], env["BIJULI_ALIYUN_ACCESS_KEY_ID"], env["BIJULI_ALIYUN_ACCESS_KEY_SECRET"]
    )
    account.get_client().set_keep_alive(False)
    queue = account.get_queue(env["BIJULI_MNS_QUEUE"])
    queue.set_encoding(False)
    yield queue
    account.get_client().close_connection()
