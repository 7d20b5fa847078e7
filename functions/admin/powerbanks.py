"""Power banks, for operators: /api/admin/powerbanks."""

from typing import Annotated, Literal, NewType

from pydantic import Field

from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_service import PowerbankStatus
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import AsInteger
from chalicelib.services.cabinets import powerbank_admin
from chalicelib.services.caller import Caller
from chalicelib.wiring import world
from functions.admin.paging import AnyPage, AnyPageQuery, page_fields
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_POWERBANKS)
PATH = "/api/admin/powerbanks"
PowerbankSn = NewType("PowerbankSn", str)
MAX_CAPACITY_MAH = 100_000


class PowerbanksQuery(AnyPageQuery):
    service: Annotated[
        Literal["in_service", "unregistered", "maintenance"] | None,
        CaseInsensitive,
        Field(description="Only power banks in service, not registered yet, or set aside"),
    ] = None


class RegisterPowerbank(RequestModel):
    serial_number: Annotated[str, Field(pattern="^[0-9]{8,9}$", examples=["40818052"])]
    model: Annotated[str | None, Field(min_length=1, max_length=60, examples=["B2"])] = None
    capacity_mah: Annotated[int | None, Field(strict=True, ge=1, le=MAX_CAPACITY_MAH), AsInteger] = None


class ChangePowerbank(RequestModel):
    status: Annotated[
        Literal["available", "maintenance"],
        CaseInsensitive,
        Field(description="`available` also ends a quarantine, and clears reports of faults and of a second place"),
    ]


class AdminPowerbank(ResponseModel):
    serial_number: str
    model: str
    capacity_mah: int | None
    status: Annotated[str, one_of_upper_case(PowerbankStatus)]
    battery_level: int | None
    rental_count: Annotated[int, Field(description="Rentals that ended with its return")]
    current_station: str | None
    current_slot: int | None
    current_rental: str | None
    fault_reports: int
    last_updated: Time


class PowerbanksResponse(AnyPage[AdminPowerbank]):
    pass


@routes.get(PATH, permission="admin", query=PowerbanksQuery, response=PowerbanksResponse)
def list_powerbanks(query: PowerbanksQuery, cursor: Cursor) -> Response:
    """All power banks by serial number."""
    service = Service(query.service) if query.service else None
    page = powerbank_admin.page_of(service, query.to_page(), after=cursor.text("after"))
    return ok(
        PowerbanksResponse(
            results=[to_powerbank(powerbank) for powerbank in page.powerbanks],
            **page_fields(query, cursor, page.listed, after=page.following),
        )
    )


@routes.get(f"{PATH}/{{powerbank_sn}}", permission="admin", response=AdminPowerbank, problems=("not_found",))
def read_powerbank(powerbank_sn: PowerbankSn) -> Response:
    """One power bank."""
    return ok(to_powerbank(powerbank_admin.read(powerbank_sn)))


@routes.post(
    PATH,
    body=RegisterPowerbank,
    permission="powerbanks",
    response=AdminPowerbank,
    status=201,
    problems=("powerbank_registered",),
)
def register_powerbank(request: RegisterPowerbank, caller: Caller) -> Response:
    """Register a power bank. One that a station holds can be rented from now on."""
    powerbank = powerbank_admin.register(
        world(), caller, request.serial_number, request.model or "", request.capacity_mah
    )
    return created(to_powerbank(powerbank))


@routes.patch(
    f"{PATH}/{{powerbank_sn}}",
    body=ChangePowerbank,
    permission="powerbanks",
    response=AdminPowerbank,
    problems=("not_found", "powerbank_unregistered"),
)
def change_powerbank(request: ChangePowerbank, caller: Caller, powerbank_sn: PowerbankSn) -> Response:
    """Set a power bank aside, or take it back into service. A rental that has it goes on."""
    service = Service.IN_SERVICE if request.status == "available" else Service.MAINTENANCE
    return ok(to_powerbank(powerbank_admin.change_service(world(), caller, powerbank_sn, service)))


def to_powerbank(powerbank: Powerbank) -> AdminPowerbank:
    return AdminPowerbank(
        serial_number=powerbank.powerbank_sn,
        model=powerbank.model,
        capacity_mah=powerbank.capacity_mah,
        status=in_upper_case(powerbank_admin.shown_status(world(), powerbank)),
        battery_level=powerbank.battery_percent,
        rental_count=powerbank.returns_count,
        current_station=powerbank.station_sn,
        current_slot=powerbank.slot_number,
        current_rental=powerbank.rental_id,
        fault_reports=powerbank.faults_count,
        last_updated=time_text(powerbank.moved_at),
    )
