"""The hardware side of the sandbox: simulated cabinets, Alibaba IoT, and the MNS queue."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.tables.cabinets import CabinetRow
from chalicelib.tables.powerbanks import PowerbankRow
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.iot_server import REGION, iot_app
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.cabinets.mns_server import mns_app
from infra.local.companies.dead_connections import DeadConnections
from infra.local.seeds.demo_stations import PRODUCT_KEY
from infra.local.serving import Serving
from infra.local.simulation import Simulation

KEY_ID, KEY_SECRET = "sandbox-aliyun", "sandbox-aliyun-secret"
MNS_VISIBILITY_SECONDS = 10
HALF_FULL = 50


@dataclass
class Hardware:
    """MNS and IoT servers on ports of their own, and the cabinets behind them."""

    simulation: Simulation
    mns: MnsQueue = field(default_factory=lambda: MnsQueue(visibility_seconds=MNS_VISIBILITY_SECONDS))

    dead_connections: bool = False

    def __post_init__(self) -> None:
        self.cabinets = SimulatedCabinets(self.simulation, self.mns)
        self._mns_server = self._serving(mns_app(self.simulation, self.mns, KEY_ID, KEY_SECRET))
        self._iot_server = self._serving(
            iot_app(
                self.simulation,
                self.cabinets.handle_command,
                self.cabinets.online,
                product_key=PRODUCT_KEY,
                key_id=KEY_ID,
                key_secret=KEY_SECRET,
            )
        )

    def _serving(self, app: Any) -> Serving:
        return Serving(DeadConnections(app) if self.dead_connections else app)

    def start(self) -> "Hardware":
        self._mns_server.start()
        self._iot_server.start()
        return self

    def stop(self) -> None:
        for part in (self.cabinets, self._mns_server, self._iot_server):
            part.stop()

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_IOT_URL": self._iot_server.url,
            "BIJULI_IOT_REGION": REGION,
            "BIJULI_IOT_INSTANCE_ID": "",
            "BIJULI_IOT_PRODUCT_KEY": PRODUCT_KEY,
            "BIJULI_MNS_URL": self._mns_server.url,
            "BIJULI_MNS_QUEUE": self.mns.name,
            "BIJULI_ALIYUN_ACCESS_KEY_ID": KEY_ID,
            "BIJULI_ALIYUN_ACCESS_KEY_SECRET": KEY_SECRET,
        }

    def load_cabinets(self) -> None:
        """Make a simulated cabinet for each cabinet in our tables, with its power banks.

        A power bank in no slot is in use. A sandbox with stored tables gets the same cabinets again.
        """
        lying: dict[str, dict[int, tuple[str, int]]] = defaultdict(dict)
        for bank in PowerbankRow.scan(consistent_read=True):
            percent = bank.battery_percent or HALF_FULL
            if bank.custody is Custody.SLOT and bank.station_sn and bank.slot_number:
                lying[bank.station_sn][bank.slot_number] = (bank.powerbank_sn, percent)
            else:
                self.cabinets.add_powerbank_in_use(bank.powerbank_sn, percent)
        for cabinet in CabinetRow.scan(consistent_read=True):
            self.cabinets.add(cabinet.imei, cabinet.sn, PRODUCT_KEY, _slots(cabinet, lying[cabinet.sn]))


def _slots(cabinet: Any, lying: dict[int, tuple[str, int]]) -> dict[int, tuple[str | None, int]]:
    return {number: lying.get(number, (None, 0)) for number in sorted({*cabinet.slots, *lying})}
