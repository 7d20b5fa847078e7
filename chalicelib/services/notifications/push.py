"""Pushes a notification to its user's devices: each delivery is logged before it is sent, and a failed one is tried
again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Status
from chalicelib.domain.notifications.notification import Notification
from chalicelib.domain.notifications.push_delivery import FINAL_STATES, PushDelivery, PushState, push_id_of
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.sessions.device import Device
from chalicelib.services import outbox as outbox_messages
from chalicelib.services import provider_backoff
from chalicelib.services.best_effort import best_effort
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.push_provider import PUSH_PROVIDER, backoff_after
from chalicelib.tables import accounts, notifications, outbox, push_deliveries, users
from chalicelib.tables import devices as device_rows
from chalicelib.tables import provider_backoff as backoff_rows
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
    World,
)

MAX_FAILURES = 2
"""The job ends after this many failures of the push service: it does not wait once for each of ten devices."""


@dataclass(frozen=True)
class PushJob:
    """A notification to push, in its reader's language.

    `after_failures`: the push service failed since it last worked.
    """

    notification: Notification
    language: str
    after_failures: bool


def deliver(world: World, body: Mapping[str, Any]) -> None:
    """Push one notification. Raises Unavailable or OutcomeUnknown while a device must be tried again.

    The job is done when every device has the push or will never get it, when the user deleted the notification, and
    when it is too old.
    """
    message_id, user_id = str(body["message_id"]), str(body["user_id"])
    message_key, user_key = outbox.message_key(message_id), users.user_key(user_id)
    notification_key = notifications.notification_key(user_id, str(body["notification_id"]))
    provider_key = backoff_rows.failures_key(PUSH_PROVIDER)
    rows = fetch(message_key, notification_key, user_key, provider_key)
    if rows[message_key] is None:
        return
    notification, trouble = rows[notification_key], rows[provider_key]
    if notification is None or _is_expired(world, notification):
        log.fact("push_dropped", message_id=message_id, reason="late" if notification else "deleted")
    else:
        if trouble is not None and trouble.backs_off_at(world.now()):
            raise Unavailable(PUSH_PROVIDER)
        user = rows[user_key]
        language = (user.language if user else None) or "en"
        _push(world, PushJob(notification, language, after_failures=trouble is not None))
    outbox_messages.drop(message_id)


def _is_expired(world: World, notification: Notification) -> bool:
    return world.now() >= notification.created_at + timedelta(hours=world.settings().push_ttl_hours)


def _push(world: World, job: PushJob) -> None:
    """Push to every device that has no push yet, the least tried first: one failing device delays no other."""
    notification, now = job.notification, world.now()
    tried = push_deliveries.of_notification(notification.user_id, notification.notification_id)
    attempts = [
        (device, tried.get(push_id_of(notification.notification_id, device.device_id)))
        for device in _active_devices(world, notification.user_id)
    ]
    open_attempts = [
        (device, before) for device, before in attempts if before is None or before.state not in FINAL_STATES
    ]
    open_attempts.sort(key=lambda way: way[1].tries_count if way[1] else 0)
    all_done = True
    failures: list[Exception] = []
    for device, before in open_attempts:
        try:
            may_be_tried = before is None or before.may_be_tried_at(now)
            all_done &= may_be_tried and _to_device(world, job, device, before)
        except (Unavailable, OutcomeUnknown) as failure:
            failures.append(failure)
            if len(failures) == MAX_FAILURES:
                break
    if failures:
        raise failures[0]
    if not all_done:
        raise Unavailable(PUSH_PROVIDER)


def _active_devices(world: World, user_id: str) -> list[Device]:
    """The devices that pushes may go to. A device without a live session gets none, and a banned user's devices get
    none."""
    registered = [device for device in device_rows.of_user(user_id) if device.fcm_token and device.session_id]
    account_key = accounts.account_key(user_id)
    keys = {device.device_id: session_rows.session_key(str(device.session_id)) for device in registered}
    rows = fetch(account_key, *keys.values())
    account = rows[account_key]
    if account is None or account.status is not Status.ACTIVE:
        return []
    now = world.now()
    sessions = {device_id: rows[key] for device_id, key in keys.items()}
    return [
        device
        for device in registered
        if (session := sessions[device.device_id]) is not None and session.is_live(account, now)
    ]


def _to_device(world: World, job: PushJob, device: Device, before: PushDelivery | None) -> bool:
    """False when the delivery must be tried again, or another worker sends it. Raises Unavailable or OutcomeUnknown
    when the push service fails."""
    notification, now = job.notification, world.now()
    push_id = push_id_of(notification.notification_id, device.device_id)
    tries_count = before.tries_count + 1 if before else 1
    push = PushDelivery(device.user_id, push_id, PushState.SENDING, now, tries_count)
    if not push_deliveries.begin(push, now - timedelta(seconds=world.settings().push_claim_seconds)):
        return False
    try:
        state = _send(world, job, device)
    except CredentialsRejected as rejected:
        # The credentials may be those of one platform only, so the other devices are tried.
        log.alarm(Alarm.PUSH_CREDENTIALS_REJECTED, user_id=device.user_id, reason=rejected.what)
        state = PushState.WAITING
    except ReceiverUnavailable as failure:
        retry_at = world.now() + timedelta(seconds=failure.retry_after_seconds)
        push, state = replace(push, retry_at=retry_at), PushState.WAITING
        log.fact("push_deferred", user_id=device.user_id, message_id=f"push:{notification.notification_id}")
    except (Unavailable, OutcomeUnknown) as failure:
        backoff = backoff_after(world, failure)
        _finish(replace(push, state=PushState.WAITING, retry_at=world.now() + backoff))
        provider_backoff.report_failure(world, PUSH_PROVIDER, device.user_id, backoff=backoff)
        log.fact("push_deferred", user_id=device.user_id, message_id=f"push:{notification.notification_id}")
        raise
    _finish(replace(push, state=state))
    return state in FINAL_STATES


def _finish(push: PushDelivery) -> None:
    """Store the result. Without it, another try of the message sends the push once more."""
    best_effort(lambda: push_deliveries.finish(push), "push_result", user_id=push.user_id)


def _send(world: World, job: PushJob, device: Device) -> PushState:
    notification = job.notification
    title, message = notification.render(job.language)
    ids = {name: str(value) for name, value in notification.data.items() if name.endswith("_id")}
    data = {"notification_id": notification.notification_id, "type": notification.template.topic.value} | ids
    try:
        world.push.send(str(device.fcm_token), title, message, data)
    except Rejected:
        best_effort(lambda: devices.drop_token(world, device), "drop_token", user_id=device.user_id)
        return PushState.REFUSED
    except InvalidMessage as unfit:
        log.alarm(Alarm.PUSH_MESSAGE_INVALID, message_id=f"push:{notification.notification_id}", reason=unfit.reason)
        return PushState.REFUSED
    if job.after_failures:
        provider_backoff.report_success(PUSH_PROVIDER)
    log.fact("push_sent", user_id=device.user_id, message_id=f"push:{notification.notification_id}")
    return PushState.SENT
