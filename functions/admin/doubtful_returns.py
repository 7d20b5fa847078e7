"""Returns whose time is uncertain, for operators: /api/admin/rentals/doubtful-returns."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalPaymentStatus, RentalState
from chalicelib.domain.rentals.return_time_doubt import ReturnDoubt
from chalicelib.domain.text.money import money_text
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Rupees, Time
from chalicelib.edge.models import ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.rentals import return_doubts
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_RENTALS)


class DoubtfulReturn(ResponseModel):
    id: str
    rental_code: str
    user_id: str
    status: Annotated[str, one_of_upper_case(RentalState)]
    payment_status: Annotated[str, one_of_upper_case(RentalPaymentStatus)]
    powerbank_serial: str
    station_name: str
    station_serial: str
    return_station_name: str
    return_station_serial: str
    started_at: Time | None
    due_at: Time | None
    ended_at: Time
    reported_at: Time
    doubt_minutes: Annotated[int, Field(description="Minutes between `ended_at` and `reported_at`")]
    overdue_amount: Rupees


class DoubtfulReturnsResponse(ResponseModel):
    returns: list[DoubtfulReturn]
    pagination: PageNumbers


@routes.get(
    "/api/admin/rentals/doubtful-returns",
    permission="admin",
    query=NumberedPageQuery,
    response=DoubtfulReturnsResponse,
)
def list_doubtful_returns(query: NumberedPageQuery) -> Response:
    """Returns that a cabinet reported more than an hour after they may have happened, newest first."""
    doubts, total = return_doubts.list_doubts(query.to_page())
    returns = [_to_doubtful_return(doubt, rental) for doubt, rental in doubts]
    return ok(DoubtfulReturnsResponse(returns=returns, pagination=PageNumbers.of(query, total)))


def _to_doubtful_return(doubt: ReturnDoubt, rental: Rental) -> DoubtfulReturn:
    back = rental.return_station or rental.station
    return DoubtfulReturn(
        id=rental.rental_id,
        rental_code=rental.code,
        user_id=rental.user_id,
        status=in_upper_case(rental.state),
        payment_status=in_upper_case(rental.payment_status()),
        powerbank_serial=rental.powerbank_sn,
        station_name=rental.station.name,
        station_serial=rental.station.sn,
        return_station_name=back.name,
        return_station_serial=back.sn,
        started_at=time_or_none(rental.started_at),
        due_at=time_or_none(rental.due_at),
        ended_at=time_text(doubt.ended_at),
        reported_at=time_text(doubt.reported_at),
        doubt_minutes=doubt.minutes,
        overdue_amount=money_text(rental.late_fee_paisa),
    )
