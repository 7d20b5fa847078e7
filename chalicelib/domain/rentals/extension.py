"""An extension of a rental: more time, for the price of a package."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.money.pricing import Package


@dataclass(frozen=True)
class Extension:
    """A rental stores its own copy: later changes of the package do not touch it."""

    package_id: str
    minutes: int
    price_paisa: int
    at: datetime

    @classmethod
    def of(cls, package: Package, at: datetime) -> "Extension":
        return cls(package.package_id, package.minutes, package.price_paisa, at)

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)
