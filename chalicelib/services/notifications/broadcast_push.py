"""Pushes a broadcast to devices, in chunks: each message of the queue is one chunk of one shard of the devices.

The audience, the language, bans and sessions are those of the moment at which a chunk is pushed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account, Status
from chalicelib.domain.notifications.broadcast import Broadcast
from chalicelib.domain.notifications.push_delivery import PushDelivery, PushState, push_id_of
from chalicelib.domain.notifications.quiet_hours import wait_for_morning
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.sessions.device import Device
from chalicelib.services import outbox as outbox_messages
from chalicelib.services import provider_backoff
from chalicelib.services.best_effort import best_effort
from chalicelib.services.notifications import devices
from chalicelib.services.notifications.push_provider import PUSH_PROVIDER, backoff_after
from chalicelib.tables import accounts, broadcasts, outbox, push_deliveries, users
from chalicelib.tables import devices as device_rows
from chalicelib.tables import provider_backoff as backoff_rows
from chalicelib.tables import sessions as session_rows
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_all
from chalicelib.tables.rows import SHARDS
from chalicelib.world import (
    CredentialsRejected,
    InvalidMessage,
    OutcomeUnknown,
    ReceiverUnavailable,
    Rejected,
    Unavailable,
    World,
)

CHUNK_DEVICES = 100
CHUNK_TIME = timedelta(seconds=10)
"""A chunk ends after this time, and the next message begins where it ended. The time-out of the consumer is 30 s."""
MAX_FAILURES = 3
"""The push service is in trouble after this many failures in a row. A device that fails alone is left out."""
SENDER = "broadcast"
"""Stands for a user in the log of deliveries: one row for each chunk."""


@dataclass(frozen=True)
class Chunk:
    """One message: the devices of a shard whose users' ids come after `after`. `number` counts the messages."""

    broadcast_id: str
    shard: int
    number: int = 0
    after: str = ""

    @property
    def message_id(self) -> str:
        return f"broadcast:{self.broadcast_id}:{self.shard}:{self.number}"

    def following(self, after: str) -> "Chunk":
        return replace(self, number=self.number + 1, after=after)

    def stage(self, ops: Transaction, world: World, wait: timedelta | None = None) -> None:
        """Stage the message. It is sent after the commit, or after `wait`."""
        body = {"broadcast_id": self.broadcast_id, "shard": self.shard, "number": self.number, "after": self.after}
        outbox_messages.stage(ops, world, outbox_messages.BROADCASTS, self.message_id, body, after=wait)


@dataclass(frozen=True)
class Progress:
    """How far a chunk came: the id of the last user whose devices are done, and how long the next chunk waits."""

    after: str
    wait: timedelta | None = None


def stage_all(ops: Transaction, world: World, broadcast_id: str, *, after: timedelta | None) -> None:
    """Stage the first chunk of every shard."""
    for shard in range(SHARDS):
        Chunk(broadcast_id, shard).stage(ops, world, after)


def deliver(world: World, body: Mapping[str, Any]) -> None:
    """Push one chunk, and stage the next one in the transaction that ends this one.

    A message that comes again finds no outbox row. While another worker pushes the chunk, nothing happens. A worker
    that dies leaves its chunk to the sweep; its devices show a repeated push once, by the broadcast's id.
    """
    chunk = Chunk(str(body["broadcast_id"]), int(body["shard"]), int(body["number"]), str(body["after"]))
    message_key, broadcast_key = outbox.message_key(chunk.message_id), broadcasts.broadcast_key(chunk.broadcast_id)
    provider_key = backoff_rows.failures_key(PUSH_PROVIDER)
    rows = fetch(message_key, broadcast_key, provider_key)
    broadcast, trouble, now = rows[broadcast_key], rows[provider_key], world.now()
    if rows[message_key] is None:
        return
    if broadcast is None or now >= broadcast.created_at + timedelta(hours=world.settings().push_ttl_hours):
        log.fact("push_dropped", message_id=chunk.message_id, reason="late" if broadcast else "deleted")
        outbox_messages.drop(chunk.message_id)
        return
    if trouble is not None and trouble.backs_off_at(now):
        _end(world, chunk, Progress(chunk.after, timedelta(seconds=world.settings().push_provider_backoff_seconds)))
        return
    push = PushDelivery(
        SENDER, push_id_of(chunk.broadcast_id, f"{chunk.shard}#{chunk.number}"), PushState.SENDING, now
    )
    if not push_deliveries.begin(push, now - timedelta(seconds=world.settings().push_claim_seconds)):
        return
    _end(world, chunk, _push(world, broadcast, chunk, after_failures=trouble is not None))


