"""A rental with its account, power bank and cabinet, and how an eject, its failure and a return change them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.device_time import clamp
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot_reports import ReportKind, SlotReport
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.ledger import Posting, PostingKind
from chalicelib.domain.money.payment_plan import split
from chalicelib.domain.money.reversal_due import collect_reversal_due
from chalicelib.domain.rentals import rental_eject, rental_payment
from chalicelib.domain.rentals.eject_fate import EjectFate
from chalicelib.domain.rentals.lost_rental import found
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import cancellable_return, without_points
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rentals.sighting import Sighting, SightingSource
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT


@dataclass(frozen=True)
class RentalAggregate:
    """What one decision about a rental reads and writes. `postings` are those that the moves below made."""

    rental: Rental
    account: Account
    powerbank: Powerbank
    cabinet: Cabinet | None = None
    """The cabinet that reported the fact, or None where its row is not written with the rental."""
    postings: tuple[Posting, ...] = ()

    @property
    def is_second_open(self) -> bool:
        """Whether the rental is open again although its customer has another one open."""
        return self.rental.rental_id in self.account.reopened_rental_ids

    def ejected(self, at: datetime, now: datetime) -> "RentalAggregate":
        """The power bank came out at `at`.

        A starting rental settles its hold. A failed one reopens, and its upfront price is charged again.
        """
        rental = self.rental
        out_at = clamp(at, not_before=rental.requested_at, not_after=now)
        if rental.state is RentalState.STARTING:
            out = rental_eject.ejected(rental, out_at)
            account, posted = rental_payment.settle(self.account, rental, now)
        else:
            upfront_paisa = rental.package.upfront_paisa
            plan = split(upfront_paisa, points=self.account.points, wallet_paisa=self.account.wallet_paisa)
            out = rental_eject.reopened(rental, out_at, plan)
            account, posted = rental_payment.charge_again(self.account, out, plan, now)
        powerbank = self.powerbank
        if self.has_powerbank and powerbank.custody is not Custody.RENTED:
            powerbank = powerbank.ejected(rental.rental_id, rental.user_id, out_at)
        return replace(
            self,
            rental=out,
            account=account.rented(rental.rental_id, out_at),
            powerbank=powerbank,
            postings=(*self.postings, *posted),
        )

    def redated(self, at: datetime) -> "RentalAggregate":
        """The power bank of an active rental came out at `at`, earlier than reported before."""
        account = self.account
        if account.last_rental_at == self.rental.started_at:
            account = replace(account, last_rental_at=at)
        return replace(self, rental=rental_eject.redated(self.rental, at), account=account, cabinet=None)

    @property
    def stranded_paisa(self) -> int:
        """What the moves below gave back to the wallet of a deleted account, with points at their price."""
        moved = (("wallet", 1), ("points", PAISA_PER_POINT))
        paisa = sum(posting.change_of(leg) * price for posting in self.postings for leg, price in moved)
        return max(0, paisa) if self.account.deleted else 0

    @property
    def has_powerbank(self) -> bool:
        """False when another rental has reserved or rented the power bank since."""
        return self.powerbank.rental_id in (None, self.rental.rental_id)

    def can_be_gone_again(self, sn: str, at: datetime) -> bool:
        """Whether a doubtful return put the power bank into station `sn` before `at`."""
        doubted = self.powerbank.doubted_rental_id == self.rental.rental_id
        since = self.rental.return_reported_at or self.powerbank.moved_at
        return doubted and self.powerbank.station_sn == sn and at > since

    @property
    def can_undo_return(self) -> bool:
        """Whether the rental may go on after a doubtful return. A return that cost something stays for a person."""
        rental = self.rental
        ended_at = rental.ended_at if rental.state is RentalState.COMPLETED else None
        return ended_at is not None and rental.charge_at(ended_at).total_paisa == rental.prepaid_paisa

    def return_undone(self, at: datetime) -> "RentalAggregate":
        """The power bank, whose return was doubtful, is gone at `at`: the rental goes on.

        Another rental may have reserved it since, at the station that spoke of the return.
        """
        rental = self.rental
        out = self.powerbank.ejected(rental.rental_id, rental.user_id, at)
        powerbank = replace(out, answer_due_from=self.powerbank.doubted_answer_due_from)
        account = self.account.return_undone(rental.rental_id, cancellable_return(rental), rental.ended_at or at)
        return replace(self, rental=rental.return_undone(), account=account, powerbank=powerbank)

    def with_report(self, report: SlotReport) -> "RentalAggregate":
        """The rental keeps one more report of its slot."""
        return replace(self, rental=self.rental.with_report(report))

    def came_back(self, grace: timedelta, now: datetime) -> "RentalAggregate":
        """The rental ends if the reports of its slot prove that the power bank is back. Otherwise nothing changes.

        A power bank that another rental has by now came back no later than that rental's request. While another power
        bank may have come out in its place, only a return frame ends the rental, unless its own one came out as well.
        """
        rental, comeback = self.rental, self.rental.comeback(grace)
        in_its_place = rental.other_powerbank_sn is not None and not rental.was_absent
        if comeback is not None and (comeback.certain or not in_its_place):
            return self.returned(Sighting.reported(self.rental, comeback.report), now, certain=comeback.certain)
        if not self.has_powerbank and self.rental.started_at is not None:
            report = SlotReport(self.rental.started_at, ReportKind.RETURN, self.rental.started_at)
            return self.returned(Sighting.reported(self.rental, report), now, certain=True)
        return self

    def eject_failed(self, reason: str, now: datetime, fate: EjectFate) -> "RentalAggregate":
        """The hold is released. After a swap, what was paid goes back."""
        rental = self.rental
        entry = ledger_entries.release(paisa=rental.held_paisa, points=rental.held_points)
        if rental.swapping:
            entry = ledger_entries.charge_undone(
                PostingKind.CHARGE, paisa=rental.wallet_paid_paisa, points=rental.points_paid, due_paisa=0
            )
        account, posted = ledger.post_if_any(self.account, entry, rental.rental_id, now)
        failed, account, taken = without_points(rental_eject.eject_failed(rental, reason), account, now)
        account, collected = collect_reversal_due(account, now)
        return replace(
            self,
            rental=failed,
            account=account.closed(rental.rental_id),
            powerbank=fate.applied_to(self.powerbank, rental.rental_id, now),
            postings=(*self.postings, *posted, *taken, *collected),
        )

    @property
    def is_unanswered(self) -> bool:
        """Whether only a snapshot without the power bank, and no answer of the cabinet, says that it is out."""
        rental, powerbank = self.rental, self.powerbank
        has_it = powerbank.rental_id == rental.rental_id and rental.out
        return has_it and powerbank.answer_due_from == rental.station.sn

    @property
    def was_never_seen_out(self) -> bool:
        """Whether its own station only listed the power bank in its slot, and another station's list started it."""
        return self.is_unanswered and all(report.kind is ReportKind.SNAPSHOT for report in self.rental.reports)

    def never_out(self, failure: str, now: datetime, last_rental_at: datetime | None) -> "RentalAggregate":
        """The power bank of an active or lost rental did not come out, so that the customer owes and pays nothing.

        `last_rental_at` is the start of the customer's rental before this one. The caller chooses the next due.
        """
        rental, account, early = self.rental, self.account, list[Posting]()
        paid_as_due = rental.paid_up_seq and not (rental.replacement_wallet_paisa or rental.replacement_points)
        payment = PostingKind.PAY_DUE if paid_as_due else PostingKind.CHARGE
        if rental.state is RentalState.LOST:
            rental, account, early = found(rental, account, now)
        entry = ledger_entries.charge_undone(
            payment, paisa=rental.wallet_paid_paisa, points=rental.points_paid, due_paisa=rental.due_paisa
        )
        account, posted = ledger.post_if_any(account, entry, rental.rental_id, now)
        failed, account, taken = without_points(rental_eject.never_out(rental, failure), account, now)
        account, collected = collect_reversal_due(account, now)
        place = replace(self.powerbank, station_sn=rental.station.sn, slot_number=rental.station.slot_number)
        return replace(
            self,
            rental=failed,
            account=replace(account.found(rental.rental_id), last_rental_at=last_rental_at),
            powerbank=place.not_found(now),
            postings=(*self.postings, *early, *posted, *taken, *collected),
        )

    def returned(self, sighting: Sighting, now: datetime, *, certain: bool) -> "RentalAggregate":
        """The power bank is back: what the return adds to the price is collected whole, or is due whole.

        Without a return frame the return is not `certain`: the power bank may be gone again without an eject.
        """
        started_at = self.rental.started_at or self.rental.requested_at
        ended_at = clamp(sighting.since(self.cabinet, started_at), not_before=started_at, not_after=now)
        reported_at = clamp(sighting.at, not_before=ended_at, not_after=now)
        in_doubt = self.has_powerbank and not certain
        ended = self.ended(ended_at, sighting.place, now, reported_at)
        cabinet, powerbank = None, self.powerbank
        if self.has_powerbank:
            powerbank = sighting.placed(powerbank)
            if in_doubt:
                powerbank = powerbank.with_doubted_return(self.rental.rental_id, self.rental.user_id)
        if self.cabinet and self.has_powerbank and sighting.source is not SightingSource.SNAPSHOT:
            cabinet = self.cabinet.with_slot(sighting.slot, sighting.at)
        rental = replace(ended.rental, return_in_doubt=in_doubt)
        return replace(ended, rental=rental, powerbank=powerbank, cabinet=cabinet)

    def ended(
        self, ended_at: datetime, place: RentalStation, now: datetime, reported_at: datetime
    ) -> "RentalAggregate":
        """The rental after a return at `ended_at`, reported at `reported_at`, with what that adds to the price."""
        rental, paying, early = self.rental, self.account, list[Posting]()
        if rental.state is RentalState.LOST:
            rental, paying, early = found(rental, paying, now)
        charge = rental.charge_at(ended_at)
        plan = rental_payment.plan_of_return(paying, rental, charge)
        ended = rental.returned(ended_at, place, charge.late_fee_paisa, plan)
        ended = replace(ended, return_reported_at=reported_at)
        account, posted = rental_payment.collect(paying, ended, plan, now)
        return replace(
            self,
            rental=ended,
            account=account.returned(rental.rental_id, cancellable_return(ended), ended_at),
            postings=(*self.postings, *early, *posted),
        )
