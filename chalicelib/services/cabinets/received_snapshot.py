"""Compares a snapshot with the stored cabinet: which power banks are in place, in another slot or missing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.rentals.wrong_slot_suspects import Disappearance

MAX_UNLISTED = timedelta(minutes=25)
"""How long a power bank may have been gone when no snapshot says when the cabinet listed it last."""


@dataclass(frozen=True)
class ReceivedSnapshot:
    """A snapshot, and the cabinet as stored before it. `stale` when the stored snapshot is newer.

    Two snapshots of one `digest` have the same bytes.
    """

    binding: Binding
    slots: tuple[Slot, ...]
    digest: str
    at: datetime
    before: Cabinet

    @property
    def stale(self) -> bool:
        return self.before.snapshot_at is not None and self.at <= self.before.snapshot_at

    @property
    def is_new_reading(self) -> bool:
        """Whether the cabinet has read its slots since the stored snapshot: the bytes are others."""
        return not self.stale and self.digest != self.before.snapshot_digest

    def identified(self) -> Iterator[tuple[int, datetime, str]]:
        """Slots whose power bank was unreadable, since when, and the number that the snapshot reads there.

        A power bank in the slot that it left does not count: the snapshot may repeat an old list.
        """
        for slot in () if self.stale else self.slots:
            before, sn = self.before.slots.get(slot.slot_number), slot.powerbank_sn
            if before is None or sn is None or self.before.already_lists(sn, slot.slot_number):
                continue
            if before.unreadable and before.unreadable_since:
                yield slot.slot_number, before.unreadable_since, sn

    def relisted(self) -> Iterator[tuple[Slot, datetime]]:
        """Slots that list again the power bank that they listed before an unreadable one came, and when that came."""
        for slot in self.slots:
            before = self.before.slots.get(slot.slot_number)
            if before is None or before.unreadable_since is None or slot.powerbank_sn is None:
                continue
            if self.before.already_lists(slot.powerbank_sn, slot.slot_number):
                yield slot, before.unreadable_since

    def is_of(self, powerbank: Powerbank) -> bool:
        """Whether the power bank was last known in the station of the snapshot."""
        return powerbank.station_sn == self.binding.sn

    def lists_in_place(self, powerbank: Powerbank) -> bool:
        """Whether the snapshot lists the power bank in the slot where it should be."""
        here = powerbank.custody in (Custody.SLOT, Custody.QUARANTINE) and powerbank.station_sn == self.binding.sn
        return here and self.lists_at(powerbank.powerbank_sn, powerbank.slot_number or 0)

    def lists_at(self, powerbank_sn: str, slot_number: int) -> bool:
        """Whether the snapshot lists the power bank in this slot."""
        return any((slot.slot_number, slot.powerbank_sn) == (slot_number, powerbank_sn) for slot in self.slots)

    def is_missing(self, powerbank: Powerbank, ghosts: Collection[int]) -> bool:
        """Whether the snapshot shows the slot where the power bank should be, or was, and does not list it at all.

        An unreadable slot may hold it. An empty slot proves nothing in a list from before the power bank came. The
        slots of `ghosts` count as empty. A rented one was where the cabinet listed it last, and so was one that the
        station may have ejected.
        """
        if any(slot.powerbank_sn == powerbank.powerbank_sn for slot in self.slots):
            return False
        rented, sn = powerbank.custody is Custody.RENTED, powerbank.powerbank_sn
        may_have_left = rented or self.may_have_ejected(powerbank)
        before = self.before.slots.items()
        left = {n for n, slot in before if slot.ghost_sn == sn or (may_have_left and slot.powerbank_sn == sn)}
        expected = {powerbank.slot_number} if not rented and powerbank.station_sn == self.binding.sn else left
        return any(
            slot.slot_number in expected and not slot.unreadable and self._is_news(powerbank, slot, ghosts)
            for slot in self.slots
        )

    def may_have_ejected(self, powerbank: Powerbank) -> bool:
        """Whether the station owes the answer to an eject, and the return that followed is in doubt."""
        return powerbank.doubted_answer_due_from == self.binding.sn

    def listed_after_eject(self, powerbank: Powerbank) -> bool:
        """Whether the station's last list of the slot still had the power bank, which is with a customer."""
        slots = self.before.slots.values()
        is_listed = any(slot.ghost_listed and slot.ghost_sn == powerbank.powerbank_sn for slot in slots)
        return is_listed and powerbank.custody is Custody.RENTED

    def _is_news(self, powerbank: Powerbank, slot: Slot, ghosts: Collection[int]) -> bool:
        holds_another = slot.powerbank_sn is not None and slot.slot_number not in ghosts
        return holds_another or self.before.shows_absence(powerbank.powerbank_sn, slot.slot_number, self.digest)

    def shows_elsewhere(self, powerbank: Powerbank) -> bool:
        """Whether the snapshot lists the power bank in another slot of its station."""
        slot_number = powerbank.slot_number if powerbank.station_sn == self.binding.sn else None
        listed = (slot.slot_number for slot in self.slots if slot.powerbank_sn == powerbank.powerbank_sn)
        return slot_number is not None and any(number != slot_number for number in listed)

    def shows_moved(self, powerbank: Powerbank) -> bool:
        """Whether the power bank has left the slot of this station where it is stored, and so is in another one."""
        if not self.is_of(powerbank) or not self.is_new_reading or powerbank.slot_number is None:
            return False
        stored = [slot for slot in self.slots if slot.slot_number == powerbank.slot_number]
        gone = any(not slot.unreadable and slot.powerbank_sn != powerbank.powerbank_sn for slot in stored)
        return gone and self.before.shows_absence(powerbank.powerbank_sn, powerbank.slot_number, self.digest)

    def has_left_other_place(self, powerbank: Powerbank) -> bool:
        """Whether this station has listed the power bank, stored elsewhere, in a slot that has it no more."""
        other = powerbank.other_place
        if other is None or other.gone_at is not None or other.station_sn != self.binding.sn or self.at <= other.at:
            return False
        shown = {slot.slot_number: slot for slot in self.slots}.get(other.slot_number)
        return shown is not None and not shown.unreadable and shown.powerbank_sn != powerbank.powerbank_sn

    def disappearance(self, powerbank: Powerbank, slot_number: int, gone_at: datetime) -> Disappearance:
        """The power bank left its slot between `listed_at` and `gone_at`.

        It was listed by the snapshot before. While it is unlisted there, `listed_at` is the time of its arrival.
        """
        snapshot_at, slot = self.before.snapshot_at, self.before.slots.get(slot_number)
        listed_at = snapshot_at if snapshot_at and snapshot_at <= gone_at else gone_at - MAX_UNLISTED
        in_place_at = powerbank.moved_at if powerbank.moved_at < gone_at else listed_at
        if slot is not None and slot.has_unlisted(powerbank.powerbank_sn):
            listed_at = min(listed_at, in_place_at)
        return Disappearance(
            powerbank.powerbank_sn,
            self.binding.sn,
            slot_number,
            max(listed_at, in_place_at),
            gone_at,
            {slot.slot_number: slot.powerbank_sn for slot in self.slots},
        )
