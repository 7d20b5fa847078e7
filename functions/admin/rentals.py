"""Rentals, for operators: /api/admin/rentals."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.rentals.rental_state import RentalPaymentStatus, RentalState
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import AsInteger, Boolean
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import force_completion, rental_lists
from chalicelib.services.rentals.rental_lists import RentalRecord, RentalsFilter
from chalicelib.wiring import world
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FirstDay, FreeText, Id, LastDay, RentalId, span_of
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_RENTALS)
PATH = "/api/admin/rentals"
MAX_MINUTES_AGO = 60 * 24 * 30


class RentalsQuery(AnyPageQuery):
    status: Annotated[
        Literal["starting", "active", "completed", "due", "lost", "failed", "cancelled"] | None,
        CaseInsensitive,
        Field(description="Only rentals in this state"),
    ] = None
    overdue: Annotated[Boolean | None, Field(description="Only rentals out past their due time")] = None
    user_id: Annotated[Id | None, Field(description="Only rentals of this user")] = None
    station: Annotated[Id | None, Field(description="Only rentals from the station with this serial number")] = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def to_filter(self) -> RentalsFilter:
        status = RentalState(self.status) if self.status else None
        span = span_of(self.start_date, self.end_date)
        return RentalsFilter(span, status, self.overdue, self.user_id, self.station)


class ForceComplete(RequestModel):
    reason: FreeText
    returned_minutes_ago: Annotated[
        int,
        Field(strict=True, ge=0, le=MAX_MINUTES_AGO, description="When the power bank came back. The price follows"),
        AsInteger,
    ] = 0


class AdminRental(ResponseModel):
    id: str
    rental_code: str
    status: Annotated[str, one_of_upper_case(RentalState)]
    payment_status: Annotated[str, one_of_upper_case(RentalPaymentStatus)]
    user_id: str
    username: Annotated[str | None, Field(description="Null once the account is deleted")]
    user_phone: str | None
    station_id: str
    station_name: str
    station_serial: str
    return_station_id: str | None
    return_station_name: str | None
    powerbank_serial: str
    package_name: str
    package_duration: Annotated[int, Field(description="Minutes")]
    started_at: Time | None
    ended_at: Time | None
    due_at: Time | None
    amount_paid: Rupees
    overdue_amount: Annotated[Rupees, Field(description="The late fee; while the power bank is out, the one so far")]
    due_amount: Rupees
    is_overdue: bool
    is_returned_on_time: bool | None
    created_at: Time


class AdminRentalDetail(AdminRental):
    package_id: str
    package_price: Rupees
    slot_number: int
    return_slot_number: int | None
    extensions_count: int
    return_in_doubt: bool
    failure_reason: str | None
    cancel_reason: str | None
    other_powerbank_serial: str | None
    replacement_charge: Rupees


class AdminRentalsResponse(AnyPage[AdminRental]):
    pass


@routes.get(PATH, permission="admin", query=RentalsQuery, response=AdminRentalsResponse)
def list_rentals(query: RentalsQuery, cursor: Cursor) -> Response:
    """Rentals, the newest first. A page with a filter may hold less than it could, and still have a cursor."""
    page = rental_lists.page_of(world(), query.to_filter(), query.to_page(), before=cursor.text("before"))
    return ok(
        AdminRentalsResponse(
            results=[AdminRental(**_fields(record)) for record in page.items],
            **page_fields(query, cursor, page.listed, before=page.following),
        )
    )


@routes.get(f"{PATH}/{{rental_id}}", permission="admin", response=AdminRentalDetail, problems=("not_found",))
def read_rental(rental_id: RentalId) -> Response:
    """One rental. Its timeline says what happened to it."""
    return ok(to_detail(rental_lists.read(rental_id)))


@routes.post(
    f"{PATH}/{{rental_id}}/force-complete",
    permission="rentals",
    body=ForceComplete,
    response=AdminRentalDetail,
    problems=("not_found", "rental_not_active"),
)
def force_complete(request: ForceComplete, caller: Caller, rental_id: RentalId) -> Response:
    """End a rental whose power bank is back, although no station reports it. It costs what such a return costs.

    The power bank then belongs to no rental: the next report that lists it in a slot puts it into quarantine.
    """
    ago = timedelta(minutes=request.returned_minutes_ago)
    rental = force_completion.force_complete(world(), caller, rental_id, ago, request.reason)
    return ok(to_detail(rental_lists.with_user(rental)))


def to_detail(record: RentalRecord) -> AdminRentalDetail:
    rental = record.rental
    return AdminRentalDetail(
        **_fields(record),
        package_id=rental.package.package_id,
        package_price=money_text(rental.package.price_paisa),
        slot_number=rental.station.slot_number,
        return_slot_number=rental.return_station.slot_number if rental.return_station else None,
        extensions_count=len(rental.extensions),
        return_in_doubt=rental.return_in_doubt,
        failure_reason=rental.failure,
        cancel_reason=rental.cancel_reason,
        other_powerbank_serial=rental.other_powerbank_sn,
        replacement_charge=money_text(rental.replacement_charge_paisa),
    )


def _fields(record: RentalRecord) -> dict[str, Any]:
    """The fields that list and detail share."""
    rental, user, back = record.rental, record.user, record.rental.return_station
    late_fee_paisa = rental.charge_at(world().now()).late_fee_paisa if rental.out else rental.late_fee_paisa
    return {
        "id": rental.rental_id,
        "rental_code": rental.code,
        "status": in_upper_case(rental.state),
        "payment_status": in_upper_case(rental.payment_status()),
        "user_id": rental.user_id,
        "username": user.username if user else None,
        "user_phone": user.phone if user else None,
        "station_id": rental.station.sn,
        "station_name": rental.station.name,
        "station_serial": rental.station.sn,
        "return_station_id": back.sn if back else None,
        "return_station_name": back.name if back else None,
        "powerbank_serial": rental.powerbank_sn,
        "package_name": rental.package.name,
        "package_duration": rental.package.minutes,
        "started_at": time_or_none(rental.used_from),
        "ended_at": time_or_none(rental.ended_at),
        "due_at": time_or_none(rental.due_at),
        "amount_paid": money_text(rental.wallet_paid_paisa + rental.points_paid * PAISA_PER_POINT),
        "overdue_amount": money_text(late_fee_paisa),
        "due_amount": money_text(rental.due_paisa),
        "is_overdue": rental.overdue(world().now()),
        "is_returned_on_time": rental.on_time if rental.ended_at else None,
        "created_at": time_text(rental.requested_at),
    }
