"""Returns whose power bank no cabinet could read, for operators: /api/admin/rentals/unreadable-returns."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.domain.rentals.unreadable_return import UnreadableReturn, UnreadableReturnState
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.rentals import unreadable_returns
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import Id, ReturnId
from functions.routing import blueprint
from functions.schemas import time_or_none
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_RENTALS)


class UnreadableReturnsQuery(NumberedPageQuery):
    status: Annotated[Literal["open", "assigned"], CaseInsensitive, Field(description="The state of the returns")] = (
        "open"
    )


class AdminUnreadableReturn(ResponseModel):
    id: str
    status: Annotated[str, one_of_upper_case(UnreadableReturnState)]
    station_serial: str
    slot_number: int
    reported_at: Time
    possible_serials: Annotated[
        list[str], Field(description="The power banks that were out from this station at the report")
    ]
    powerbank_serial: str | None
    assigned_by: str | None
    assigned_at: Time | None


class UnreadableReturnsResponse(ResponseModel):
    returns: list[AdminUnreadableReturn]
    pagination: PageNumbers


class AssignReturn(RequestModel):
    powerbank_serial: Id


@routes.get(
    "/api/admin/rentals/unreadable-returns",
    permission="admin",
    query=UnreadableReturnsQuery,
    response=UnreadableReturnsResponse,
)
def list_unreadable_returns(query: UnreadableReturnsQuery) -> Response:
    """Power banks that a station took in without reading their numbers, newest first."""
    matching, total = unreadable_returns.list_in_state(UnreadableReturnState(query.status), query.to_page())
    returns = [to_unreadable_return(unreadable) for unreadable in matching]
    return ok(UnreadableReturnsResponse(returns=returns, pagination=PageNumbers.of(query, total)))


@routes.post(
    "/api/admin/rentals/unreadable-returns/{return_id}/assign",
    permission="rentals",
    body=AssignReturn,
    response=AdminUnreadableReturn,
    problems=("not_found", "return_already_assigned"),
)
def assign(request: AssignReturn, caller: Caller, return_id: ReturnId) -> Response:
    """Say which power bank it is. Its rental ends at the time of the station's report."""
    return ok(to_unreadable_return(unreadable_returns.assign(world(), caller, return_id, request.powerbank_serial)))


def to_unreadable_return(unreadable: UnreadableReturn) -> AdminUnreadableReturn:
    return AdminUnreadableReturn(
        id=unreadable.return_id,
        status=in_upper_case(unreadable.state),
        station_serial=unreadable.station_sn,
        slot_number=unreadable.slot_number,
        reported_at=time_text(unreadable.reported_at),
        possible_serials=list(unreadable.possible_sns),
        powerbank_serial=unreadable.powerbank_sn,
        assigned_by=unreadable.assigned_by,
        assigned_at=time_or_none(unreadable.assigned_at),
    )
