"""Sends the messages of simulated cabinets to the queue, with the faults of their behaviour."""

from datetime import timedelta

from infra.local.cabinets import false_reports as cabinet_false_reports
from infra.local.cabinets import frames as wire
from infra.local.cabinets.cabinet import SimulatedCabinet
from infra.local.cabinets.call_names import FLUSH
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.delayed_calls import Timetable
from infra.local.feed import cabinet_words
from infra.local.simulation import Simulation

REORDER_DELAY_SECONDS = 1.0


class CabinetUplink:
    """The way from the cabinets to the queue. An offline cabinet's frames are lost on it, as with a real modem."""

    def __init__(self, simulation: Simulation, mns: MnsQueue, timetable: Timetable) -> None:
        self._simulation = simulation
        self._mns = mns
        self._timetable = timetable

    def send_snapshot(self, cabinet: SimulatedCabinet) -> None:
        self.send_frame(cabinet, cabinet_false_reports.snapshot(cabinet, self._simulation.clock.now()))

    def send_frame(self, cabinet: SimulatedCabinet, raw: bytes, *, topic: str = "update") -> None:
        """Send a frame of a topic (`update` or `heart`)."""
        if not cabinet.behaviour.online:
            return
        now = self._simulation.clock.now()
        sent = cabinet_false_reports.as_sent(cabinet, raw)
        words = cabinet_words.frame_words(sent)
        rental_id = cabinet_words.add_frame(self._simulation.feed, cabinet, sent, words)
        cabinet.frames.append({"at": now.isoformat(), "hex": sent.hex(), "rental_id": rental_id, **words})
        self._post(cabinet, wire.upload_envelope(cabinet.product_key, cabinet.imei, sent, now, topic=topic))

    def send_status(self, cabinet: SimulatedCabinet, *, online: bool, seconds_ago: float = 0.0) -> None:
        if cabinet.behaviour.loses_status:
            return
        at = self._simulation.clock.now() - timedelta(seconds=seconds_ago)
        self._post(cabinet, wire.status_envelope(cabinet.product_key, cabinet.imei, online=online, at=at))

    def _post(self, cabinet: SimulatedCabinet, envelope: str) -> None:
        """Put a message into the queue. With `reorder` every second message waits until the next one was sent."""
        copies = [envelope] * cabinet.behaviour.duplicate
        if cabinet.behaviour.reorder and not cabinet.delayed_messages:
            cabinet.delayed_messages = copies
            delay_seconds = REORDER_DELAY_SECONDS * self._simulation.pace
            self._timetable.later(delay_seconds, FLUSH, cabinet.imei)
            return
        for copy in copies:
            self._mns.enqueue(copy)
        self.flush_delayed(cabinet)

    def flush_delayed(self, cabinet: SimulatedCabinet) -> None:
        copies, cabinet.delayed_messages = cabinet.delayed_messages, []
        for copy in copies:
            self._mns.enqueue(copy)
