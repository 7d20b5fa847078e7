"""How a rental is told."""

from datetime import datetime
from typing import Annotated

from chalicelib.domain.point_rules import PAISA_PER_POINT
from chalicelib.domain.pricing import PaymentModel
from chalicelib.domain.rental import Place, Rental, RentalState
from chalicelib.edge.formats import Rupees, Time, one_of
from chalicelib.edge.models import Told
from chalicelib.edge.responses import money_text
from functions.schemas import Breakdown, PackageView, breakdown, package_view, time_text

PaymentStatus = Annotated[str, one_of(("pending", "paid", "due", "refunded"))]


class StationOfRental(Told):
    sn: str
    name: str
    slot_number: int


class PowerbankOfRental(Told):
    sn: str
    battery_level: int | None
    slot_number: int


class PaymentOfRental(Told):
    model: PaymentModel
    total: Rupees
    breakdown: Breakdown


class RentalView(Told):
    id: str
    code: str
    status: RentalState
    payment_status: PaymentStatus
    started_at: Time | None
    due_at: Time | None
    ended_at: Time | None
    station: StationOfRental
    return_station: StationOfRental | None
    powerbank: PowerbankOfRental
    package: PackageView
    payment: PaymentOfRental
    amount_paid: Rupees
    late_fee: Rupees
    due_amount: Rupees
    minutes_used: int
    time_remaining_minutes: int
    is_overdue: bool
    extensions_count: int
    failure_reason: str | None


def rental_view(rental: Rental, now: datetime) -> RentalView:
    left = (rental.due_at - now).total_seconds() // 60 if rental.due_at and not rental.ended_at else 0
    points, wallet = rental.points_paid, rental.wallet_paid_paisa
    held = rental.held_points or rental.held_paisa
    return RentalView(
        id=rental.rental_id,
        code=rental.code,
        status=rental.state,
        payment_status=rental.payment_status(),
        started_at=time_text(rental.started_at),
        due_at=time_text(rental.due_at),
        ended_at=time_text(rental.ended_at),
        station=_place(rental.station),
        return_station=_place(rental.return_station) if rental.return_station else None,
        powerbank=PowerbankOfRental(
            sn=rental.powerbank_sn,
            battery_level=rental.battery_percent,
            slot_number=rental.station.slot_number,
        ),
        package=package_view(rental.package),
        payment=PaymentOfRental(
            model=rental.package.payment_model,
            total=money_text(_price(rental, now)),
            breakdown=breakdown(rental.held_points, rental.held_paisa) if held else breakdown(points, wallet),
        ),
        amount_paid=money_text(wallet + points * PAISA_PER_POINT),
        late_fee=money_text(rental.late_fee_paisa),
        due_amount=money_text(rental.due_paisa),
        minutes_used=rental.minutes_used(now),
        time_remaining_minutes=max(0, int(left)),
        is_overdue=rental.overdue(now),
        extensions_count=0,
        failure_reason=rental.failure,
    )


def _price(rental: Rental, now: datetime) -> int:
    """Of a postpaid one: what it came to, or would if it came back now."""
    package = rental.package
    return rental.comes_to(rental.ended_at or now).price_paisa if package.postpaid else package.price_paisa


def _place(place: Place) -> StationOfRental:
    return StationOfRental(sn=place.sn, name=place.name, slot_number=place.slot_number)
