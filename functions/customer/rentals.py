"""Renting: /api/rentals."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.text.money import money_text
from chalicelib.edge.formats import Rupees
from chalicelib.edge.models import Money, Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, accepted, created, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import dues, queries, starting
from chalicelib.services.rentals.dues import DuePayment
from chalicelib.services.rentals.starting import RentalOrder
from chalicelib.wiring import world
from functions.customer.rental_schema import PaymentStatus, RentalResponse, to_rental_response
from functions.params import FirstDay, Id, LastDay, RentalId, span_of
from functions.routing import blueprint
from functions.schemas import Breakdown, to_breakdown
from functions.tags import Tag

routes = blueprint(__name__, Tag.RENTALS)
Sn = Annotated[Id, Field(examples=["40000444"])]


class StartRental(RequestModel):
    station_sn: Sn
    package_id: Annotated[Id, Field(examples=["1-hour"])]
    powerbank_sn: Sn | None = None

    def to_order(self) -> RentalOrder:
        return RentalOrder(self.station_sn, self.package_id, self.powerbank_sn)

    def prefetch_keys(self) -> tuple[Any, ...]:
        return self.to_order().prefetch_keys()


class PayDue(RequestModel):
    """The fields of calculate-options. A field that is given must match the due."""

    scenario: Literal["post_payment"] | None = None
    rental_id: Id | None = None
    amount: Money | None = None


class HistoryQuery(PageQuery):
    status: (
        Annotated[
            Literal["starting", "active", "failed", "completed", "due", "cancelled", "lost"],
            Field(description="Only rentals in this state"),
        ]
        | None
    ) = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def matches(self, rental: Rental) -> bool:
        span = span_of(self.start_date, self.end_date)
        return self.status in (None, rental.state.value) and span.covers(rental.requested_at)


class DuePaidResponse(ResponseModel):
    amount_paid: Rupees
    breakdown: Breakdown
    payment_status: PaymentStatus
    rental_status: RentalState
    account_unblocked: bool


@routes.post(
    "/api/rentals/start",
    body=StartRental,
    response=RentalResponse,
    status=(201, 202),
    prefetch=StartRental.prefetch_keys,
    idempotent=True,
    problems=(
        "not_found",
        "package_unavailable",
        "profile_incomplete",
        "kyc_required",
        "due_unpaid",
        "rental_open",
        "insufficient_funds",
        "station_offline",
        "station_in_maintenance",
        "station_busy",
        "no_powerbank_available",
        "eject_failed",
        "cabinet_unavailable",
    ),
)
def start(request: StartRental, caller: Caller, language: str) -> Response:
    """Rent a power bank. 202 with status `starting` while the station has not answered."""
    rental = starting.start(world(), caller, request.to_order())
    response = to_rental_response(rental, world().now(), language)
    return accepted(response) if rental.state is RentalState.STARTING else created(response)


@routes.get("/api/rentals/active", response=RentalResponse | None)
def active(caller: Caller, language: str) -> Response:
    """The user's open rental, or null."""
    rental = queries.active(caller)
    return ok(to_rental_response(rental, world().now(), language) if rental else None)


@routes.get("/api/rentals/history", query=HistoryQuery, response=Page[RentalResponse])
def list_rentals(query: HistoryQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """The user's rentals, newest first."""
    before, now = cursor.text("before"), world().now()
    rentals, following = queries.rentals_of(caller, limit=query.limit, before=before, matches=query.matches)
    results = [to_rental_response(rental, now, language) for rental in rentals]
    return ok(Page[RentalResponse].of(results, cursor.following(before=following)))


@routes.get("/api/rentals/{rental_id}", response=RentalResponse, problems=("not_found",))
def read(caller: Caller, rental_id: RentalId, language: str) -> Response:
    """One rental of the user."""
    return ok(to_rental_response(queries.read(caller.user_id, rental_id), world().now(), language))


@routes.post(
    "/api/rentals/{rental_id}/pay-due",
    body=PayDue,
    response=DuePaidResponse,
    prefetch=dues.prefetch_keys,
    idempotent=True,
    problems=("not_found", "nothing_due", "insufficient_funds"),
)
def pay_due(request: PayDue, caller: Caller, rental_id: RentalId) -> Response:
    """Pay the due of a rental, from points first."""
    if request.rental_id not in (None, rental_id):
        raise Problem("invalid_input", errors={"rental_id": [validation_message("rental_of_another_path")]})
    payment = dues.pay_due(world(), caller, rental_id, amount_paisa=request.amount)
    return ok(to_due_paid_response(payment))


def to_due_paid_response(payment: DuePayment) -> DuePaidResponse:
    return DuePaidResponse(
        amount_paid=money_text(payment.plan.total_paisa),
        breakdown=to_breakdown(payment.plan.points_used, payment.plan.wallet_paisa),
        payment_status=payment.rental.payment_status(),
        rental_status=payment.rental.state,
        account_unblocked=payment.unblocked,
    )
