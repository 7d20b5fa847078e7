"""How an extension changes a rental."""

from dataclasses import replace

from chalicelib.domain.money.payment_plan import Plan
from chalicelib.domain.problems.illegal_move import IllegalMove
from chalicelib.domain.rentals.extension import Extension
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState


def extended(rental: Rental, extension: Extension, plan: Plan) -> Rental:
    """The rental with a later due time. `plan` pays the whole price of the extension."""
    if rental.state is not RentalState.ACTIVE or rental.due_at is None:
        raise IllegalMove(f"{rental.state} can't be extended")
    return replace(
        rental,
        extensions=(*rental.extensions, extension),
        due_at=rental.due_at + extension.length,
        points_paid=rental.points_paid + plan.points_used,
        wallet_paid_paisa=rental.wallet_paid_paisa + plan.wallet_paisa,
    )
