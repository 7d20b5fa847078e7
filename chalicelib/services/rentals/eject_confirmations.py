"""Records that a power bank is out of its slot, as its cabinet answers or as a snapshot shows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinets import eject_answer
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.device_time import clamp
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot_reports import ReportKind, SlotReport, hint_at_return
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import NOT_FOUND, NOT_SENT, RentalState
from chalicelib.domain.rentals.sighting import Sighting, SightingSource
from chalicelib.services import stranded_money
from chalicelib.services.rentals import aggregate, second_ejects, snapshot_requests
from chalicelib.tables import powerbanks, rentals, stations
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class OutOfSlotReport:
    """A report of station `sn` that a power bank is out of its slot at `at`.

    `answered` is True for the answer to the eject, False for a snapshot without the power bank.
    """

    sn: str
    at: datetime
    answered: bool

    def may_be_about(self, rental: Rental) -> bool:
        """Whether the rental was requested before this report, and its cabinet got the command and did not answer
        that it found no power bank."""
        in_time = self.at + CLOCK_GRAIN > rental.requested_at
        return in_time and (self.answered or rental.failure not in (NOT_FOUND, NOT_SENT))


def confirm(world: World, powerbank: Powerbank, report: OutOfSlotReport) -> bool:
    """Record that the power bank came out. False when the cabinet's row was not written.

    The report belongs to the newest rental that was requested before it. A failed rental reopens. The rental ends at
    once if the reports of its slot prove that the power bank is back. After an answer, this transaction also empties
    the slot in the cabinet's row. After a snapshot, the caller saves the slots.
    """

    def decide(ops: Transaction) -> _Confirmation:
        for owner in _possible_owners(powerbank, report):
            sn = report.sn if report.answered else None
            before = second_ejects.load_came_out(owner, powerbank.powerbank_sn, sn, answered=report.answered)
            if before is not None and report.may_be_about(before.rental):
                return _confirm(ops, world, before, report)
        return _Confirmation()

    confirmation = atomic(world, decide)
    rental = confirmation.rental
    if rental is not None:
        aggregate.free_station(world, rental)
        log.fact(
            "rental_out", rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn, status=rental.state.value
        )
        if confirmation.stranded_paisa:
            stranded_money.report(rental.user_id, confirmation.stranded_paisa, rental_id=rental.rental_id)
        hint = hint_at_return(rental.reports, rental.started_at, grace(world))
        if rental.state is RentalState.ACTIVE and hint:
            snapshot_requests.request(world, rental.station, rental.rental_id)
    return confirmation.cabinet_saved


def confirm_absence_before(world: World, rental: Rental) -> None:
    """Record that the station did not have the power bank, which it does not find, when a list did not have it.

    That list had started this rental. It says that the return before, if that is in doubt, was wrong.
    """
    rental_key = rentals.rental_key(rental.user_id, rental.rental_id)
    bank_key = powerbanks.powerbank_key(rental.powerbank_sn)
    rows = fetch(rental_key, bank_key)
    current, powerbank = rows[rental_key], rows[bank_key]
    reports = current.reports if current is not None else ()
    absent_at = max((report.at for report in reports if report.kind is ReportKind.ABSENT), default=None)
    if powerbank is not None and powerbank.doubted_owner is not None and absent_at is not None:
        confirm(world, powerbank, OutOfSlotReport(rental.station.sn, absent_at, answered=False))


def _possible_owners(powerbank: Powerbank, report: OutOfSlotReport) -> list[tuple[str, str]]:
    """User ids and rental ids of the rentals that the report may be about, the likeliest first.

    A station that owes the answer to the eject of a returned rental speaks of that one, unless it ejected for a newer
    one since.
    """
    owners = [powerbank.owner, powerbank.last_owner, powerbank.doubted_owner]
    if powerbank.doubted_answer_due_from == report.sn and powerbank.answer_due_from != report.sn:
        owners.insert(0, powerbank.doubted_owner)
    return [owner for owner in owners if owner is not None]


@dataclass(frozen=True)
class _Confirmation:
    """The rental whose power bank is out, if that is new, and whether the cabinet's row was written with it."""

    rental: Rental | None = None
    cabinet_saved: bool = False
    stranded_paisa: int = 0
    """What the end of the rental gave back to the wallet of a deleted account."""


def _confirm(ops: Transaction, world: World, before: RentalAggregate, report: OutOfSlotReport) -> _Confirmation:
    rental, now, at = before.rental, world.now(), report.at
    gone_again = not report.answered and before.can_be_gone_again(report.sn, at)
    if rental.station.sn != report.sn and not gone_again:
        if report.answered:
            report_foreign(rental, report.sn)
        return _Confirmation()
    if not report.answered and rental.station.sn == report.sn:
        before = before.with_report(SlotReport(at, ReportKind.ABSENT, at))
    out = _newly_out(ops, world, before, at, has_new_report=before.rental != rental, gone_again=gone_again)
    if out is None:
        if report.answered:
            _save_answer(ops, before.powerbank, at, report.sn, rental.rental_id)
        elif rental.return_in_doubt and before.rental != rental and not gone_again:
            # If its return to another station proves wrong, the report still says that the power bank was out.
            rentals.save(ops, before.rental)
        return _Confirmation()
    if out.cabinet is not None:
        out = replace(out, cabinet=out.cabinet.without_powerbank(rental.powerbank_sn, at))
    if report.answered and out.has_powerbank:
        out = replace(out, powerbank=eject_answer.eject_answered(out.powerbank, at))
    out = _returned_elsewhere(before, out.came_back(grace(world), now), at, now)
    if out.is_second_open and out.rental.state is not rental.state:
        _report_second(out)
    second_ejects.stage_other(ops, world, before)
    aggregate.save(ops, world, rental, out)
    return _Confirmation(out.rental, out.cabinet is not None, out.stranded_paisa)


