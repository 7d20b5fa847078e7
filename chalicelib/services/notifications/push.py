"""Bringing a notification to its user's devices: each logged before it is sent, and those that failed tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.account import Status
from chalicelib.domain.device import Device
from chalicelib.domain.notification import Notification
from chalicelib.domain.push_delivery import DONE, Push, PushState, push_id_of
from chalicelib.services.notifications import devices
from chalicelib.tables import accounts, notifications, outbox, provider_backoff, push_deliveries, users
from chalicelib.tables import devices as device_rows
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import Away, KeysRefused, Refused, Unclear, Unfit, World

FCM = "fcm"


@dataclass(frozen=True)
class Errand:
    """One notification on its way, in its reader's language; `resting` when the service failed lately."""

    notification: Notification
    language: str
    resting: bool


def deliver(world: World, body: Mapping[str, Any]) -> None:
    """Push one notification. Raises Away or Unclear while a device is left to be tried again.

    Done when every device has it or never will; also when the user deleted it, and when it is too old to disturb
    anybody with.
    """
    message_id, user_id = str(body["message_id"]), str(body["user_id"])
    message_key, user_key = outbox.message_key(message_id), users.user_key(user_id)
    notification_key = notifications.notification_key(user_id, str(body["notification_id"]))
    provider_key = provider_backoff.provider_key(FCM)
    found = fetch(message_key, notification_key, user_key, provider_key)
    if found[message_key] is None:
        return
    notification, rests_until = found[notification_key], found[provider_key]
    if notification is None or _late(world, notification):
        log.fact("push_dropped", message_id=message_id, reason="late" if notification else "deleted")
    else:
        _must_be_well(world, rests_until)
        user = found[user_key]
        language = (user.language if user else None) or "en"
        _push(world, Errand(notification, language, resting=rests_until is not None))
    outbox.drop(message_id)


def _late(world: World, notification: Notification) -> bool:
    return world.now() >= notification.created_at + timedelta(hours=world.settings().push_lives_hours)


def _must_be_well(world: World, rests_until: datetime | None) -> None:
    if rests_until is not None and world.now() < rests_until:
        raise Away(FCM)


def _push(world: World, errand: Errand) -> None:
    """To every device that does not have it, the least tried first: one that always fails keeps no other waiting."""
    notification = errand.notification
    tried = push_deliveries.of_notification(notification.user_id, notification.notification_id)
    ways = [
        (device, tried.get(push_id_of(notification.notification_id, device.device_id)))
        for device in _signed_in(world, notification.user_id)
    ]
    open_ways = [(device, before) for device, before in ways if before is None or before.state not in DONE]
    open_ways.sort(key=lambda way: way[1].tries_count if way[1] else 0)
    done = [_to_device(world, errand, device, before) for device, before in open_ways]
    if not all(done):
        raise Away(FCM)


def _signed_in(world: World, user_id: str) -> list[Device]:
    """The user's devices that pushes may go to: one that was signed out, or whose user is banned, shows nothing."""
    found = [device for device in device_rows.of_user(user_id) if device.fcm_token and device.session_id]
    account_key = accounts.account_key(user_id)
    keys = {device.device_id: session_rows.session_key(str(device.session_id)) for device in found}
    rows = fetch(account_key, *keys.values())
    account = rows[account_key]
    if account is None or account.status is not Status.ACTIVE:
        return []
    now = world.now()
    sessions = {device_id: rows[key] for device_id, key in keys.items()}
    return [one for one in found if (signed := sessions[one.device_id]) is not None and signed.live(account, now)]


def _to_device(world: World, errand: Errand, device: Device, before: Push | None) -> bool:
    """False when it is to be tried again, or somebody else is at it. Raises Away or Unclear: the service fails."""
    notification, now = errand.notification, world.now()
    push_id = push_id_of(notification.notification_id, device.device_id)
    tries_count = before.tries_count + 1 if before else 1
    push = Push(device.user_id, push_id, PushState.SENDING, now, tries_count)
    if not push_deliveries.begin(push, now - timedelta(seconds=world.settings().push_claim_seconds)):
        return False
    try:
        state = _send(world, errand, device)
    except KeysRefused:
        # Of one platform perhaps: the devices of another go on.
        log.alarm("push_keys_refused", user_id=device.user_id)
        state = PushState.WAITING
    except (Away, Unclear):
        push_deliveries.settle(replace(push, state=PushState.WAITING))
        until = world.now() + timedelta(seconds=world.settings().push_provider_rest_seconds)
        provider_backoff.rest_provider(FCM, until)
        log.fact("push_waits", user_id=device.user_id, message_id=f"push:{notification.notification_id}")
        raise
    push_deliveries.settle(replace(push, state=state))
    return state in DONE


def _send(world: World, errand: Errand, device: Device) -> PushState:
    notification = errand.notification
    title, message = notification.words(errand.language)
    ids = {name: str(value) for name, value in notification.data.items() if name.endswith("_id")}
    data = {"notification_id": notification.notification_id, "type": notification.telling.topic.value} | ids
    try:
        world.push.send(str(device.fcm_token), title, message, data)
    except Refused:
        devices.lose_token(world, device)
        return PushState.REFUSED
    except Unfit as unfit:
        log.alarm("push_unfit", message_id=f"push:{notification.notification_id}", reason=unfit.reason)
        return PushState.REFUSED
    if errand.resting:
        provider_backoff.provider_is_well(FCM)
    log.fact("push_sent", user_id=device.user_id, message_id=f"push:{notification.notification_id}")
    return PushState.SENT
