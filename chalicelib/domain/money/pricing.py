"""The price of a rental: packages, terms and fees."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.text.money import PAISA_PER_RUPEE
from chalicelib.domain.text.texts import NEPALI


class PaymentModel(StrEnum):
    """When a package is paid."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


@dataclass(frozen=True)
class Package:
    """A length of time and its price. A rental stores its own copy."""

    package_id: str
    name: str
    minutes: int
    price_paisa: int
    payment_model: PaymentModel = PaymentModel.PREPAID
    description: str = ""
    active: bool = True
    display_order: int = 0
    name_ne: str | None = None
    description_ne: str | None = None
    version: int = 0

    def name_in(self, language: str) -> str:
        return (self.name_ne or self.name) if language == NEPALI else self.name

    def description_in(self, language: str) -> str:
        return (self.description_ne or self.description) if language == NEPALI else self.description

    @property
    def postpaid(self) -> bool:
        return self.payment_model is PaymentModel.POSTPAID

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @property
    def upfront_paisa(self) -> int:
        """Paisa that are held when the rental starts, and paid when the power bank is out."""
        return 0 if self.postpaid else self.price_paisa


@dataclass(frozen=True)
class Terms:
    """Fees, and the times that they depend on. A rental stores the terms under which it started."""

    grace_minutes: int
    factor: int
    cap_paisa_per_day: int
    free_return_minutes: int = 0
    cancel_minutes: int = 5
    reminder_minutes: int = 15
    lost_after_hours: int = 24
    replacement_paisa: int = 500_000
    """The price of a power bank that is lost."""
    swap_minutes: int = 5

    @classmethod
    def of(cls, settings: Settings) -> "Terms":
        return cls(
            settings.late_grace_minutes,
            settings.late_fee_factor,
            settings.late_fee_cap_paisa_per_day,
            settings.free_return_minutes,
            settings.cancel_minutes,
            settings.reminder_minutes,
            settings.lost_after_hours,
            settings.replacement_rupees * PAISA_PER_RUPEE,
            settings.swap_minutes,
        )


@dataclass(frozen=True)
class Charge:
    """The total of a rental: its price and its late fee."""

    price_paisa: int
    late_fee_paisa: int = 0

    @property
    def total_paisa(self) -> int:
        return self.price_paisa + self.late_fee_paisa


def charge(
    package: Package, terms: Terms, *, started_at: datetime, due_at: datetime | None, ended_at: datetime
) -> Charge:
    """The total of a rental. A rental without a due time is never late."""
    if package.postpaid:
        return Charge(used_paisa(package, terms, ended_at - started_at))
    late = late_fee_paisa(package, terms, due_at, ended_at) if due_at is not None else 0
    return Charge(package.price_paisa, late)


def used_paisa(package: Package, terms: Terms, used: timedelta) -> int:
    """The package's price for each started length of time. Nothing within the free return."""
    if used <= timedelta(minutes=terms.free_return_minutes):
        return 0
    return max(1, -(-used // package.length)) * package.price_paisa


def late_fee_paisa(package: Package, terms: Terms, due_at: datetime, ended_at: datetime) -> int:
    """The late fee: `factor` times the package's price per minute, for each whole minute since the due time.

    Nothing within the grace. It is capped for each started day, and rounded down to whole rupees.
    """
    late = ended_at - due_at
    if late <= timedelta(minutes=terms.grace_minutes):
        return 0
    minutes = late // timedelta(minutes=1)
    fee = minutes * terms.factor * package.price_paisa // package.minutes
    days_started = -(-late // timedelta(days=1))
    return min(fee, terms.cap_paisa_per_day * days_started) // PAISA_PER_RUPEE * PAISA_PER_RUPEE
