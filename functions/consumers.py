"""What the queues bring, message by message."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.cabinet_protocol.envelope import DeviceNews
from chalicelib.edge.sqs_batch import each
from chalicelib.services.auth import otp
from chalicelib.services.cabinets import inbound
from chalicelib.services.notifications import push
from chalicelib.services.outbox import DEVICE_NEWS, ERASURE, OTP, PAYMENT_NEWS, POINTS, PUSH, REFUNDS
from chalicelib.services.refunds import payouts
from chalicelib.services.rewards import points
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion
from chalicelib.wiring import world

consumers = Blueprint(__name__)


@consumers.on_sqs_message(queue=OTP, batch_size=10)
def send_otps(event: Any) -> Any:
    """One-time codes to send."""
    return each(event, lambda news: otp.deliver(world(), news))


@consumers.on_sqs_message(queue=POINTS, batch_size=10)
def award_points(event: Any) -> Any:
    """Points to give."""
    return each(event, lambda news: points.award(world(), news))


@consumers.on_sqs_message(queue=DEVICE_NEWS, batch_size=10)
def hear_devices(event: Any) -> Any:
    """What cabinets said."""
    return each(event, lambda news: inbound.hear(world(), DeviceNews.from_body(news)))


@consumers.on_sqs_message(queue=PAYMENT_NEWS, batch_size=10)
def hear_payments(event: Any) -> Any:
    """Payments to look up."""

    def hear(news: Mapping[str, Any]) -> None:
        message_id = str(news["message_id"]) if "message_id" in news else None
        crediting.hear_news(world(), str(news["user_id"]), str(news["intent_id"]), message_id)

    return each(event, hear)


@consumers.on_sqs_message(queue=REFUNDS, batch_size=10)
def send_refunds(event: Any) -> Any:
    """Granted refunds to send to their gateways."""
    return each(event, lambda news: payouts.deliver(world(), news))


@consumers.on_sqs_message(queue=ERASURE, batch_size=2)
def erase(event: Any) -> Any:
    """Files to forget at the media store, and accounts; two at a time, for it may take its time over each."""
    return each(event, lambda news: deletion.hear(world(), news))


@consumers.on_sqs_message(queue=PUSH, batch_size=10)
def send_pushes(event: Any) -> Any:
    """Notifications to bring to people's devices."""
    return each(event, lambda news: push.deliver(world(), news))
