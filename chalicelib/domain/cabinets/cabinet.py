"""A cabinet as the hardware reports it, and the station of a cabinet."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN, MAX_SILENCE, Outage
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.cabinets.slot_faults import SlotFaults, after_failure, still_there
from chalicelib.domain.configuration.settings import Settings

CHECK_INTERVAL = timedelta(minutes=1)
"""The shortest time between two snapshots that the service requests because of damaged frames of one cabinet."""


@dataclass(frozen=True)
class Binding:
    """The station of a registered cabinet."""

    imei: str
    sn: str
    name: str


@dataclass(frozen=True)
class Cabinet:
    """What a station's cabinet reports. What operators configure is in Station."""

    sn: str
    imei: str
    online: bool = False
    online_at: datetime | None = None
    last_seen_at: datetime | None = None
    snapshot_at: datetime | None = None
    snapshot_digest: str | None = None
    """The digest of the latest snapshot. Two readings of the slots seldom give the same bytes."""
    outage: Outage | None = None
    """The latest outage. Its `until` is None while the cabinet is offline."""
    damaged_at: datetime | None = None
    """When the cabinet last sent an unreadable report about one of its slots: something may have come into it."""
    check_asked_at: datetime | None = None
    """When the service last asked the cabinet for a snapshot because of a damaged frame."""
    slots: Mapping[int, Slot] = field(default_factory=dict)
    slot_faults: SlotFaults = field(default_factory=dict)
    version: int = 0

    def reachable(self, now: datetime, settings: Settings) -> bool:
        """Online, with a message within `cabinet_silent_minutes`. Heartbeats come every 9 minutes."""
        heard_at = [at for at in (self.last_seen_at, self.online_at) if at is not None]
        window = timedelta(minutes=settings.cabinet_silent_minutes)
        return self.online and bool(heard_at) and now - max(heard_at) < window

    def with_slot(self, slot: Slot, at: datetime) -> "Cabinet":
        """The cabinet after it reported one slot at `at`. Another power bank that was listed there is a ghost now."""
        earlier = self.slots.get(slot.slot_number)
        if earlier is None or earlier.powerbank_sn != slot.powerbank_sn:
            ghost_sn = (earlier.powerbank_sn or earlier.ghost_sn) if earlier is not None else None
            ghost_sn = ghost_sn if ghost_sn != slot.powerbank_sn else None
            ghost_unlisted = earlier is not None and ghost_sn is not None and earlier.has_unlisted(ghost_sn)
            slot = replace(slot, ghost_sn=ghost_sn, ghost_unlisted=ghost_unlisted)
            slot = replace(slot, unlisted=True, earlier_list=self.snapshot_digest)
        return self.with_message(at)._with_slots({**self.slots, slot.slot_number: slot})

    def _with_slots(self, slots: Mapping[int, Slot]) -> "Cabinet":
        listed = {number: slot.powerbank_sn for number, slot in slots.items()}
        return replace(self, slots=slots, slot_faults=still_there(self.slot_faults, listed))

    def with_failed_eject(self, slot_number: int, powerbank_sn: str) -> "Cabinet":
        """The cabinet after the power bank stayed in its slot although it was to come out."""
        return replace(self, slot_faults=after_failure(self.slot_faults, slot_number, powerbank_sn))

    def without_powerbank(self, powerbank_sn: str, at: datetime) -> "Cabinet":
        """The cabinet after the power bank came out at `at`."""
        slots = {
            number: Slot(number, 0, ghost_sn=powerbank_sn) if slot.powerbank_sn == powerbank_sn else slot
            for number, slot in self.slots.items()
        }
        return self.with_message(at)._with_slots(slots)

    def with_snapshot(self, slots: Iterable[Slot], ghosts: Collection[int], at: datetime, digest: str) -> "Cabinet":
        """The cabinet after a snapshot at `at`. Slots that the snapshot does not list stay as they were.

        `ghosts` are the numbers of slots whose power bank is elsewhere. Those count as empty.
        """
        reported = {
            slot.slot_number: self._as_listed(slot.as_ghost() if slot.slot_number in ghosts else slot, digest)
            for slot in slots
        }
        after = self.with_message(at)._with_slots({**self.slots, **reported})
        return replace(after, snapshot_at=at, snapshot_digest=digest)

    def _as_listed(self, slot: Slot, digest: str) -> Slot:
        """The slot after a snapshot of this digest. A power bank that is missing without proof stays in it."""
        earlier = self.slots.get(slot.slot_number)
        if earlier is None or slot.unreadable:
            return slot.after(earlier)
        if slot.listed_sn is None and earlier.listed_sn is not None:
            proved = earlier.proves_absence_of(earlier.listed_sn, digest)
            once_missing = earlier.unlisted and (earlier.once_missing or earlier.earlier_list != digest)
            kept = replace(earlier, once_missing=once_missing, earlier_list=digest)
            return slot if proved else kept
        same = slot.listed_sn == earlier.listed_sn
        return replace(slot, earlier_list=earlier.earlier_list if same else self.snapshot_digest)

    def shows_absence(self, powerbank_sn: str, slot_number: int, digest: str) -> bool:
        """Whether a snapshot of this digest, without the power bank, shows that it has left the slot."""
        slot = self.slots.get(slot_number)
        return slot is None or slot.proves_absence_of(powerbank_sn, digest)

    def is_newly_unreadable(self, slot_number: int) -> bool:
        """Whether the slot was empty in the last report, so that an unreadable power bank in it has just come."""
        slot = self.slots.get(slot_number)
        return slot is not None and slot.powerbank_sn is None and not slot.unreadable

    def with_unreadable(self, slot_number: int, at: datetime) -> "Cabinet":
        """The cabinet after it reported at `at` an unreadable power bank in this slot."""
        earlier = self.slots.get(slot_number)
        slot = Slot(slot_number, earlier.state if earlier else NORMAL, unreadable=True, unreadable_since=at)
        return replace(self, slots={**self.slots, slot_number: slot.after(earlier)})

    def already_lists(self, powerbank_sn: str, slot_number: int) -> bool:
        """Whether the cabinet listed the power bank in this slot in its last report of the slot.

        A second listing there proves nothing: the cabinet may repeat what it read before the power bank left.
        """
        slot = self.slots.get(slot_number)
        return slot is not None and powerbank_sn in (slot.powerbank_sn, slot.ghost_sn)

    def holds_another(self, powerbank_sn: str, slot_number: int) -> bool:
        """Whether another power bank counts as being in this slot."""
        slot = self.slots.get(slot_number)
        return slot is not None and slot.powerbank_sn not in (None, powerbank_sn)

    def with_check_asked(self, at: datetime) -> "Cabinet":
        """The cabinet after the service asked it for a snapshot at `at`, which it does once in CHECK_INTERVAL."""
        due = self.check_asked_at is None or at - self.check_asked_at >= CHECK_INTERVAL
        return replace(self, check_asked_at=at) if due else self

    def with_damaged_frame(self, at: datetime, *, about_slot: bool) -> "Cabinet":
        """The cabinet after a damaged frame, for which the service asks it for a snapshot."""
        damaged_at = max(at, self.damaged_at or at) if about_slot else self.damaged_at
        return replace(self.with_message(at).with_check_asked(at), damaged_at=damaged_at)

    def with_message(self, at: datetime) -> "Cabinet":
        """The cabinet after a message of its own, sent at `at`. Messages may arrive in any order."""
        heard_at = self.last_seen_at
        outage = self.outage
        if outage is not None and outage.covers(at):
            outage = outage.with_message(at)
        elif heard_at is not None and at - max(heard_at, self._back_at or heard_at) > MAX_SILENCE:
            outage = self._next_outage(heard_at, until=at)
        online = self.online or self.online_at is None or at > self.online_at
        return replace(self, last_seen_at=max(at, heard_at or at), online=online, outage=outage)

    @property
    def _back_at(self) -> datetime | None:
        return self.outage.until if self.outage is not None else None

    def with_connection(self, at: datetime, *, online: bool) -> "Cabinet":
        """The cabinet after the platform reported at `at` that its connection was made or lost.

        An older report than the stored one changes nothing. A later message of the cabinet shows that it is online.
        """
        if self.online_at is not None and at <= self.online_at:
            return self
        heard_later = self.last_seen_at is not None and self.last_seen_at > at
        outage = self._outage_after_connection(at) if online else self._outage_after_loss(at, heard_later=heard_later)
        return replace(self, online=online or heard_later, online_at=at, outage=outage)

    def with_check(self, at: datetime, *, online: bool) -> "Cabinet":
        """The cabinet after the platform answered a question of `at`: whether the cabinet is online."""
        offline = self.outage is not None and self.outage.until is None
        if not online or offline or (self.online_at is not None and at <= self.online_at):
            return self.with_connection(at, online=online)
        return replace(self, online=True, online_at=at)

    def _outage_after_loss(self, at: datetime, *, heard_later: bool) -> Outage | None:
        outage = self.outage
        if outage is not None and outage.covers(at):
            return replace(outage, lost_at=max(at, outage.lost_at or at), reported=True)
        heard_at = self._heard_before(at)
        if heard_at is None:
            return outage
        outage_before = self._next_outage(heard_at)
        return replace(outage_before, lost_at=at, until=self.last_seen_at if heard_later else None, reported=True)

    def _outage_after_connection(self, at: datetime) -> Outage | None:
        if self.outage is not None and self.outage.covers(at):
            return self.outage.with_new_connection(at)
        heard_at = self._heard_before(at - CLOCK_GRAIN)
        return self.outage if heard_at is None else replace(self._next_outage(heard_at, until=at), reported=True)

    def _heard_before(self, at: datetime) -> datetime | None:
        """The time of the cabinet's last message up to `at`. If a later message replaced that time: of its last
        snapshot."""
        contacts = (self.last_seen_at, self.snapshot_at)
        return next((contact for contact in contacts if contact and contact <= at), None)

    def _next_outage(self, heard_at: datetime, until: datetime | None = None) -> Outage:
        if self.outage is None:
            return Outage(heard_at, until=until, reported=False)
        since = self.outage.next_since(heard_at, snapshot_at=self.snapshot_at)
        return Outage(since, until=until, reported=since < heard_at)

    def outage_before(self, at: datetime) -> Outage | None:
        """The latest outage that was over when the cabinet sent a report at `at`, if any."""
        outage = self.with_message(at).outage
        over = outage is not None and outage.until is not None and outage.until < at + CLOCK_GRAIN
        return outage if over else None
