"""A refused eject whose handling fails at any call: each power bank is ejected at most once, and no money is lost."""

from dataclasses import dataclass

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.audit import whole_audit
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.services.rentals import queries
from chalicelib.tables import powerbanks
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.fault_injection import crash_everywhere
from tests.functions.test_consumers import feed
from tests.scenarios.second_eject_scenario import worth_paisa
from tests.services.rentals.test_rental_crashes import Prepared, prepared
from tests.world.builders import LABIM
from tests.world.clocks import tick
from tests.world.fake_world import FakeWorld
from tests.world.network import REFUSED, Network

pytestmark = pytest.mark.long


def starting(network: Network) -> Prepared:
    network.fake_world.settings = network.fake_world.settings.changed({"eject_retries_count": 1})
    before = prepared(network, network.start(network.customer()))
    network.fake_world.clock.advance(seconds=2)
    return before


@dataclass
class Refusal:
    """The cabinet refuses the eject of a start. It lets no power bank out, and lists them all later."""

    fake_world: FakeWorld
    world: World
    before: Rental
    worth_paisa: int
    with_audit: bool

    def __post_init__(self) -> None:
        refusal = frames.eject_result(self.before.powerbank_sn, REFUSED)
        self.refusal = DeviceEvent("refusal", LABIM.imei, DeviceEventKind.FRAME, self.world.now(), refusal).to_body()

    def run(self) -> None:
        feed(DEVICE_EVENTS, self.refusal)

    def recover(self) -> None:
        self.run()
        self.fake_world.clock.advance(minutes=2)
        tick(self.world, "sweep_ejects")
        slots = frames.snapshot([SlotContent(number, *content) for number, content in LABIM.slots().items()])
        at = self.world.now()
        feed(DEVICE_EVENTS, DeviceEvent(f"all {at}", LABIM.imei, DeviceEventKind.FRAME, at, slots).to_body())

    def check(self) -> None:
        after = queries.read(self.before.user_id, self.before.rental_id)
        ejected = [sn for _, sn in self.fake_world.cabinets.ejects]
        assert len(ejected) == len(set(ejected) - {self.before.powerbank_sn}) <= 1
        assert (after.state, worth_paisa(after.user_id)) == (RentalState.FAILED, self.worth_paisa)
        for powerbank_sn in {self.before.powerbank_sn, after.powerbank_sn}:
            powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
            assert powerbank is not None
            assert (powerbank.custody, powerbank.rental_id) == (Custody.SLOT, None)
        if self.with_audit:
            assert whole_audit.audit(self.world) == []


@pytest.mark.parametrize("with_audit", [False, pytest.param(True, marks=pytest.mark.matrix)])
def test_a_refused_eject_is_tried_again_once_whatever_fails(with_audit: bool) -> None:
    def begin(fake_world: FakeWorld, world: World, before: Prepared) -> Refusal:
        return Refusal(fake_world, world, before.rental, before.worth_paisa, with_audit)

    crash_everywhere("a refused eject", starting, begin)
