"""The audit of one account's rentals: what they cost, what is due, where their power banks are, and their counts."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain.money.ledger import PostingKind
from chalicelib.domain.operations.audit import MAX_OPEN_AGE, Violation
from chalicelib.domain.payments.refund_totals import RefundAmount
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import loss_at
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rewards.point_rules import completed_award_id, late_return_id, on_time_award_id, taken_back_id
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.services.audit.ledger import ReferenceSums


def rental_violations(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Every rule about rentals that does not hold."""
    sums = _sums_by_rental(case)
    for rental in case.rentals:
        yield from _rental(case, rental, sums.get(rental.rental_id, []), now)
    yield from (Violation("bank_gone", powerbank_sn) for powerbank_sn in sorted(case.lost_powerbanks))
    account = case.account
    if case.part.holds(account.due_rental_id or ""):
        owed = sum(part.moved("due") for part in sums.get(account.due_rental_id or "", []))
        if account.due_rental_paisa != owed:
            yield Violation("due_of_rental_differs", account.user_id, f"{account.due_rental_paisa} {owed}")
    if account.deleted and any(not _reopened(case, rental.rental_id) for rental in case.rentals if rental.open):
        yield Violation("deleted_account_has_open_rental", account.user_id)
    if case.part.is_first:
        yield from _open_rental(case)
        yield from _counts(case, now)


def _sums_by_rental(case: AccountCase) -> dict[str, list[ReferenceSums]]:
    """The sums of the postings that name each rental, and of those that name a refund of its payments."""
    refs = {rental.rental_id: [rental.rental_id] for rental in case.rentals}
    for refund_id, rental_id in case.rental_of_refund.items():
        refs.setdefault(rental_id, []).append(refund_id)
    return {rental_id: [case.ledger.of(ref) for ref in named] for rental_id, named in refs.items()}


def _rental(case: AccountCase, rental: Rental, sums: list[ReferenceSums], now: datetime) -> Iterator[Violation]:
    charged, owed = sum(part.cost_paisa for part in sums), sum(part.moved("due") for part in sums)
    if charged != _price(rental) - rental.due_paisa:
        yield Violation("rental_charged_wrong", rental.rental_id, f"{charged}")
    if owed != rental.due_paisa:
        yield Violation("rental_due_differs", rental.rental_id, f"{owed}")
    ended_at = rental.ended_at if rental.state is not RentalState.CANCELLED else None
    if ended_at and rental.late_fee_paisa != rental.charge_at(ended_at).late_fee_paisa:
        yield Violation("late_fee_wrong", rental.rental_id)
    if RefundAmount(rental.wallet_paid_paisa, rental.points_paid) != _paid(sums):
        yield Violation("rental_paid_differs", rental.rental_id)
    if RefundAmount(rental.held_paisa, rental.held_points) != _held(sums):
        yield Violation("rental_hold_differs", rental.rental_id)
    if rental.started_at is not None and rental.due_at != rental.due_after(rental.started_at):
        yield Violation("due_time_differs", rental.rental_id)
    lost_at = loss_at(rental)
    if lost_at is not None and now - lost_at > MAX_OPEN_AGE:
        yield Violation("overdue_rental_not_lost", rental.rental_id)
    if rental.state is RentalState.STARTING and now - rental.requested_at > MAX_OPEN_AGE:
        yield Violation("eject_left_open", rental.rental_id)
    yield from _swap(rental)
    if rental.earned_points.total != _points(case, rental):
        yield Violation("rental_points_differ", rental.rental_id, f"{rental.earned_points.total}")
    if rental.open:
        powerbank = case.powerbanks.get(rental.powerbank_sn)
        if powerbank is None or powerbank.owner != (rental.user_id, rental.rental_id):
            yield Violation("open_rental_without_its_bank", rental.rental_id, rental.powerbank_sn)


def _swap(rental: Rental) -> Iterator[Violation]:
    """A power bank is swapped only soon after it came out."""
    swap = rental.swap
    if swap is None or swap.returned_at is None:
        return
    if not timedelta() <= swap.returned_at - swap.first_out_at <= timedelta(minutes=rental.terms.swap_minutes):
        yield Violation("swapped_out_of_time", rental.rental_id)


def _price(rental: Rental) -> int:
    """The total of a rental, computed from its own fields."""
    if rental.state is RentalState.CANCELLED:
        return 0
    if rental.ended_at is not None:
        return rental.charge_at(rental.ended_at).total_paisa
    return rental.prepaid_paisa + rental.replacement_charge_paisa if rental.out or rental.swapping else 0


def _points(case: AccountCase, rental: Rental) -> int:
    """What the postings say that the rental earned."""
    names = (completed_award_id, on_time_award_id, late_return_id, taken_back_id)
    refs = [name(rental.rental_id) for name in names]
    return sum(case.ledger.of(ref).moved("points", PostingKind.POINTS) for ref in refs)


def _paid(sums: list[ReferenceSums]) -> RefundAmount:
    """What the user paid, from the wallet or from a hold, less what was given back."""
    return RefundAmount(
        -sum(part.moved("wallet") + part.moved("held") for part in sums),
        -sum(part.moved("points") + part.moved("held_points") for part in sums),
    )


def _held(sums: list[ReferenceSums]) -> RefundAmount:
    """What is held for the rental."""
    return RefundAmount(sum(part.moved("held") for part in sums), sum(part.moved("held_points") for part in sums))


def _open_rental(case: AccountCase) -> Iterator[Violation]:
    account, open_ids, lost_ids = case.account, case.sums.open_rental_ids, case.sums.lost_rental_ids
    named_ids = [*([account.open_rental_id] if account.open_rental_id else []), *account.reopened_rental_ids]
    if sorted(open_ids) != sorted(named_ids) or (named_ids and account.open_rental_id is None):
        yield Violation("open_rental_differs", account.user_id)
    if sorted(lost_ids) != sorted(account.lost_rental_ids):
        yield Violation("lost_rentals_differ", account.user_id)


def _reopened(case: AccountCase, rental_id: str) -> bool:
    """Whether late evidence may have opened the rental after a deletion: it had been given up before, or has a power
    bank whose eject was refused."""
    return case.ledger.of(rental_id).kinds[PostingKind.RELEASE] > 0 or rental_id in case.sums.refused_ids


def _counts(case: AccountCase, now: datetime) -> Iterator[Violation]:
    """Compares the counts of the account with its rentals."""
    sums = case.sums
    counted: dict[str, int | datetime | None] = {
        "rentals_count": sums.ended_count,
        "on_time_count": sums.on_time_count,
        "late_count": sums.ended_count - sums.on_time_count,
        "last_rental_at": sums.last_out_at,
    }
    for name, value in counted.items():
        stored = getattr(case.account, name)
        if stored != value:
            yield Violation("usage_differs", case.account.user_id, f"{name} {stored} {value}")
    kept = Counter(one for one in case.account.cancellable_returns if one.until > now)
    if kept != Counter(one for one in sums.cancellable_returns.elements() if one.until > now):
        yield Violation("usage_differs", case.account.user_id, f"cancellable_returns {kept.total()}")
