"""Consumers, called as Lambda calls them: every message is handled alone."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.auth.otp import ChallengeState
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services import outbox
from chalicelib.services.outbox import (
    BROADCASTS,
    DEVICE_EVENTS,
    ERASURE,
    OTP,
    PAYMENT_EVENTS,
    POINTS,
    PUSH,
    REFUNDS,
)
from chalicelib.tables import cabinets, otp
from chalicelib.tables.atomic import atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import Unavailable
from infra.local.aws.lambdas import consumers, queue_event
from infra.local.cabinets.frames import eject_result, heartbeat
from infra.queues import CONSUMER_SECONDS
from tests.world.builders import LABIM, account
from tests.world.http_client import request
from tests.world.network import REFUSED, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

PHONE = "+9779841555001"
POISON = [
    "not JSON",
    "[1]",
    '"text"',
    "null",
    "{}",
    '{"message_id": 5}',
    "[" * 100_000,
    "9" * 5000,
    '{"x": "\ud800"}',
]


def feed(queue: str, *bodies: Any, context: Any = None) -> list[int]:
    """The bodies, in one batch. Returns which of them failed."""
    (consumer,) = [consumer for consumer in consumers(app) if consumer.queue == queue]
    bodies_sent = [
        {
            "MessageId": f"m{number}",
            "ReceiptHandle": "r",
            "Body": body if isinstance(body, str) else json.dumps(body),
            "MD5OfBody": "",
        }
        for number, body in enumerate(bodies)
    ]
    failed = consumer.handler(queue_event(queue, bodies_sent), context)["batchItemFailures"]
    return [int(item["itemIdentifier"].removeprefix("m")) for item in failed]


@dataclass
class SlowRun:
    """The context of a run whose messages take 4 s each: the time is asked for once before each message."""

    seconds_left: float = CONSUMER_SECONDS + 4

    def get_remaining_time_in_millis(self) -> int:
        self.seconds_left -= 4
        return int(self.seconds_left * 1000)


def test_the_messages_before_are_handled_and_the_others_wait(network: Network) -> None:
    users = [network.customer() for _ in range(5)]
    before = [account(user).points for user in users]
    bodies = [{"message_id": f"points:{user}", "user_id": user, "points": 7} for user in users]
    for body in bodies:
        outbox_row(network, body)
    assert feed(POINTS, *bodies, context=SlowRun()) == [3, 4]
    assert [account(user).points - points for user, points in zip(users, before, strict=True)] == [7, 7, 7, 0, 0]
    assert feed(POINTS, *bodies[3:], context=SlowRun()) == []
    assert [account(user).points - points for user, points in zip(users, before, strict=True)] == [7] * 5


def test_the_first_message_is_begun_with_less_than_the_reserve_left(network: Network) -> None:
    user = network.customer()
    body = {"message_id": f"points:{user}", "user_id": user, "points": 7}
    outbox_row(network, body)
    assert feed(POINTS, body, body, context=SlowRun(seconds_left=18)) == [1]


def outbox_row(network: Network, body: dict[str, Any]) -> None:
    """The message of the body, stored as the write that causes it does."""
    atomic(network.world, lambda ops: outbox.stage(ops, network.world, POINTS, str(body["message_id"]), body))


def test_every_queue_has_a_consumer() -> None:
    content = {consumer.queue: consumer.batch_size for consumer in consumers(app)}
    assert content == dict.fromkeys((OTP, POINTS, DEVICE_EVENTS, PAYMENT_EVENTS, PUSH, REFUNDS), 10) | {
        BROADCASTS: 1,
        ERASURE: 2,
    }


@pytest.mark.parametrize("queue", [OTP, POINTS, DEVICE_EVENTS, PAYMENT_EVENTS, PUSH, REFUNDS, ERASURE, BROADCASTS])
def test_a_poison_message_fails_and_changes_nothing(queue: str, network: Network) -> None:
    before = all_rows()
    assert feed(queue, *POISON) == list(range(len(POISON)))
    assert all_rows() == before


def test_a_poison_message_does_not_fail_the_others(network: Network) -> None:
    request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE})
    (body,) = network.fake_world.queues.take(OTP)
    assert feed(OTP, "poison", body, {"challenge_id": "x"}, "poison") == [0, 2, 3]
    assert [to for to, _ in network.fake_world.sms.sent] == [PHONE]


def test_a_code_is_sent_once_for_repeated_messages(network: Network) -> None:
    request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE})
    (body,) = network.fake_world.queues.take(OTP)
    assert feed(OTP, body, body, body) == []
    assert feed(OTP, body) == []
    assert len(network.fake_world.sms.sent) == 1


def test_a_code_waits_while_the_provider_is_down(network: Network) -> None:
    request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE})
    (body,) = network.fake_world.queues.take(OTP)
    network.fake_world.sms.fails = Unavailable("sms")
    assert feed(OTP, body) == [0]
    network.fake_world.sms.fails = None
    assert feed(OTP, body) == []
    assert len(network.fake_world.sms.sent) == 1
    challenge = fetch_one(otp.challenge_key(body["challenge_id"]))
    assert challenge is not None
    assert challenge.state is ChallengeState.OPEN


def test_points_are_awarded_once_for_repeated_messages(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    token = token_of(network, user)
    order = {"amount": "300", "payment_method": "khalti"}
    intent_id = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "paid-1", 30_000)
    content = {"user_id": user, "intent_id": intent_id}
    assert feed(PAYMENT_EVENTS, content, content, content | {"intent_id": "unknown"}) == []
    assert account(user).wallet_paisa == 30_000
    messages = network.fake_world.queues.take(POINTS)
    before = account(user).points
    assert feed(POINTS, *messages, *messages) == []
    assert feed(POINTS, *messages) == []
    assert account(user).points == before + 30
    assert network.books_balance()


def test_a_repeated_cabinet_event_changes_nothing(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.fake_world.clock.advance(seconds=2)
    body = {
        "message_id": "n1",
        "imei": LABIM.imei,
        "kind": "frame",
        "at": network.world.now().isoformat(),
        "frame": eject_result(rental.powerbank_sn, 1).hex(),
    }
    unknown = body | {"message_id": "n2", "imei": "860000000000000"}
    broken = body | {"message_id": "n3", "frame": "00ff"}
    assert feed(DEVICE_EVENTS, unknown, body, body, broken) == [0, 3]
    assert network.rental(rental).state.value == "active"
    assert network.books_balance()


def test_a_failed_message_is_logged_without_its_content(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    canary = "canary-4711"
    feed(OTP, canary, {"challenge_id": canary}, {"message_id": canary, "generation": canary})
    feed(PAYMENT_EVENTS, {"wrong": canary})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    failed = [line for line in lines if line["fact"] in ("message_poison", "message_failed")]
    assert len(failed) == 4
    assert canary not in json.dumps(failed)


def test_deep_nesting_is_poison(capsys: pytest.CaptureFixture[str]) -> None:
    assert feed(OTP, "[" * 60_000) == [0]
    assert json.loads(capsys.readouterr().out)["fact"] == "message_poison"


def test_the_sweep_publishes_an_unsent_message(network: Network) -> None:
    network.fake_world.queues.unavailable = True
    request(app, "POST", "/api/auth/get-otp", {"identifier": PHONE})
    network.fake_world.queues.unavailable = False
    network.fake_world.clock.advance(minutes=2)
    assert outbox.sweep(network.world) == 1
    assert feed(OTP, *network.fake_world.queues.take(OTP)) == []
    assert len(network.fake_world.sms.sent) == 1


def test_a_second_eject_waits_for_its_cabinet_and_delays_no_message(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"eject_retries_count": 1})
    first = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    heard_at = network.world.now()
    heard_in_pause: list[datetime | None] = []
    network.fake_world.on_pause = lambda: heard_in_pause.append(last_heard_at())
    events = [
        DeviceEvent(f"e{at}", LABIM.imei, DeviceEventKind.FRAME, at, raw).to_body()
        for at, raw in (
            (heard_at - timedelta(seconds=1), eject_result(first.powerbank_sn, REFUSED)),
            (heard_at, heartbeat()),
        )
    ]
    assert feed(DEVICE_EVENTS, *events) == []
    second = network.rental(first)
    assert [sn for _, sn in network.fake_world.cabinets.ejects] == [first.powerbank_sn, second.powerbank_sn]
    assert network.world.now() - first.requested_at == timedelta(seconds=5)
    assert heard_in_pause == [heard_at]


def last_heard_at() -> datetime | None:
    """The time of the cabinet's last message that was handled."""
    cabinet = fetch_one(cabinets.cabinet_key(LABIM.sn))
    return cabinet.last_seen_at if cabinet is not None else None
