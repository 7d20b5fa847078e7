"""Simulates a small city: customers rent at cabinets that send false reports at random. The test knows where each
power bank is."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.cabinets.cabinet_protocol.envelope import read_envelope
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import event_log
from chalicelib.services.cabinets import inbound, liveness
from chalicelib.services.rentals import ejects
from infra.local.cabinets.behaviour import Behaviour
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.seeds.demo_stations import PRODUCT_KEY, DemoStation
from infra.local.simulation import Simulation
from tests.world.builders import CIVIL, LABIM, LAKESIDE, account
from tests.world.city_cabinets import CityCabinets, CityClock
from tests.world.city_people import Resident, Trip
from tests.world.event_words import in_words
from tests.world.fake_world import FakeWorld
from tests.world.network import HOUR, PAY_AS_YOU_GO, Network

STATIONS = (LABIM, CIVIL, LAKESIDE)
CUSTOMERS = 4
SHORTEST_TRIP = timedelta(minutes=1)
"""Longer than a late answer takes: an answer of a later time than the return proves that the power bank is out."""
SETTLING = timedelta(hours=2)
LIES: Sequence[Mapping[str, Any]] = (
    {"eject": "silent"},
    {"eject": "dead"},
    {"eject": "fail"},
    {"eject": "wrong_slot"},
    {"eject": "wrong_slot_confirmed"},
    {"late_seconds": 40.0},
    {"duplicate": 3},
    {"reorder": True},
    {"bad_checksum": True},
    {"bit_flip": 2},
    {"wrong_station_answer": True},
    {"repeats_old_snapshot": True},
    {"twin": ""},
    {"unreadable": True},
    {"frames_before_report": 3},
    {"loses_status": True},
    {"return_frames_after_outage": True},
    {"online": False},
)


class City:
    """The network with its simulated cabinets and residents. All chances come from one seed."""

    lie_chance, rent_chance, return_chance = 0.03, 0.05, 0.03
    """How likely a truthful cabinet begins to lie, an idle resident rents, and a resident returns a power bank."""

    def __init__(
        self,
        fake_world: FakeWorld,
        network: Network,
        seed: int,
        *,
        stations: Sequence[DemoStation] = STATIONS,
        user_ids: Sequence[str] = (),
    ) -> None:
        self.chance = random.Random(seed)
        self.faults = Counter[str]()
        """How often each kind of fault began."""
        self.network, self.clock = network, fake_world.clock
        fake_world.settings = fake_world.settings.changed({"eject_retries_count": 1})
        self.queue = MnsQueue()
        simulation = Simulation(clock=CityClock(fake_world.clock), pace=1)
        self.cabinets = SimulatedCabinets(simulation, self.queue, own_thread=False)
        self.stations = stations
        self.residents = [Resident(user_id) for user_id in user_ids or [network.customer() for _ in range(CUSTOMERS)]]
        network.world = replace(network.world, cabinets=CityCabinets(self.cabinets, self.chance))
        for station in self.stations:
            self.cabinets.add(station.imei, station.sn, PRODUCT_KEY, station.slots())
        self.under_way: list[tuple[datetime, str]] = []
        """Messages on their way to the service, and when each arrives."""
        self.diary: list[str] = []
        self.places = self._content()
        """The station and the slot of each power bank that is in a cabinet."""
        self._lie_ends: dict[str, datetime] = {}
        self._minute = self.clock.now()
        self.lying = False
        self._pass(5)

    def live(self, hours: float) -> None:
        """Residents rent and return while cabinets send false reports. Then all cabinets report the truth, and all
        messages arrive."""
        until, self.lying = self.clock.now() + timedelta(hours=hours), True
        while self.clock.now() < until:
            self._change_lies()
            for resident in self.residents:
                self._act(resident)
            self._pass(1 if self.cabinets.busy(3) else self.chance.choice((1, 5, 20, 60)))
        self.lying = False
        self.cabinets.behave_well()
        self._note("all cabinets behave well")
        until = self.clock.now() + SETTLING
        while self.clock.now() < until:
            self._pass(1 if self.cabinets.busy(3) else 60)

    def _note(self, text: str) -> None:
        self.diary.append(f"{self.clock.now():%H:%M:%S} {text}")

    def _change_lies(self) -> None:
        now = self.clock.now()
        for station in self.stations:
            ends = self._lie_ends.get(station.imei)
            if ends is not None and now >= ends:
                self.cabinets.behave(station.imei, asdict(Behaviour()))
                del self._lie_ends[station.imei]
                self._note(f"{station.sn} behaves well")
            elif ends is None and self.chance.random() < self.lie_chance:
                lie = dict(self.chance.choice(LIES))
                if "twin" in lie:
                    lie["twin"] = self.chance.choice(
                        [bank for bank, _ in self.chance.choice(self.stations).banks.values()]
                    )
                self.cabinets.behave(station.imei, lie)
                self._count_lie(lie)
                self._lie_ends[station.imei] = now + timedelta(minutes=self.chance.choice((2, 10, 30, 60)))
                self._note(f"{station.sn} lies: {lie}")

    def _count_lie(self, lie: Mapping[str, Any]) -> None:
        for name, value in lie.items():
            self.faults[f"{name} {value}" if name == "eject" else name] += 1

    def _act(self, resident: Resident) -> None:
        if resident.holds is not None:
            long_enough = self.clock.now() - resident.rentals[-1].requested_at > SHORTEST_TRIP
            if self.chance.random() < self.return_chance and long_enough:
                self._bring_back(resident, resident.holds)
        elif self.chance.random() < self.rent_chance and not account(resident.user_id).open_rental_id:
            self._rent(resident)

    def _rent(self, resident: Resident) -> None:
        station, package = self.chance.choice(self.stations), self.chance.choice((HOUR, HOUR, PAY_AS_YOU_GO))
        resident.waits_at = station
        try:
            rental = self.network.start(resident.user_id, station, package)
        except Problem as problem:
            resident.waits_at = None
            self._note(f"{resident.user_id[-4:]} may not rent at {station.sn}: {problem.code}")
            return
        resident.rentals.append(rental)
        if any(other.took_unasked(rental.powerbank_sn) for other in self.residents):
            resident.missed.add(rental.rental_id)
        self._note(f"{resident.user_id[-4:]} asks for {rental.powerbank_sn} at {station.sn}: {rental.code}")

    def _bring_back(self, resident: Resident, powerbank_sn: str) -> None:
        trip = resident.trips[-1]
        station, slot = self.chance.choice(self.stations), None
        if self.chance.random() < 0.5:
            station, slot = trip.station, trip.slot_number
        via = self.chance.choice(("mqtt", "mqtt", "mqtt", "power_off"))
        try:
            number = self.cabinets.return_powerbank(station.imei, powerbank_sn, slot, via)
        except ValueError:
            return
        self._note(f"{resident.user_id[-4:]} puts {powerbank_sn} into {station.sn}/{number} by {via}")
        resident.holds = None
        self.places = self._content()

    def _pass(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        self.cabinets.tick()
        self._hand_out()
        self._carry_messages()
        if self.clock.now() - self._minute >= timedelta(minutes=1):
            self._minute = self.clock.now()
            self._sweep()

    def _sweep(self) -> None:
        ejects.sweep(self.network.world)
        liveness.watch(self.network.world)

    def _hand_out(self) -> None:
        """Give a power bank that came out to the resident who stands at that station."""
        out = set(self.cabinets.out()) - {resident.holds for resident in self.residents}
        if not out:
            return
        for powerbank_sn in sorted(filter(None, out)):
            station, slot_number = self.places[powerbank_sn]
            waiting = [resident for resident in self.residents if resident.waits_at is station]
            taker = max(waiting, key=lambda resident: resident.rentals[-1].requested_at)
            rental = taker.rentals[-1]
            taker.holds, taker.waits_at = powerbank_sn, None
            taker.trips.append(Trip(rental.rental_id, station, slot_number))
            self._note(f"{taker.user_id[-4:]} takes {powerbank_sn} for {rental.code}")
        self.places = self._content()

    def _content(self) -> dict[str, tuple[DemoStation, int]]:
        by_imei = {station.imei: station for station in self.stations}
        return {
            slot["powerbank_sn"]: (by_imei[cabinet["imei"]], slot["slot_number"])
            for cabinet in self.cabinets.listing()
            for slot in cabinet["slots"]
            if slot["powerbank_sn"]
        }

    def _carry_messages(self) -> None:
        now = self.clock.now()
        while received := self.queue.receive(16, 0):
            for message in received:
                self.queue.delete(message.receipt)
                self.under_way += [(now + delay, message.body) for delay in self._delays()]
        due = [body for at, body in self.under_way if at <= now]
        self.under_way = [(at, body) for at, body in self.under_way if at > now]
        for body in due:
            event = read_envelope(body)
            self._note(f"    {event.imei[-3:]} says at {event.at:%H:%M:%S}: {in_words(event)}")
            try:
                with event_log.collect():
                    inbound.handle_event(self.network.world, event)
            except Poison:
                self._note("   poison")

    def _delays(self) -> list[timedelta]:
        """After what time each delivery of a message arrives."""
        if not self.lying or self.chance.random() < 0.8:
            return [timedelta()]
        return [timedelta(seconds=self.chance.choice((2, 10, 40, 300, 1300)))]
