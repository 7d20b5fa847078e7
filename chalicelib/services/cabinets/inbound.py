"""What cabinets say: polled into our queue, then heard one by one, each safe to hear again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib import log
from chalicelib.domain.cabinet import NORMAL, Binding, Slot
from chalicelib.domain.cabinet_protocol.envelope import DeviceNews, InboxMessage, Unreadable, read_envelope
from chalicelib.domain.cabinet_protocol.frames import (
    EjectResult,
    Frame,
    FrameError,
    HoleChange,
    Returned,
    Snapshot,
    Verdict,
    decode,
)
from chalicelib.domain.messages import Poison
from chalicelib.domain.powerbank import Powerbank
from chalicelib.services import outbox
from chalicelib.services.cabinets import snapshots
from chalicelib.services.rentals import ejects, returns
from chalicelib.services.rentals.returns import Sighting
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import Away, World

LONGEST_WAIT_SECONDS = 20
EARLY = timedelta(seconds=1)


def poll(world: World, seconds_left: Callable[[], float]) -> int:
    """Move news from the maker's queue to ours until the time is nearly up; returns how many came.

    A message is deleted there only once it is durable here. One that nobody can read is set aside, whole.
    """
    count = 0
    while (left := seconds_left()) > 2:
        asked_at = world.now()
        try:
            heard = world.inbox.receive(wait_seconds=max(0, min(LONGEST_WAIT_SECONDS, int(left) - 3)))
        except Away:
            log.alarm("inbox_away")
            return count
        if heard:
            count += len(heard)
            _take(world, heard)
        elif world.now() - asked_at < EARLY:
            # An empty answer at once means too many long polls are open there: don't hammer it.
            world.pause(EARLY.total_seconds())
    return count


def _take(world: World, heard: Sequence[InboxMessage]) -> None:
    readable: list[tuple[InboxMessage, dict[str, Any]]] = []
    for message in heard:
        try:
            readable.append((message, read_envelope(message.body).to_body()))
        except Unreadable as error:
            log.alarm("news_unreadable", message_id=message.message_id, reason=error.reason)
            _hand_over(world, outbox.POISON, [(message, {"message_id": message.message_id, "raw": message.body})])
    _hand_over(world, outbox.DEVICE_NEWS, readable)


def _hand_over(world: World, queue: str, pairs: Sequence[tuple[InboxMessage, dict[str, Any]]]) -> None:
    """Ours first, theirs deleted after; what fails in between simply comes again."""
    if not pairs:
        return
    try:
        world.queues.send(queue, [body for _, body in pairs])
        world.inbox.delete([message for message, _ in pairs])
    except Away:
        log.alarm("queue_away", queue=queue)


def hear(world: World, news: DeviceNews) -> None:
    """One piece of news. Raises Poison for what can never be understood; hearing it twice changes nothing."""
    if news.kind == "other":
        return
    # News from the future would make everything after it stale.
    news = replace(news, at=min(news.at, world.now()))
    try:
        frame = decode(news.frame) if news.kind == "frame" else None
    except FrameError as error:
        raise Poison(f"frame: {error.reason}") from error
    binding_key = cabinets.binding_key(news.imei)
    if frame is None:
        binding = _bound(fetch(binding_key)[binding_key], news)
        cabinets.seen(binding.sn, news.at, online=news.kind == "online")
        return
    powerbank_sn = _bank_in(frame)
    bank_key = powerbanks.powerbank_key(powerbank_sn) if powerbank_sn else None
    found = fetch(binding_key, *([bank_key] if bank_key else []))
    binding = _bound(found[binding_key], news)
    bank = found[bank_key] if bank_key else None
    if not frame.checksum_ok:
        log.fact("checksum_wrong", sn=binding.sn, command=frame.command)
        if powerbank_sn and bank is None:
            return
    _hear_frame(world, binding, frame, bank, news.at)


def _hear_frame(world: World, binding: Binding, frame: Frame, bank: Powerbank | None, at: datetime) -> None:
    if isinstance(frame, Snapshot):
        snapshots.hear(world, binding, frame, at)
        return
    if isinstance(frame, Returned):
        told = _hear_return(world, binding, frame, bank, at)
    elif isinstance(frame, HoleChange) and frame.slot.powerbank_sn:
        told = _hear_bank(
            world, binding, frame.slot.powerbank_sn, snapshots.slot_of(frame.slot), bank, at, "slot_change"
        )
    elif isinstance(frame, EjectResult) and bank is not None:
        told = _hear_eject(world, binding, frame, bank, at)
    else:
        told = False
    if not told:
        cabinets.seen(binding.sn, at)


def _hear_return(world: World, binding: Binding, frame: Returned, bank: Powerbank | None, at: datetime) -> bool:
    if not frame.powerbank_sn or not frame.accepted:
        log.fact("return_refused", sn=binding.sn, state=frame.state)
        return False
    slot = Slot(frame.slot_number, NORMAL, frame.powerbank_sn, frame.battery_percent)
    return _hear_bank(world, binding, frame.powerbank_sn, slot, bank, at, "return")


def _hear_bank(
    world: World,
    binding: Binding,
    powerbank_sn: str,
    slot: Slot,
    bank: Powerbank | None,
    at: datetime,
    source: Literal["return", "slot_change"],
) -> bool:
    """True when the cabinet's row was written with the return."""
    return returns.hear(world, Sighting(powerbank_sn, binding, slot, at, source), bank) == "ended"


def _hear_eject(world: World, binding: Binding, frame: EjectResult, bank: Powerbank, at: datetime) -> bool:
    """True when the cabinet's row was written with the eject."""
    ids = {"sn": binding.sn, "powerbank_sn": bank.powerbank_sn}
    rental_id, user_id = bank.rental_id or bank.last_rental_id, bank.user_id or bank.last_user_id
    oldest = world.now() - timedelta(hours=world.settings().eject_evidence_hours)
    if frame.verdict is Verdict.UNCLEAR:
        log.fact("eject_unclear", state=frame.state, **ids)
    elif rental_id is None or user_id is None or at < oldest:
        if frame.verdict is Verdict.EJECTED:
            log.alarm("ejected_for_nobody", **ids)
    elif frame.verdict is Verdict.EJECTED:
        return ejects.confirm(world, user_id, rental_id, bank.powerbank_sn, at, binding.sn)
    else:
        ejects.refused(world, user_id, rental_id, bank.powerbank_sn, at, frame.state)
    return False


def _bank_in(frame: Frame) -> str | None:
    if isinstance(frame, HoleChange):
        return frame.slot.powerbank_sn
    return frame.powerbank_sn if isinstance(frame, Returned | EjectResult) else None


def _bound(binding: Binding | None, news: DeviceNews) -> Binding:
    """Only registered cabinets are listened to; what another says waits in the dead-letter queue for a person."""
    if binding is None:
        log.alarm("cabinet_unknown", imei=news.imei)
        raise Poison("cabinet not registered")
    return binding
