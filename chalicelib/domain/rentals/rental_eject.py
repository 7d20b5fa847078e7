"""How the eject of a power bank and its failure change a rental."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.money.payment_plan import Plan
from chalicelib.domain.problems.illegal_move import IllegalMove
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState


def ejected(rental: Rental, at: datetime) -> Rental:
    """The power bank came out at `at`, and the hold is paid."""
    return replace(
        rental.moved_to(RentalState.ACTIVE),
        started_at=at,
        due_at=rental.due_after(at),
        points_paid=rental.points_paid + rental.held_points,
        wallet_paid_paisa=rental.wallet_paid_paisa + rental.held_paisa,
        held_points=0,
        held_paisa=0,
        sweep_at=None,
    )


def eject_failed(rental: Rental, reason: str) -> Rental:
    """The power bank did not come out, or its place is unknown. The hold is released, and a payment goes back."""
    return replace(rental.moved_to(RentalState.FAILED), failure=reason, sweep_at=None).unpaid()


def never_out(rental: Rental, failure: str) -> Rental:
    """The power bank of an active or lost rental did not come out. All that the customer paid goes back."""
    failed = replace(rental.moved_to(RentalState.FAILED), failure=failure, started_at=None, due_at=None)
    return replace(failed.unpaid(), due_paisa=0)


def reopened(rental: Rental, at: datetime, plan: Plan) -> Rental:
    """After the release a cabinet reports that the power bank came out at `at`.

    `plan` pays the upfront price if it covers the whole price. Otherwise the whole price is due.
    """
    paid = plan.sufficient
    return replace(
        rental.moved_to(RentalState.ACTIVE),
        started_at=at,
        due_at=rental.due_after(at),
        points_paid=rental.points_paid + (plan.points_used if paid else 0),
        wallet_paid_paisa=rental.wallet_paid_paisa + (plan.wallet_paisa if paid else 0),
        due_paisa=0 if paid else plan.total_paisa,
        failure=None,
        sweep_at=None,
    )


def redated(rental: Rental, at: datetime) -> Rental:
    """The power bank of an active rental came out at `at`, which is earlier than reported before."""
    if rental.state is not RentalState.ACTIVE:
        raise IllegalMove(f"{rental.state} has no bank out")
    return replace(rental, started_at=at, due_at=rental.due_after(at))
