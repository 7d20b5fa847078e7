"""Consumers of the queues: each handles one batch of messages, message by message."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent
from chalicelib.edge.sqs_batch import Handle, process_batch
from chalicelib.services import event_log
from chalicelib.services.auth import otp_delivery
from chalicelib.services.cabinets import inbound
from chalicelib.services.notifications import broadcast_push, push
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
from chalicelib.services.refunds import payouts
from chalicelib.services.rentals import spaced_ejects
from chalicelib.services.rewards import messages
from chalicelib.services.topups import payment_events
from chalicelib.services.users import deletion
from chalicelib.wiring import world
from chalicelib.world.time_left import limited_to

consumers = Blueprint(__name__)


@consumers.on_sqs_message(queue=OTP, batch_size=10)
def send_otps(event: Any) -> Any:
    """Send one-time codes."""
    return _process(event, lambda body: otp_delivery.deliver(world(), body))


@consumers.on_sqs_message(queue=POINTS, batch_size=10)
def award_points(event: Any) -> Any:
    """Award points."""
    return _process(event, lambda body: messages.handle(world(), body))


@consumers.on_sqs_message(queue=DEVICE_EVENTS, batch_size=10)
def handle_device_events(event: Any) -> Any:
    """Handle events of cabinets, and record them in the event log: one call for a batch.

    Ejects that must wait for their cabinet are sent after the batch.
    """
    with spaced_ejects.collect() as waiting, event_log.collect() as collection:
        result = process_batch(
            event,
            lambda body: inbound.handle_event(world(), DeviceEvent.from_body(body)),
            _retry_later,
            finish=collection.write,
        )
    if waiting.ejects:
        with limited_to(event.context):
            waiting.send(world())
    return result


@consumers.on_sqs_message(queue=PAYMENT_EVENTS, batch_size=10)
def handle_payment_events(event: Any) -> Any:
    """Check payments at their gateways."""

    def handle(body: Mapping[str, Any]) -> None:
        message_id = str(body["message_id"]) if "message_id" in body else None
        user_id, intent_id, is_reversal = str(body["user_id"]), str(body["intent_id"]), bool(body.get("is_reversal"))
        payment_events.handle_payment_event(world(), user_id, intent_id, message_id, is_reversal=is_reversal)

    return _process(event, handle)


@consumers.on_sqs_message(queue=REFUNDS, batch_size=10)
def send_refunds(event: Any) -> Any:
    """Send approved refunds to their gateways."""
    return _process(event, lambda body: payouts.deliver(world(), body))


@consumers.on_sqs_message(queue=ERASURE, batch_size=2)
def erase(event: Any) -> Any:
    """Delete files at the media store, and erase accounts. The batch is small because one message may take long."""
    return _process(event, lambda body: deletion.handle_message(world(), body))


@consumers.on_sqs_message(queue=PUSH, batch_size=10)
def send_pushes(event: Any) -> Any:
    """Send push notifications."""
    return _process(event, lambda body: push.deliver(world(), body))


@consumers.on_sqs_message(queue=BROADCASTS, batch_size=1)
def send_broadcasts(event: Any) -> Any:
    """Push broadcasts, one chunk of devices for each message."""
    return _process(event, lambda body: broadcast_push.deliver(world(), body))


def _process(event: Any, handle: Handle) -> Any:
    return process_batch(event, handle, _retry_later)


def _retry_later(queue: str, seconds_by_receipt: Mapping[str, int]) -> None:
    """The World may be unavailable itself: it is built only when a message failed."""
    world().queues.retry_later(queue, seconds_by_receipt)