def _end(world: World, chunk: Chunk, progress: Progress | None) -> None:
    """End the chunk, and stage the next one if `progress` says that devices are left. At night it waits."""

    def decide(ops: Transaction) -> None:
        outbox.complete(ops, chunk.message_id)
        if progress is not None:
            wait = wait_for_morning(world.now(), world.settings()) or progress.wait
            chunk.following(progress.after).stage(ops, world, wait)

    atomic(world, decide)


def _push(world: World, broadcast: Broadcast, chunk: Chunk, *, after_failures: bool) -> Progress | None:
    """Push to the devices of the chunk. None when the shard has no more of them."""
    keys = device_rows.with_token(chunk.shard, after=chunk.after, limit=CHUNK_DEVICES)
    user_ids = list(dict.fromkeys(key.hash_key for key in keys))
    is_last = len(keys) < CHUNK_DEVICES
    if not is_last:
        # The devices of the last user may go on after this page.
        user_ids = user_ids[:-1]
    receivers = _receivers(world, broadcast, [key for key in keys if key.hash_key in set(user_ids)])
    done, until, failures = chunk.after, world.now() + CHUNK_TIME, _Failures(world, chunk.after)
    for user_id in user_ids:
        if world.now() >= until:
            return Progress(done)
        for device, language in receivers.get(user_id, ()):
            try:
                _to_device(world, broadcast, device, language)
            except CredentialsRejected as rejected:
                # The credentials may be those of one platform only, so the other devices are tried.
                failures.report_rejected(rejected, user_id)
            except (Unavailable, OutcomeUnknown) as failure:
                if failures.add(failure, user_id, done):
                    log.fact("push_deferred", message_id=chunk.message_id)
                    return Progress(failures.resume_after, failures.backoff)
            else:
                if after_failures or failures.streak:
                    provider_backoff.report_success(PUSH_PROVIDER)
                after_failures, failures.streak = False, 0
        done = user_id
    return None if is_last else Progress(done)


@dataclass
class _Failures:
    """Failures of the push service in a row. `resume_after` is the last user before them."""

    world: World
    resume_after: str
    streak: int = 0
    backoff: timedelta = timedelta()
    has_alarm: bool = False

    def report_rejected(self, rejected: CredentialsRejected, user_id: str) -> None:
        """Raise the alarm about our credentials, once for the chunk."""
        if not self.has_alarm:
            log.alarm(Alarm.PUSH_CREDENTIALS_REJECTED, user_id=user_id, reason=rejected.what)
        self.has_alarm = True

    def add(self, failure: Unavailable | OutcomeUnknown, user_id: str, done: str) -> bool:
        """Count one more failure. True when the push service is in trouble."""
        self.backoff = backoff_after(self.world, failure)
        provider_backoff.report_failure(self.world, PUSH_PROVIDER, user_id, backoff=self.backoff)
        if self.streak == 0:
            self.resume_after = done
        self.streak += 1
        return self.streak == MAX_FAILURES


def _receivers(world: World, broadcast: Broadcast, keys: Sequence[Any]) -> dict[str, list[tuple[Device, str]]]:
    """The devices to push to by user, each with its user's language.

    A device without a live session gets nothing, and neither does a banned user.
    """
    user_ids = sorted({key.hash_key for key in keys})
    found = fetch_all([*keys, *map(accounts.account_key, user_ids), *map(users.user_key, user_ids)])
    registered = [device for key in keys if (device := found[key]) is not None and device.session_id]
    sessions = fetch_all([session_rows.session_key(device.session_id) for device in registered])
    receivers: dict[str, list[tuple[Device, str]]] = {}
    for device in registered:
        account: Account | None = found[accounts.account_key(device.user_id)]
        user = found[users.user_key(device.user_id)]
        session = sessions[session_rows.session_key(device.session_id)]
        if account is None or user is None or session is None or not device.fcm_token:
            continue
        is_reached = account.status is Status.ACTIVE and session.is_live(account, world.now())
        if is_reached and broadcast.is_for(account):
            receivers.setdefault(device.user_id, []).append((device, user.language or "en"))
    return receivers


def _to_device(world: World, broadcast: Broadcast, device: Device, language: str) -> None:
    """Push to one device. What is wrong with one device delays nobody: the broadcast is in the app's list too.

    Raises CredentialsRejected, Unavailable or OutcomeUnknown when the push service fails.
    """
    title, message = broadcast.render(language)
    data = {"notification_id": broadcast.broadcast_id, "type": "broadcast"}
    try:
        world.push.send(str(device.fcm_token), title, message, data)
    except Rejected:
        best_effort(lambda: devices.drop_token(world, device), "drop_token", user_id=device.user_id)
    except InvalidMessage as unfit:
        log.alarm(Alarm.PUSH_MESSAGE_INVALID, message_id=broadcast.broadcast_id, reason=unfit.reason)
    except ReceiverUnavailable:
        log.fact("push_deferred", user_id=device.user_id, message_id=broadcast.broadcast_id)
