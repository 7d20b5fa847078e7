"""A rental's life: from the order to the bank's return, its times and what it owes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.payment import IllegalMove
from chalicelib.domain.pricing import LateTerms, Package, Plan, late_fee_paisa


class RentalState(StrEnum):
    """Overdue is the clock, paid is the ledger: neither is a state."""

    STARTING = "starting"
    ACTIVE = "active"
    FAILED = "failed"
    COMPLETED = "completed"
    DUE = "due"


# failed -> active is evidence heard after the release: the bank is out after all.
MOVES: Mapping[RentalState, frozenset[RentalState]] = {
    RentalState.STARTING: frozenset({RentalState.ACTIVE, RentalState.FAILED}),
    RentalState.ACTIVE: frozenset({RentalState.COMPLETED, RentalState.DUE}),
    RentalState.FAILED: frozenset({RentalState.ACTIVE}),
    RentalState.DUE: frozenset({RentalState.COMPLETED}),
    RentalState.COMPLETED: frozenset(),
}


@dataclass(frozen=True)
class Place:
    """Where a bank was taken or brought back."""

    sn: str
    name: str
    imei: str
    slot_number: int


@dataclass(frozen=True)
class Rental:
    """One bank lent to one user. `_paisa` sums are what was asked; what was paid is in `points_paid` and so on."""

    rental_id: str
    user_id: str
    package: Package
    terms: LateTerms
    station: Place
    powerbank_sn: str
    battery_percent: int | None
    asked_at: datetime
    eject_by: datetime
    """The eject is not published after this: from then on only the sweep decides."""
    state: RentalState = RentalState.STARTING
    started_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    return_station: Place | None = None
    held_points: int = 0
    held_paisa: int = 0
    points_paid: int = 0
    wallet_paid_paisa: int = 0
    late_fee_paisa: int = 0
    due_paisa: int = 0
    """What this rental still owes."""
    failure: str | None = None
    sweep_at: datetime | None = None
    """When the sweep looks at it next; None once nothing is waited for."""
    version: int = 0

    def _move(self, state: RentalState) -> "Rental":
        if state not in MOVES[self.state]:
            raise IllegalMove(f"{self.state} -> {state}")
        return replace(self, state=state)

    @property
    def open(self) -> bool:
        """Whether it counts as the user's one open rental."""
        return self.state in (RentalState.STARTING, RentalState.ACTIVE)

    @property
    def code(self) -> str:
        """What a customer reads out on the telephone."""
        return f"R-{self.rental_id[-8:]}"

    def ejected(self, at: datetime) -> "Rental":
        """The bank came out at `at`, and what was held is paid."""
        return replace(
            self._move(RentalState.ACTIVE),
            started_at=at,
            due_at=at + timedelta(minutes=self.package.minutes),
            points_paid=self.held_points,
            wallet_paid_paisa=self.held_paisa,
            held_points=0,
            held_paisa=0,
            sweep_at=None,
        )

    def stayed(self, reason: str) -> "Rental":
        """The bank did not come out, or nothing tells that it did: the hold is released."""
        return replace(self._move(RentalState.FAILED), failure=reason, held_points=0, held_paisa=0, sweep_at=None)

    def reopened(self, at: datetime, plan: Plan) -> "Rental":
        """Evidence after the release: out since `at`, paid by `plan` if it covers all, else the price is due."""
        paid = plan.sufficient
        return replace(
            self._move(RentalState.ACTIVE),
            started_at=at,
            due_at=at + timedelta(minutes=self.package.minutes),
            points_paid=plan.points_used if paid else 0,
            wallet_paid_paisa=plan.wallet_paisa if paid else 0,
            due_paisa=0 if paid else plan.total_paisa,
            failure=None,
            sweep_at=None,
        )

    def owes_for_lateness(self, ended_at: datetime) -> int:
        """The late fee for a return at `ended_at`, in paisa."""
        return late_fee_paisa(self.package, self.terms, self.due_at, ended_at) if self.due_at else 0

    def returned(self, ended_at: datetime, place: Place, fee_paisa: int, plan: Plan) -> "Rental":
        """The bank is back. The late fee is paid by `plan` if it covers all of it, else all of it is owed."""
        if self.state is not RentalState.ACTIVE:
            raise IllegalMove(f"{self.state} has no bank out")
        owed = self.due_paisa + (0 if plan.sufficient else fee_paisa)
        return replace(
            self._move(RentalState.DUE if owed else RentalState.COMPLETED),
            ended_at=ended_at,
            return_station=place,
            late_fee_paisa=fee_paisa,
            due_paisa=owed,
            points_paid=self.points_paid + (plan.points_used if plan.sufficient else 0),
            wallet_paid_paisa=self.wallet_paid_paisa + (plan.wallet_paisa if plan.sufficient else 0),
        )

    def paid_up(self, plan: Plan) -> "Rental":
        """What was owed is paid. An active one stays active: only its price was owed."""
        paid = replace(
            self,
            due_paisa=0,
            points_paid=self.points_paid + plan.points_used,
            wallet_paid_paisa=self.wallet_paid_paisa + plan.wallet_paisa,
        )
        return paid._move(RentalState.COMPLETED) if self.state is RentalState.DUE else paid

    def payment_status(self) -> str:
        """Derived, as told to people: `pending`, `paid`, `due` or `refunded`."""
        if self.due_paisa:
            return "due"
        return {RentalState.STARTING: "pending", RentalState.FAILED: "refunded"}.get(self.state, "paid")

    def overdue(self, now: datetime) -> bool:
        """Late by the clock: still out past its due time, or came back after it."""
        return self.due_at is not None and (self.ended_at or now) > self.due_at

    @property
    def on_time(self) -> bool:
        """Whether it came back in time, the grace of its terms included: nobody is called late who owes nothing."""
        grace = timedelta(minutes=self.terms.grace_minutes)
        return self.ended_at is not None and self.due_at is not None and self.ended_at <= self.due_at + grace

    def minutes_used(self, now: datetime) -> int:
        """Whole minutes since the bank came out, to its return or to `now`."""
        if self.started_at is None:
            return 0
        return max((self.ended_at or now) - self.started_at, timedelta()) // timedelta(minutes=1)


def clamp(at: datetime, *, not_before: datetime, not_after: datetime) -> datetime:
    """A device's time as far as it can be believed."""
    return max(not_before, min(at, not_after))
