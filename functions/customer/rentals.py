"""Renting: /api/rentals."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.days import Span
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.edge import pagination
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Rupees
from chalicelib.edge.models import Asked, Listed, Money, PageAsked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, accepted, created, money_text, ok
from chalicelib.services.rentals import dues, queries, starting
from chalicelib.services.rentals.starting import Order
from chalicelib.wiring import world
from functions.customer.rental_schema import PaymentStatus, RentalView, rental_view
from functions.params import FirstDay, Id, LastDay, span_of
from functions.routing import doors
from functions.schemas import Breakdown, breakdown
from functions.tags import Tag

routes = doors(__name__, Tag.RENTALS)
Sn = Annotated[Id, Field(examples=["40000444"])]


class StartRental(Asked):
    station_sn: Sn
    package_id: Annotated[Id, Field(examples=["1-hour"])]
    powerbank_sn: Sn | None = None


class PayDue(Asked):
    """As asked of calculate-options: what is named must be what is paid."""

    scenario: Literal["post_payment"] | None = None
    rental_id: Id | None = None
    amount: Money | None = None


class HistoryAsked(PageAsked):
    status: (
        Annotated[
            Literal["starting", "active", "failed", "completed", "due"],
            Field(description="Only rentals in this state"),
        ]
        | None
    ) = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None


class DuePaid(Told):
    amount_paid: Rupees
    breakdown: Breakdown
    payment_status: PaymentStatus
    rental_status: RentalState
    account_unblocked: bool


@routes.post(
    "/api/rentals/start",
    asks=StartRental,
    answer=RentalView,
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
def start() -> Answer:
    """Rent a power bank; 202 with `starting` when the station has not answered yet."""
    asked = body(routes, StartRental)
    order = Order(asked.station_sn, asked.package_id, asked.powerbank_sn)
    rental = starting.start(world(), caller(routes, *order.reads()), order)
    view = rental_view(rental, world().now())
    return accepted(view) if rental.state is RentalState.STARTING else created(view)


@routes.get("/api/rentals/active", answer=RentalView | None)
def active() -> Answer:
    """The open rental, or null."""
    rental = queries.active(world(), caller(routes))
    return ok(rental_view(rental, world().now()) if rental else None)


@routes.get("/api/rentals/history", query=HistoryAsked, answer=Listed[RentalView])
def list_rentals() -> Answer:
    """All rentals, newest first."""
    asked = query(routes, HistoryAsked)
    who = caller(routes)
    span: Span = span_of(asked.start_date, asked.end_date)

    def wanted(rental: Rental) -> bool:
        return asked.status in (None, rental.state.value) and span.covers(rental.asked_at)

    position = pagination.opened(routes, who.user_id, asked)
    before = str(position["before"]) if position else None
    found, following = queries.rentals_of(world(), who, limit=asked.limit, before=before, wanted=wanted)
    following_cursor = pagination.sealed(routes, who.user_id, asked, {"before": following}) if following else None
    now = world().now()
    return ok(Listed[RentalView].of([rental_view(rental, now) for rental in found], following_cursor))


@routes.get("/api/rentals/{rental_id}", answer=RentalView, problems=("not_found",))
def read(rental_id: str) -> Answer:
    """One rental of the caller's."""
    who = caller(routes)
    return ok(rental_view(queries.read(world(), who.user_id, path_text(rental_id)), world().now()))


@routes.post(
    "/api/rentals/{rental_id}/pay-due",
    asks=PayDue,
    answer=DuePaid,
    idempotent=True,
    problems=("not_found", "nothing_due", "insufficient_funds"),
)
def pay_due(rental_id: str) -> Answer:
    """Pay what a rental owes, points first."""
    asked, named = body(routes, PayDue), path_text(rental_id)
    who = caller(routes, *dues.keys_of(str(routes.claims()["sub"]), named))
    if asked.rental_id not in (None, named):
        raise Problem("invalid_input", errors={"rental_id": ["is not the rental of the path"]})
    paid = dues.pay_due(world(), who, named, amount_paisa=asked.amount)
    return ok(
        DuePaid(
            amount_paid=money_text(paid.plan.total_paisa),
            breakdown=breakdown(paid.plan.points_used, paid.plan.wallet_paisa),
            payment_status=paid.rental.payment_status(),
            rental_status=paid.rental.state,
            account_unblocked=paid.unblocked,
        )
    )
