"""The residents of the test city: what they asked for, took, and have in their hands."""

from dataclasses import dataclass, field

from chalicelib.domain.rentals.rental import Rental
from infra.local.seeds.demo_stations import DemoStation


@dataclass(frozen=True)
class Trip:
    """A power bank came out of this slot for a rental."""

    rental_id: str
    station: DemoStation
    slot_number: int


@dataclass
class Resident:
    """A customer, what the customer asked for and took, and the power bank in the customer's hand."""

    user_id: str
    rentals: list[Rental] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)
    missed: set[str] = field(default_factory=set)
    """Rentals whose power bank another resident had just taken from the wrong slot."""
    waits_at: DemoStation | None = None
    holds: str | None = None

    def took_unasked(self, powerbank_sn: str) -> bool:
        """Whether the resident has this power bank, which came out of the wrong slot."""
        return self.holds == powerbank_sn and self.rentals[-1].powerbank_sn != powerbank_sn
