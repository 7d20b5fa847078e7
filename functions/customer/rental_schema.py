"""The response model of a rental, and how it is filled."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib.domain.money.pricing import PaymentModel
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_failure import rental_text
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT
from chalicelib.domain.text.money import money_text
from chalicelib.edge.formats import Rupees, Time, one_of
from chalicelib.edge.models import ResponseModel
from functions.schemas import Breakdown, PackageResponse, time_or_none, to_breakdown, to_package_response

PaymentStatus = Annotated[str, one_of(("pending", "paid", "due", "refunded"))]


class RentalStationResponse(ResponseModel):
    sn: str
    name: str
    slot_number: int


class RentalPowerbankResponse(ResponseModel):
    sn: str
    battery_level: int | None
    slot_number: int


class RentalPaymentResponse(ResponseModel):
    model: PaymentModel
    total: Rupees
    breakdown: Breakdown


class RentalResponse(ResponseModel):
    id: str
    code: str
    status: RentalState
    payment_status: PaymentStatus
    started_at: Annotated[Time | None, Field(description="When the first power bank came out; null before")]
    due_at: Annotated[Time | None, Field(description="Null before the power bank is out, and for a postpaid package")]
    ended_at: Time | None
    station: RentalStationResponse
    return_station: RentalStationResponse | None
    powerbank: RentalPowerbankResponse
    package: PackageResponse
    payment: RentalPaymentResponse
    amount_paid: Annotated[Rupees, Field(description="From the wallet and from points")]
    late_fee: Annotated[Rupees, Field(description="The late fee of the return; zero before")]
    late_fee_so_far: Annotated[Rupees, Field(description="The late fee if the power bank came back now")]
    due_amount: Rupees
    minutes_used: Annotated[int, Field(description="Whole minutes from `started_at` to the return, or to now")]
    time_remaining_minutes: Annotated[
        int, Field(description="Whole minutes to `due_at`; zero when it is over, and without one")
    ]
    is_overdue: bool
    extensions_count: int
    failure_reason: Annotated[
        str | None, Field(description="Why the rental failed or was cancelled, as a code; new codes may be added")
    ]
    failure_text: Annotated[str | None, Field(description="The same for the customer to read")]


def to_rental_response(rental: Rental, now: datetime, language: str) -> RentalResponse:
    text = rental_text(rental)
    minutes_left = (rental.due_at - now).total_seconds() // 60 if rental.due_at and not rental.ended_at else 0
    points, wallet = rental.points_paid, rental.wallet_paid_paisa
    held = rental.held_points or rental.held_paisa
    return RentalResponse(
        id=rental.rental_id,
        code=rental.code,
        status=rental.state,
        payment_status=rental.payment_status(),
        started_at=time_or_none(rental.used_from),
        due_at=time_or_none(rental.due_at),
        ended_at=time_or_none(rental.ended_at),
        station=_to_station(rental.station),
        return_station=_to_station(rental.return_station) if rental.return_station else None,
        powerbank=RentalPowerbankResponse(
            sn=rental.powerbank_sn,
            battery_level=rental.battery_percent,
            slot_number=rental.station.slot_number,
        ),
        package=to_package_response(rental.package, language),
        payment=RentalPaymentResponse(
            model=rental.package.payment_model,
            total=money_text(_price(rental, now)),
            breakdown=to_breakdown(rental.held_points, rental.held_paisa) if held else to_breakdown(points, wallet),
        ),
        amount_paid=money_text(wallet + points * PAISA_PER_POINT),
        late_fee=money_text(rental.late_fee_paisa),
        late_fee_so_far=money_text(_late_fee_so_far(rental, now)),
        due_amount=money_text(rental.due_paisa),
        minutes_used=minutes_used(rental, now),
        time_remaining_minutes=max(0, int(minutes_left)),
        is_overdue=rental.overdue(now),
        extensions_count=len(rental.extensions),
        failure_reason=rental.failure,
        failure_text=text.render(language) if text else None,
    )


def _late_fee_so_far(rental: Rental, now: datetime) -> int:
    """The late fee of the return in paisa, or of a return at `now` while the power bank is out."""
    return rental.charge_at(now).late_fee_paisa if rental.out else rental.late_fee_paisa


def _price(rental: Rental, now: datetime) -> int:
    """The price with its extensions. For a postpaid rental: its final price, or its price if it ended now."""
    package = rental.package
    return rental.charge_at(rental.ended_at or now).price_paisa if package.postpaid else rental.prepaid_paisa


def _to_station(station: RentalStation) -> RentalStationResponse:
    return RentalStationResponse(sn=station.sn, name=station.name, slot_number=station.slot_number)
