"""What simulated cabinets do after a delay: frames, slots that open, returns, and what follows an outage."""

from collections.abc import Mapping
from datetime import timedelta

from infra.local.cabinets import false_reports as cabinet_false_reports
from infra.local.cabinets import frames as wire
from infra.local.cabinets.cabinet import Bank, SimulatedCabinet
from infra.local.cabinets.call_names import (
    ANSWERS_SECONDS,
    FLUSH,
    FRAME,
    HEARTBEAT,
    HTTP_RETURN,
    LISTED_AFTER_EJECT_SECONDS,
    OPEN,
    REPORT,
    RETURN,
    SNAPSHOT,
    STATUS,
)
from infra.local.cabinets.commands import HEART
from infra.local.cabinets.http_calls import CabinetHttp
from infra.local.cabinets.uplink import CabinetUplink
from infra.local.delayed_calls import Argument, Timetable
from infra.local.simulation import Simulation

UPLOAD_EVERY_SECONDS = 20 * 60
HEARTBEAT_EVERY_SECONDS = 9 * 60

Cabinets = Mapping[str, SimulatedCabinet]
Out = dict[str, Bank]


class CabinetCalls:
    """Each call is named and takes an IMEI, so that it can be stored. Their caller holds the timetable's lock."""

    def __init__(
        self, simulation: Simulation, timetable: Timetable, uplink: CabinetUplink, cabinets: Cabinets, out: Out
    ) -> None:
        """`cabinets` by IMEI, and `out`, the power banks in none of them, belong to the caller."""
        self._simulation = simulation
        self._timetable = timetable
        self._uplink = uplink
        self._cabinets = cabinets
        self._out = out
        self.http: CabinetHttp | None = None
        """How the cabinets call the API. None while there is no API."""
        timetable.register(FRAME, self._send_frame)
        timetable.register(HEARTBEAT, lambda imei: uplink.send_frame(cabinets[imei], wire.heartbeat(), topic=HEART))
        timetable.register(SNAPSHOT, lambda imei: uplink.send_snapshot(cabinets[imei]))
        timetable.register(STATUS, lambda imei, online: uplink.send_status(cabinets[imei], online=online))
        timetable.register(FLUSH, lambda imei: uplink.flush_delayed(cabinets[imei]))
        timetable.register(OPEN, self._open)
        timetable.register(RETURN, self._send_return)
        timetable.register(HTTP_RETURN, self._return_by_http)
        timetable.register(REPORT, self._report_outage)

    def later(self, vendor_seconds: float, name: str, /, *arguments: Argument, clock_seconds: float = 0) -> None:
        self._timetable.later(vendor_seconds * self._simulation.pace + clock_seconds, name, *arguments)

    def begin(self, imei: str) -> None:
        """Report all slots and a heartbeat regularly from now on."""
        self._timetable.every(UPLOAD_EVERY_SECONDS, SNAPSHOT, imei)
        self._timetable.every(HEARTBEAT_EVERY_SECONDS, HEARTBEAT, imei)

    def wake(self, cabinet: SimulatedCabinet) -> None:
        """Power or network is back: send heartbeats, report the slots that changed offline, then send a snapshot."""
        frames = cabinet.behaviour.frames_before_report
        for number in range(frames):
            self.later(ANSWERS_SECONDS * (number + 1), HEARTBEAT, cabinet.imei)
        self.later(ANSWERS_SECONDS * (frames + 1), REPORT, cabinet.imei)

    def _send_frame(self, imei: str, frame: str, topic: str) -> None:
        self._uplink.send_frame(self._cabinets[imei], bytes.fromhex(frame), topic=topic)

    def _open(self, imei: str, slot_number: int) -> None:
        listed = timedelta(seconds=LISTED_AFTER_EJECT_SECONDS * self._simulation.pace)
        listed_until = self._simulation.clock.now() + listed
        bank = self._cabinets[imei].take_out(slot_number, listed_until=listed_until)
        if bank is not None:
            self._out[bank.powerbank_sn] = bank

    def _report_outage(self, imei: str) -> None:
        cabinet = self._cabinets[imei]
        if not cabinet.behaviour.online:
            return
        for number in cabinet.slots_changed_offline:
            frame = cabinet_false_reports.return_report(cabinet, number, changed_offline=True)
            self._uplink.send_frame(cabinet, frame)
        cabinet.slots_changed_offline.clear()
        self._uplink.send_snapshot(cabinet)

    def _send_return(self, imei: str, slot_number: int, frame: str) -> None:
        """Send a 0x40. A cabinet that is offline by now reports the slot when it is online again."""
        cabinet = self._cabinets[imei]
        if cabinet.behaviour.online:
            self._uplink.send_frame(cabinet, bytes.fromhex(frame))
        else:
            cabinet.slots_changed_offline.append(slot_number)

    def _return_by_http(self, imei: str, powerbank_sn: str, slot_number: int) -> None:
        if self.http is not None:
            self.http.report_return(imei, powerbank_sn, slot_number)
