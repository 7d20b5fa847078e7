"""A rental: its moves from state to state, its times and what it owes."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.slot_reports import Comeback, ReportKind, SlotReport, comeback, with_report
from chalicelib.domain.money.payment_plan import Plan
from chalicelib.domain.money.pricing import Charge, Package, Terms, charge
from chalicelib.domain.problems.illegal_move import IllegalMove, must_be_allowed
from chalicelib.domain.rentals.extension import Extension
from chalicelib.domain.rentals.rental_notice import RentalNotice
from chalicelib.domain.rentals.rental_state import MOVES, NOT_FOUND, STAYED_IN_SLOT, RentalPaymentStatus, RentalState
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rentals.superseded_eject import SupersededEject
from chalicelib.domain.rentals.swap import Swap
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT, RentalPoints


def rental_code(rental_id: str) -> str:
    """The code of the rental that a customer can read out."""
    return f"R-{rental_id[-8:]}"


@dataclass(frozen=True)
class Rental:
    """One power bank rented by one user. `points_paid` and `wallet_paid_paisa` are what the user has paid so far."""

    rental_id: str
    user_id: str
    package: Package
    terms: Terms
    station: RentalStation
    powerbank_sn: str
    battery_percent: int | None
    requested_at: datetime
    eject_by: datetime
    """The eject command is not sent after this time. Later only the sweep decides."""
    state: RentalState = RentalState.STARTING
    started_at: datetime | None = None
    due_at: datetime | None = None
    """When lateness begins. None while the rental is starting, and always for postpaid, which is never late."""
    ended_at: datetime | None = None
    return_station: RentalStation | None = None
    return_reported_at: datetime | None = None
    """The time of the last report that ended the rental. After an outage it is later than `ended_at`."""
    return_in_doubt: bool = False
    """Whether no return frame proves the return that ended the rental."""
    held_points: int = 0
    held_paisa: int = 0
    points_paid: int = 0
    wallet_paid_paisa: int = 0
    late_fee_paisa: int = 0
    due_paisa: int = 0
    """What this rental still owes."""
    paid_up_seq: int = 0
    """The number of the posting that last paid the whole due."""
    extensions: tuple[Extension, ...] = ()
    failure: str | None = None
    cancel_reason: str | None = None
    """The customer's own words."""
    replacement_charge_paisa: int = 0
    """The price of the lost power bank."""
    replacement_wallet_paisa: int = 0
    replacement_points: int = 0
    """How the price of the lost power bank was paid. Zero while it is due."""
    notices: tuple[RentalNotice, ...] = ()
    sweep_at: datetime | None = None
    """When the sweep checks the rental next. None when it waits for nothing."""
    other_powerbank_sn: str | None = None
    """A power bank that may have come out in place of the rented one: the cabinet opened the wrong slot."""
    asked_powerbank_sn: str | None = None
    """The power bank that the cabinet was asked for, once another one proved to have come out in its place."""
    reports: tuple[SlotReport, ...] = ()
    """What the station reported of the slot since the request, by time. Repeated listings may be missing."""
    swap: Swap | None = None
    """The faulty power bank that the customer may swap, or did."""
    superseded_ejects: tuple[SupersededEject, ...] = ()
    """The ejects that failed for certain, and after which another power bank was to come out."""
    earned_points: RentalPoints = field(default_factory=RentalPoints)
    version: int = 0

    def moved_to(self, state: RentalState) -> "Rental":
        """Raises IllegalMove for a move that is not in MOVES."""
        must_be_allowed(MOVES, self.state, state)
        return replace(self, state=state)

    @property
    def open(self) -> bool:
        """Whether the rental is the user's one open rental."""
        return self.state in (RentalState.STARTING, RentalState.ACTIVE)

    @property
    def released(self) -> bool:
        """Whether its hold was released although its power bank may be out. Evidence reopens it."""
        return self.state is RentalState.FAILED or (self.state is RentalState.CANCELLED and self.started_at is None)

    @property
    def out(self) -> bool:
        """Whether its power bank is with the customer, lost or not."""
        return self.state in (RentalState.ACTIVE, RentalState.LOST)

    @property
    def swapping(self) -> bool:
        """Whether its first power bank is back, and the station has not reported that the other one came out."""
        return self.state is RentalState.STARTING and self.swap is not None and not self.swap.open

    @property
    def used_from(self) -> datetime | None:
        """When the time that the customer pays for began: the first eject also after a swap."""
        return self.swap.began_at(self.started_at) if self.swap and self.started_at else self.started_at

    @property
    def may_have_powerbank(self) -> bool:
        """Whether its customer may have a power bank."""
        return self.open or self.out or self.released

    @property
    def not_found(self) -> bool:
        """Whether the cabinet answered that it did not find the power bank: it had not been in its slot before."""
        return self.failure == NOT_FOUND

    @property
    def code(self) -> str:
        """A short code that a customer can read out."""
        return rental_code(self.rental_id)

    def unpaid(self) -> "Rental":
        """The rental without its hold, its payments and its extensions. A swap that waits is undone."""
        undone = self.swap and self.swap.undone()
        return replace(
            self, held_points=0, held_paisa=0, points_paid=0, wallet_paid_paisa=0, extensions=(), swap=undone
        )

    def with_powerbank(self, powerbank_sn: str, slot_number: int) -> "Rental":
        """The rental of the power bank that really came out, from another slot of the station."""
        station = replace(self.station, slot_number=slot_number)
        out = replace(self, powerbank_sn=powerbank_sn, station=station, other_powerbank_sn=None, reports=())
        return replace(out, asked_powerbank_sn=self.powerbank_sn)

    def with_report(self, report: SlotReport) -> "Rental":
        """The rental with one more report of its slot."""
        return replace(self, reports=with_report(self.reports, report))

    @property
    def was_absent(self) -> bool:
        """Whether its station reported the slot without its power bank since the request: it came out."""
        return any(report.kind is ReportKind.ABSENT for report in self.reports)

    def comeback(self, grace: timedelta) -> Comeback | None:
        """How the power bank came back into the slot that it left, if the reports prove it."""
        return comeback(self.reports, self.started_at, grace) if self.started_at is not None else None

    def stays_without_proof(self, grace: timedelta) -> bool:
        """Whether it failed because a report listed its power bank in its slot, and no second one proves that."""
        return self.failure == STAYED_IN_SLOT and comeback(self.reports, self.requested_at, grace) is None

    def due_after(self, started_at: datetime) -> datetime | None:
        """When lateness begins after an eject at `started_at`. None for postpaid."""
        extended_by = sum((extension.length for extension in self.extensions), timedelta())
        began_at = self.swap.began_at(started_at) if self.swap else started_at
        return None if self.package.postpaid else began_at + self.package.length + extended_by

    @property
    def prepaid_paisa(self) -> int:
        """What is paid before the return: the upfront price and the prices of the extensions."""
        return self.package.upfront_paisa + sum(extension.price_paisa for extension in self.extensions)

    def charge_at(self, at: datetime) -> Charge:
        """The price with a return at `at`. Zero while the power bank has not come out."""
        began_at = self.used_from
        if began_at is None:
            return Charge(0)
        total = charge(self.package, self.terms, started_at=began_at, due_at=self.due_at, ended_at=at)
        return replace(total, price_paisa=total.price_paisa + self.prepaid_paisa - self.package.upfront_paisa)

    def returned(self, ended_at: datetime, station: RentalStation, late_fee_paisa: int, plan: Plan) -> "Rental":
        """The power bank is back. `plan` pays what the return adds if it covers all of it. Otherwise all is due."""
        if not self.out:
            raise IllegalMove(f"{self.state} has no bank out")
        owed = self.due_paisa + (0 if plan.sufficient else plan.total_paisa)
        return replace(
            self.moved_to(RentalState.DUE if owed else RentalState.COMPLETED),
            ended_at=ended_at,
            return_station=station,
            late_fee_paisa=late_fee_paisa,
            due_paisa=owed,
            points_paid=self.points_paid + (plan.points_used if plan.sufficient else 0),
            wallet_paid_paisa=self.wallet_paid_paisa + (plan.wallet_paisa if plan.sufficient else 0),
        )

    def return_undone(self) -> "Rental":
        """The power bank is gone again after a doubtful return: the customer has had it all along.

        This is the only move from completed to active.
        """
        if self.state is not RentalState.COMPLETED:
            raise IllegalMove(f"{self.state} has not ended")
        undone = replace(self, return_reported_at=None, return_in_doubt=False)
        return replace(undone, state=RentalState.ACTIVE, ended_at=None, return_station=None)

    def paid_up(self, plan: Plan, seq: int) -> "Rental":
        """Posting `seq` pays the due. A rental whose power bank is out stays active or lost."""
        lost_points = min(plan.points_used, self.replacement_charge_paisa // PAISA_PER_POINT)
        rental = replace(
            self,
            due_paisa=0,
            paid_up_seq=seq,
            replacement_points=lost_points,
            replacement_wallet_paisa=self.replacement_charge_paisa - lost_points * PAISA_PER_POINT,
            points_paid=self.points_paid + plan.points_used,
            wallet_paid_paisa=self.wallet_paid_paisa + plan.wallet_paisa,
        )
        return rental.moved_to(RentalState.COMPLETED) if self.state is RentalState.DUE else rental

    def payment_status(self) -> RentalPaymentStatus:
        """As the API shows it. The hold of a failed or cancelled rental counts as refunded."""
        if self.due_paisa:
            return RentalPaymentStatus.DUE
        if self.state in (RentalState.FAILED, RentalState.CANCELLED):
            return RentalPaymentStatus.REFUNDED
        pending = self.state is RentalState.STARTING or (self.open and self.package.postpaid)
        return RentalPaymentStatus.PENDING if pending else RentalPaymentStatus.PAID

    def overdue(self, now: datetime) -> bool:
        """Whether the power bank is still out after the due time, or came back after it."""
        return self.due_at is not None and (self.ended_at or now) > self.due_at

    @property
    def on_time(self) -> bool:
        """Whether the power bank came back in time or within the grace. A postpaid return is always in time."""
        grace = timedelta(minutes=self.terms.grace_minutes)
        return self.ended_at is not None and (self.due_at is None or self.ended_at <= self.due_at + grace)