def _returned_elsewhere(
    before: RentalAggregate, out: RentalAggregate, out_at: datetime, now: datetime
) -> RentalAggregate:
    """The rental ends where its power bank came into another slot after `out_at`. Otherwise nothing changes.

    The eject counted as failed then, so that no rental explained the power bank. `before` knows where it came.
    """
    powerbank, left = before.powerbank, before.rental.station
    place = (powerbank.station_sn, powerbank.slot_number)
    came_since = powerbank.unrented_in_slot and powerbank.moved_at > out_at
    if not out.rental.out or not came_since or place == (left.sn, left.slot_number):
        return out
    station = fetch_one(stations.station_key(powerbank.station_sn or ""))
    if station is None:
        return out
    at, slot_number = powerbank.moved_at, powerbank.slot_number or 0
    sighting = Sighting.of_stored_slot(powerbank, slot_number, station, at, SightingSource.SNAPSHOT)
    return replace(out.returned(replace(sighting, earliest_at=at), now, certain=False), cabinet=out.cabinet)


def _newly_out(
    ops: Transaction, world: World, before: RentalAggregate, at: datetime, *, has_new_report: bool, gone_again: bool
) -> RentalAggregate | None:
    """The aggregate with the power bank out. None when a report of `at` says nothing new about the rental.

    `gone_again`: a doubtful return had put the power bank into this station before `at`.
    """
    rental = before.rental
    out_at = clamp(at, not_before=rental.requested_at, not_after=world.now())
    if rental.state is RentalState.STARTING or rental.released:
        return mark_ejected(world, before, at)
    if rental.state is RentalState.ACTIVE and rental.started_at is not None and out_at < rental.started_at:
        return before.redated(out_at)
    if rental.out and has_new_report:
        return before
    return _give_back(ops, before, at) if gone_again else None


def grace(world: World) -> timedelta:
    """How long a cabinet may list a power bank that it ejected."""
    return timedelta(seconds=world.settings().eject_grace_seconds)


def report_foreign(rental: Rental, sn: str) -> None:
    log.alarm(Alarm.EJECT_ANSWER_FOREIGN, sn=sn, rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn)


def _give_back(ops: Transaction, before: RentalAggregate, at: datetime) -> RentalAggregate | None:
    """The rental, active again after its doubtful return proved wrong. None, with an alarm, when an operator has to
    decide."""
    rental, powerbank = before.rental, before.powerbank
    if before.can_undo_return:
        ops.after_commit(lambda: log.fact("rental_return_undone", rental_id=rental.rental_id))
        if before.account.deleted:
            _report_deleted(before)
        return before.return_undone(at)
    log.alarm(Alarm.RENTAL_NOT_REOPENED, rental_id=rental.rental_id, powerbank_sn=powerbank.powerbank_sn)
    powerbanks.save_powerbank(ops, powerbank.vanished(at))
    return None


def answered_late(world: World, powerbank_sn: str, at: datetime, cabinet_sn: str) -> None:
    """Record that a cabinet answered at `at` that the power bank came out, after its rental had ended."""

    def decide(ops: Transaction) -> None:
        powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
        if powerbank is not None:
            _save_answer(ops, powerbank, at, cabinet_sn)

    atomic(world, decide)


def _save_answer(
    ops: Transaction, powerbank: Powerbank, at: datetime, cabinet_sn: str, rental_id: str | None = None
) -> None:
    after = eject_answer.answered_late(powerbank, cabinet_sn, at, rental_id)
    if after != powerbank:
        powerbanks.save_powerbank(ops, after)


def mark_ejected(world: World, before: RentalAggregate, at: datetime) -> RentalAggregate:
    """The aggregate after the power bank came out. A released rental becomes active again, even while its
    customer has another rental open."""
    failed = before.rental.released
    out = before.ejected(at, world.now())
    if failed:
        log.fact("rental_reopened", rental_id=out.rental.rental_id)
    if failed and out.account.deleted:
        _report_deleted(out)
    return out


def _report_second(out: RentalAggregate) -> None:
    """Raise an alarm: the customer of a rental that is open again has another one open."""
    ids = {"rental_id": out.rental.rental_id, "powerbank_sn": out.powerbank.powerbank_sn}
    log.alarm(Alarm.TWO_POWERBANKS_OUT, user_id=out.account.user_id, **ids)


def _report_deleted(out: RentalAggregate) -> None:
    ids = {"rental_id": out.rental.rental_id, "powerbank_sn": out.powerbank.powerbank_sn}
    log.alarm(Alarm.RENTAL_OF_DELETED_ACCOUNT, **ids)
