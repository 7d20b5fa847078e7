"""Simulates a busy day of a large network: cabinets send false reports, messages are lost, and customers rent."""

from datetime import datetime, timedelta

from chalicelib.services.cabinets import liveness
from chalicelib.services.rentals import due_times, ejects
from chalicelib.services.stations import listing_refresh
from infra.local.seeds.demo_stations import DemoStation
from infra.local.seeds.seed import add_station
from tests.scenarios.city import SETTLING, City
from tests.world import builders
from tests.world.fake_world import FakeWorld
from tests.world.network import Network

STEP = timedelta(seconds=15)
SLOW_SWEEP = timedelta(minutes=5)
SLOTS, POWERBANKS = 8, 5
LOST, REPEATED, LATE = 0.01, 0.02, 0.05
LATE_SECONDS = (2, 10, 40, 300, 1300)


def stations_of(count: int) -> list[DemoStation]:
    """Stations with eight slots and five power banks each."""
    return [
        DemoStation(
            f"41{number:06d}",
            f"86460107{number:07d}",
            f"Station {number}",
            f"Ward {number}, Kathmandu",
            "By the gate",
            27.6 + number % 10 / 50,
            85.2 + number // 10 / 50,
            SLOTS,
            {slot: (str(50_000_000 + number * 10 + slot), 60 + slot * 5) for slot in range(1, POWERBANKS + 1)},
        )
        for number in range(count)
    ]


class BusyDay(City):
    """A city whose clock goes from event to event. `faults` counts what went wrong, by kind."""

    lie_chance, return_chance = 0.0015, 0.006
    rent_chance = 0.0028

    def __init__(self, fake_world: FakeWorld, network: Network, seed: int, *, stations: int, users: int) -> None:
        fleet = stations_of(stations)
        for station in fleet:
            add_station(network.world, station)
        listing_refresh.refresh(network.world)
        self.messages_count = 0
        self._slow_sweep = fake_world.clock.now()
        self.seed = seed
        super().__init__(fake_world, network, seed, stations=fleet, user_ids=_customers(network, users))

    @property
    def rentals_count(self) -> int:
        return sum(len(resident.rentals) for resident in self.residents)

    @property
    def trips_count(self) -> int:
        """How many power banks came out."""
        return sum(len(resident.trips) for resident in self.residents)

    def live(self, hours: float) -> None:
        until, self.lying = self.clock.now() + timedelta(hours=hours), True
        while self.clock.now() < until:
            self._change_lies()
            for resident in self.residents:
                self._act(resident)
            self._go_to(self.clock.now() + STEP)
        self.lying = False
        self.cabinets.behave_well()
        self._note("all cabinets behave well")
        until = self.clock.now() + SETTLING
        while self.clock.now() < until:
            self._go_to(self.clock.now() + STEP)

    def _go_to(self, end: datetime) -> None:
        """Move the clock to that time, and stop at each event before it."""
        while (event_at := self._next_event_at()) is not None and event_at <= end:
            self._pass(max(0.0, (event_at - self.clock.now()).total_seconds()))
        self._pass((end - self.clock.now()).total_seconds())

    def _next_event_at(self) -> datetime | None:
        arrivals = (at for at, _ in self.under_way)
        return min((at for at in (self.cabinets.next_at(), *arrivals) if at is not None), default=None)

    def _sweep(self) -> None:
        ejects.sweep(self.network.world)
        if self.clock.now() - self._slow_sweep >= SLOW_SWEEP:
            self._slow_sweep = self.clock.now()
            liveness.watch(self.network.world)
            due_times.sweep(self.network.world)

    def _delays(self) -> list[timedelta]:
        self.messages_count += 1
        chance = self.chance.random()
        if not self.lying or chance >= LOST + REPEATED + LATE:
            return [timedelta()]
        late = timedelta(seconds=self.chance.choice(LATE_SECONDS))
        if chance < LOST:
            self.faults["message lost"] += 1
            return []
        if chance < LOST + REPEATED:
            self.faults["message repeated"] += 1
            return [timedelta(), late]
        self.faults["message late"] += 1
        return [late]


def _customers(network: Network, count: int) -> list[str]:
    """Customers who are signed in and may rent. Their set-up is not remembered: it is done once."""
    user_ids = [builders.customer(network.world, number) for number in range(1, count + 1)]
    network.sessions |= {user_id: builders.sign_in(network.world, user_id) for user_id in user_ids}
    return user_ids
