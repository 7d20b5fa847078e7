"""The swap of a faulty power bank: the customer returns it soon, and gets another on the same rental."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Swap:
    """What a rental stores of a power bank that its customer reported as faulty soon after the eject.

    `requested_at`, `powerbank_sn` and `first_out_at` are those of the reported power bank.
    """

    reported_at: datetime
    requested_at: datetime
    powerbank_sn: str
    first_out_at: datetime
    returned_at: datetime | None = None
    """When the reported power bank came back and another was chosen. None before."""
    paid_back: bool = False
    """Whether the other power bank did not come out, so that the payment went back."""

    @property
    def open(self) -> bool:
        """Whether the reported power bank has not been swapped. A rental is swapped once."""
        return self.returned_at is None

    def began_at(self, started_at: datetime) -> datetime:
        """When the time that the customer pays for began, if the present power bank came out at `started_at`."""
        return started_at if self.open or self.paid_back else self.first_out_at

    def undone(self) -> "Swap":
        """The other power bank did not come out."""
        return self if self.open else replace(self, paid_back=True)
