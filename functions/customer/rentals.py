"""Renting: /api/rentals."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.days import Span
from chalicelib.domain.money import money_text
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.edge import pagination
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.formats import Rupees
from chalicelib.edge.models import Money, Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.parsing import body, path_param, query
from chalicelib.edge.responses import Response, accepted, created, ok
from chalicelib.services.rentals import dues, queries, starting
from chalicelib.services.rentals.starting import RentalOrder
from chalicelib.wiring import world
from functions.customer.rental_schema import PaymentStatus, RentalResponse, to_rental_response
from functions.params import FirstDay, Id, LastDay, span_of
from functions.routing import blueprint
from functions.schemas import Breakdown, to_breakdown
from functions.tags import Tag

routes = blueprint(__name__, Tag.RENTALS)
Sn = Annotated[Id, Field(examples=["40000444"])]


class StartRental(RequestModel):
    station_sn: Sn
    package_id: Annotated[Id, Field(examples=["1-hour"])]
    powerbank_sn: Sn | None = None


class PayDue(RequestModel):
    """As asked of calculate-options: what is named must be what is paid."""

    scenario: Literal["post_payment"] | None = None
    rental_id: Id | None = None
    amount: Money | None = None


class HistoryQuery(PageQuery):
    status: (
        Annotated[
            Literal["starting", "active", "failed", "completed", "due"],
            Field(description="Only rentals in this state"),
        ]
        | None
    ) = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


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
def start() -> Response:
    """Rent a power bank; 202 with `starting` when the station has not answered yet."""
    request = body(routes, StartRental)
    order = RentalOrder(request.station_sn, request.package_id, request.powerbank_sn)
    rental = starting.start(world(), authenticate(routes, *order.prefetch_keys()), order)
    response = to_rental_response(rental, world().now())
    return accepted(response) if rental.state is RentalState.STARTING else created(response)


@routes.get("/api/rentals/active", response=RentalResponse | None)
def active() -> Response:
    """The open rental, or null."""
    rental = queries.active(world(), authenticate(routes))
    return ok(to_rental_response(rental, world().now()) if rental else None)


@routes.get("/api/rentals/history", query=HistoryQuery, response=Page[RentalResponse])
def list_rentals() -> Response:
    """All rentals, newest first."""
    request = query(routes, HistoryQuery)
    caller = authenticate(routes)
    span: Span = span_of(request.start_date, request.end_date)

    def matches(rental: Rental) -> bool:
        return request.status in (None, rental.state.value) and span.covers(rental.requested_at)

    position = pagination.decode_cursor(routes, caller.user_id, request)
    before = str(position["before"]) if position else None
    rentals, following = queries.rentals_of(world(), caller, limit=request.limit, before=before, matches=matches)
    following_cursor = (
        pagination.encode_cursor(routes, caller.user_id, request, {"before": following}) if following else None
    )
    now = world().now()
    return ok(Page[RentalResponse].of([to_rental_response(rental, now) for rental in rentals], following_cursor))


@routes.get("/api/rentals/{rental_id}", response=RentalResponse, problems=("not_found",))
def read(rental_id: str) -> Response:
    """One rental of the caller's."""
    caller = authenticate(routes)
    return ok(to_rental_response(queries.read(world(), caller.user_id, path_param(rental_id)), world().now()))


@routes.post(
    "/api/rentals/{rental_id}/pay-due",
    body=PayDue,
    response=DuePaidResponse,
    idempotent=True,
    problems=("not_found", "nothing_due", "insufficient_funds"),
)
def pay_due(rental_id: str) -> Response:
    """Pay what a rental owes, points first."""
    request, rental_id_ = body(routes, PayDue), path_param(rental_id)
    caller = authenticate(routes, *dues.prefetch_keys(str(routes.claims()["sub"]), rental_id_))
    if request.rental_id not in (None, rental_id_):
        raise Problem("invalid_input", errors={"rental_id": ["is not the rental of the path"]})
    payment = dues.pay_due(world(), caller, rental_id_, amount_paisa=request.amount)
    return ok(
        DuePaidResponse(
            amount_paid=money_text(payment.plan.total_paisa),
            breakdown=to_breakdown(payment.plan.points_used, payment.plan.wallet_paisa),
            payment_status=payment.rental.payment_status(),
            rental_status=payment.rental.state,
            account_unblocked=payment.unblocked,
        )
    )
