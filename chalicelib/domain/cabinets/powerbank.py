"""A power bank, and how reports and rentals change its custody."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.custody import MOVES, Custody, IllegalCustody
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace, Reappearance, Suspicion
from chalicelib.domain.cabinets.service_state import Service

REPEATED_FOR = timedelta(hours=1)
"""A report of a power bank so soon after its return most likely repeats the return."""


@dataclass(frozen=True)
class Powerbank:
    """A power bank and its custody. `rental_id` with custody `slot` is a reservation.

    `last_rental_id` names the last rental whose eject was given up. If the power bank came out after all, that rental
    has it. `answer_due_from` is the station whose cabinet got an eject command and has not answered that the power
    bank came out.
    """

    powerbank_sn: str
    custody: Custody
    moved_at: datetime
    station_sn: str | None = None
    slot_number: int | None = None
    rental_id: str | None = None
    user_id: str | None = None
    last_rental_id: str | None = None
    last_user_id: str | None = None
    returned_rental_id: str | None = None
    """The rental that its last return ended."""
    battery_percent: int | None = None
    eject_failed_at: datetime | None = None
    answer_due_from: str | None = None
    eject_answered_at: datetime | None = None
    doubted_rental_id: str | None = None
    """The rental whose return put it here, if no return frame proves that return. The rental goes on if the power
    bank is gone again."""
    doubted_user_id: str | None = None
    doubted_answer_due_from: str | None = None
    """The station that had not answered the eject of that rental when the power bank came back."""
    vanished_at: datetime | None = None
    """When a snapshot showed that it had left its slot, although no rental explains that."""
    suspicion: Suspicion | None = None
    """For which rental it may have come out of the wrong slot. Its return ends that rental."""
    reappearance: Reappearance | None = None
    """How it came into its present slot, although no report says that it had left a slot."""
    other_place: OtherPlace | None = None
    """Where a cabinet listed it although it was elsewhere. Its next move clears this."""
    faults_count: int = 0
    """How many rentals reported it as faulty. An operator who has looked at it sets this back."""
    fault_rental_id: str | None = None
    """The last rental that reported it as faulty."""
    service: Service = Service.IN_SERVICE
    model: str = ""
    capacity_mah: int | None = None
    last_eject_ordered_at: datetime | None = None
    """When an operator last ordered its eject. None after a refusal (`domain/cabinets/operator_eject.py`)."""
    first_open_eject_order_at: datetime | None = None
    """The first of its orders that may still have taken it out of its slot."""
    taken_out_at: datetime | None = None
    """When it came out for an operator, who has it until a cabinet reports it in a slot."""
    returns_count: int = 0
    """How many rentals ended with its return."""
    version: int = 0

    def _move(self, custody: Custody, at: datetime) -> "Powerbank":
        if custody not in MOVES[self.custody]:
            raise IllegalCustody(f"{self.custody} -> {custody}")
        moved = replace(
            self,
            custody=custody,
            moved_at=at,
            other_place=None,
            vanished_at=None,
            suspicion=None,
            reappearance=None,
            taken_out_at=None,
        )
        return moved.with_certain_return()

    @property
    def free(self) -> bool:
        return self.custody is Custody.SLOT and self.rental_id is None

    @property
    def unrented_in_slot(self) -> bool:
        """In a slot and in no rental, although it may be in quarantine."""
        return self.custody in (Custody.SLOT, Custody.QUARANTINE) and self.rental_id is None

    @property
    def awaited(self) -> bool:
        """With an operator, or registered and never in a slot or with a customer, as far as any report says."""
        if self.taken_out_at is not None:
            return True
        been_elsewhere = (self.station_sn, self.rental_id, self.last_rental_id, self.returned_rental_id)
        return self.custody is Custody.UNKNOWN and not any(been_elsewhere)

    @property
    def owner(self) -> tuple[str, str] | None:
        """User id and rental id of the rental that has reserved or rented the power bank."""
        return (self.user_id, self.rental_id) if self.user_id and self.rental_id else None

    @property
    def last_owner(self) -> tuple[str, str] | None:
        """User id and rental id of the last rental whose eject was given up."""
        return (self.last_user_id, self.last_rental_id) if self.last_user_id and self.last_rental_id else None

    @property
    def doubted_owner(self) -> tuple[str, str] | None:
        """User id and rental id of the rental whose return is in doubt."""
        user_id, rental_id = self.doubted_user_id, self.doubted_rental_id
        return (user_id, rental_id) if user_id and rental_id else None

    def rental_on_return(self, at: datetime, doubtful_for: timedelta) -> tuple[str, str] | None:
        """User id and rental id of the rental that a report of this power bank at `at` is about, if any.

        It is the rental that has the power bank. It may also be the last rental whose eject was given up: while the
        place of the power bank is unknown because of that eject, and for `doubtful_for` after a failed eject.
        """
        failed_lately = self.eject_failed_at is not None and at - self.eject_failed_at < doubtful_for
        lost_at_eject = self.custody is Custody.UNKNOWN and self.vanished_at is None
        in_doubt = lost_at_eject or (self.custody is Custody.SLOT and failed_lately)
        return self.owner or (self.last_owner if in_doubt else None)

    def likely_rental_id(self, at: datetime) -> str | None:
        """The rental that a report of `at` belongs to in the event log. No decision reads it."""
        if self.rental_id is not None and at >= self.moved_at:
            return self.rental_id
        repeats_return = self.custody is Custody.SLOT and at - self.moved_at < REPEATED_FOR
        return self.last_rental_id or (self.returned_rental_id if repeats_return else None) or self.rental_id

    def reserved(self, rental_id: str, user_id: str) -> "Powerbank":
        """Reserved for a rental until its eject is confirmed or given up. Raises IllegalCustody unless free.

        The last rental stays known: a late report may still say that the power bank came out for it.
        """
        if not self.free:
            raise IllegalCustody("not free")
        unordered = replace(self, last_eject_ordered_at=None, first_open_eject_order_at=None)
        return replace(unordered, rental_id=rental_id, user_id=user_id, answer_due_from=self.station_sn)

    def ejected(self, rental_id: str, user_id: str, at: datetime) -> "Powerbank":
        """Out of its slot, with the customer of the rental. An older last rental stays known.

        A doubtful return of another rental stays in doubt until the cabinet answers that the power bank came out.
        """
        older = self.last_rental_id != rental_id
        out = replace(
            self._move(Custody.RENTED, at),
            station_sn=None,
            slot_number=None,
            rental_id=rental_id,
            user_id=user_id,
            last_rental_id=self.last_rental_id if older else None,
            last_user_id=self.last_user_id if older else None,
            eject_failed_at=None,
        )
        return out if self.doubted_rental_id == rental_id else out._with_doubt_of(self)

    def eject_not_asked(self, _at: datetime) -> "Powerbank":
        """Still in its slot, for the next customer: its cabinet got no command. A doubtful return stays in doubt."""
        return self._given_up()

    def eject_failed(self, failed_at: datetime) -> "Powerbank":
        """Still in its slot after a failed eject at `failed_at`. Allocation skips it for a while."""
        return replace(self._given_up(), eject_failed_at=failed_at).with_certain_return()

    def not_found(self, at: datetime) -> "Powerbank":
        """Its cabinet answered at `at` that it does not find the power bank."""
        return replace(self.location_lost(at), eject_failed_at=at)

    def location_lost(self, at: datetime) -> "Powerbank":
        """It may be in its slot or with the customer. A doubtful return stays in doubt."""
        return self._given_up()._move(Custody.UNKNOWN, at)._with_doubt_of(self)

    def _with_doubt_of(self, before: "Powerbank") -> "Powerbank":
        return replace(
            self,
            doubted_rental_id=before.doubted_rental_id,
            doubted_user_id=before.doubted_user_id,
            doubted_answer_due_from=before.doubted_answer_due_from,
        )

    def _given_up(self) -> "Powerbank":
        return replace(self, rental_id=None, user_id=None, last_rental_id=self.rental_id, last_user_id=self.user_id)

    def takes_fault_of(self, rental_id: str) -> bool:
        """Whether a report of the rental counts: it has the power bank or had it last, and did not report it yet."""
        return rental_id in (self.rental_id, self.returned_rental_id) and rental_id != self.fault_rental_id

    def vanished(self, at: datetime) -> "Powerbank":
        """Missing from its slot without a rental. It may be at its other place."""
        still_listed = self.other_place if self.other_place and self.other_place.gone_at is None else None
        return replace(self._move(Custody.UNKNOWN, at), vanished_at=at, other_place=still_listed)

    def reappeared(self, at: datetime) -> "Powerbank":
        """A return frame says that it came into the slot that it has not left, as far as the service knows."""
        return replace(self, reappearance=self._reappearance(at)).with_certain_return()

    def _reappearance(self, at: datetime) -> Reappearance | None:
        if not self.unrented_in_slot or self.station_sn is None or self.slot_number is None:
            return None
        return Reappearance(at, self.station_sn, self.slot_number)

    def _coming_to(self, station_sn: str, slot_number: int, at: datetime) -> Reappearance | None:
        elsewhere = (station_sn, slot_number) != (self.station_sn, self.slot_number)
        return self._reappearance(at) if elsewhere else None

    def placed_in(self, station_sn: str, slot_number: int, battery_percent: int | None, at: datetime) -> "Powerbank":
        """In a slot, without a rental. After a return no last rental can have it any more."""
        returned = self.custody is Custody.RENTED
        return replace(
            self._move(Custody.SLOT, at),
            station_sn=station_sn,
            slot_number=slot_number,
            rental_id=None,
            user_id=None,
            last_rental_id=None if returned else self.last_rental_id,
            last_user_id=None if returned else self.last_user_id,
            returned_rental_id=self.rental_id if returned else self.returned_rental_id,
            returns_count=self.returns_count + returned,
            battery_percent=battery_percent,
            reappearance=self._coming_to(station_sn, slot_number, at),
        )

    def with_doubted_return(self, rental_id: str, user_id: str) -> "Powerbank":
        """In its slot after a return that no return frame proves."""
        due_from = self.answer_due_from
        return replace(self, doubted_rental_id=rental_id, doubted_user_id=user_id, doubted_answer_due_from=due_from)

    def with_certain_return(self) -> "Powerbank":
        """Its last return is not in doubt any more."""
        return replace(self, doubted_rental_id=None, doubted_user_id=None, doubted_answer_due_from=None)

    def quarantined(self, station_sn: str, slot_number: int, at: datetime) -> "Powerbank":
        """In a slot, but not for rent until an operator has checked it."""
        return replace(
            self._move(Custody.QUARANTINE, at),
            station_sn=station_sn,
            slot_number=slot_number,
            rental_id=None,
            user_id=None,
            reappearance=self._coming_to(station_sn, slot_number, at),
        )
