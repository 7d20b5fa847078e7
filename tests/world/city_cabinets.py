"""Connects the city's simulated cabinets with the service, by the clock of the fakes."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.cabinets.cabinet_http import ConnectionData
from chalicelib.world import OutcomeUnknown, Unavailable
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.clock import Clock
from tests.world.fake_world import FakeClock


class CityClock(Clock):
    """The clock of the simulated cabinets, which reads the clock of the fakes."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()


@dataclass
class CityCabinets:
    """The service's way to the simulated cabinets. Now and then the platform's response is lost."""

    cabinets: SimulatedCabinets
    chance: random.Random

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        fate = self.chance.random()
        if fate < 0.05:
            raise Unavailable("iot")
        if fate > 0.1:
            self.cabinets.handle_command(imei, {"cmd": "popup_sn", "data": powerbank_sn})
        if fate < 0.2:
            raise OutcomeUnknown("iot")

    def check(self, imei: str) -> None:
        self.cabinets.handle_command(imei, {"cmd": "check_all"})

    def command(self, imei: str, content: bytes) -> None:
        self.cabinets.handle_command(imei, json.loads(content))

    def echo(self, imei: str, topic: str, frame: bytes) -> None:
        assert topic.endswith(f"/{imei}/user/heart")
        self.cabinets.handle_command(imei, {"heart": frame.hex()})

    def credentials(self, imei: str) -> ConnectionData:
        raise Unavailable("no cabinet of the city calls over HTTP")

    def online(self, imeis: Sequence[str]) -> Mapping[str, bool]:
        return {imei: bool(self.cabinets.online(imei)) for imei in imeis}
