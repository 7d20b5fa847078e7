"""A rental for tests of the domain."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.money.pricing import Package, Terms
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_station import RentalStation

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PLACE = RentalStation("40000444", "Labim", "864601069946994", 2)
RENTAL = Rental(
    "01M83FTTQ80000000000000008",
    "user",
    Package("1-hour", "1 Hour", 60, 2_000),
    Terms.of(Settings()),
    PLACE,
    "40818052",
    90,
    NOW,
    NOW + timedelta(seconds=10),
    held_points=50,
    held_paisa=1_500,
)
"""A prepaid rental whose eject is not answered. 15 rupees and 50 points are held."""
