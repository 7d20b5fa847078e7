"""All simulated kiosks: they hear commands, answer in their own time, and people bring banks back to them."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from infra.local import cabinet_frames as wire
from infra.local.kiosk import Bank, Kiosk
from infra.local.mns_queue import MnsQueue
from infra.local.simulation import Simulation
from infra.local.timetable import Timetable

OPENS_SECONDS = 1.0
ANSWERS_SECONDS = 1.5
LISTED_AFTER_EJECT_SECONDS = 3.0
HELD_BACK_SECONDS = 1.0
UPLOAD_EVERY_SECONDS = 20 * 60
HEARTBEAT_EVERY_SECONDS = 9 * 60
MAX_SN = 0xFFFF_FFFF

EJECTED, FAILED, STILL_READABLE, NOT_THERE, UNFINISHED, NO_COMMAND = 0x01, 0x00, 0x12, 0xFC, 0xFE, 0xFF


class Kiosks:
    """Vendor's seconds are scaled by the stage's pace; uploads, heartbeats and late answers follow its clock.

    With `own_thread` whatever is due is done every 50 ms; without, when `tick` is called.
    """

    def __init__(self, simulation: Simulation, mns: MnsQueue, *, own_thread: bool = True) -> None:
        self._stage = simulation
        self._mns = mns
        self._kiosks: dict[str, Kiosk] = {}
        self._out: dict[str, Bank] = {}
        self._timetable = Timetable(simulation.clock)
        self._lock = self._timetable.lock
        if own_thread:
            self._timetable.run()

    def add(self, imei: str, sn: str, product_key: str, slots: Mapping[int, tuple[str | None, int]]) -> None:
        """A kiosk comes on the line and tells its slots: `{slot_number: (powerbank_sn or None, percent)}`."""
        banks = {number: Bank(bank, percent) if bank else None for number, (bank, percent) in slots.items()}
        with self._lock:
            kiosk = self._kiosks[imei] = Kiosk(imei, sn, product_key, banks)
            self._send_status(kiosk, online=True)
            self._send_snapshot(kiosk)
            self._timetable.every(UPLOAD_EVERY_SECONDS, lambda: self._send_snapshot(kiosk))
            self._timetable.every(
                HEARTBEAT_EVERY_SECONDS, lambda: self._send_frame(kiosk, wire.heartbeat(), topic="heart")
            )

    def lend(self, powerbank_sn: str, battery_percent: int = 80) -> None:
        """A bank that is in people's hands from the start: rented long ago, or a stranger's."""
        with self._lock:
            self._out[powerbank_sn] = Bank(powerbank_sn, battery_percent)

    def out(self) -> list[str]:
        """The banks in people's hands."""
        with self._lock:
            return sorted(self._out)

    def online(self, imei: str) -> bool | None:
        """Whether the platform has it on the line; None for one it does not know."""
        with self._lock:
            kiosk = self._kiosks.get(imei)
            return kiosk.behaviour.online if kiosk else None

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [kiosk.listing() for kiosk in self._kiosks.values()]

    def detail(self, imei: str) -> dict[str, Any]:
        """One of the listing, with the commands it received and the frames it sent. Raises KeyError."""
        with self._lock:
            kiosk = self._kiosks[imei]
            return {**kiosk.listing(), "commands": list(kiosk.commands), "frames": list(kiosk.frames)}

    def behave(self, imei: str, orders: Mapping[str, Any]) -> None:
        """Raises KeyError for the kiosk, ValueError for an order that makes no sense."""
        with self._lock:
            kiosk = self._kiosks[imei]
            before, kiosk.behaviour = kiosk.behaviour, kiosk.behaviour.changed(orders)
            if before.online and not kiosk.behaviour.online:
                self._send_status(kiosk, online=False)
            elif kiosk.behaviour.online and not before.online:
                self._send_status(kiosk, online=True)
                self._wake(kiosk)

    def handle_command(self, imei: str, command: Mapping[str, Any]) -> None:
        """A command as the platform delivers it; one that is off the line, or unknown, hears nothing."""
        with self._lock:
            kiosk = self._kiosks.get(imei)
            if kiosk is None or not kiosk.behaviour.online:
                return
            kiosk.commands.append({"at": self._stage.clock.now().isoformat(), "command": dict(command)})
            match command.get("cmd"):
                case "check" | "check_all":
                    self._later(ANSWERS_SECONDS, lambda: self._send_snapshot(kiosk))
                case "popup_sn":
                    self._eject(kiosk, str(command.get("data")))
                case "popup":
                    self._eject_slot(kiosk, str(command.get("data")))

    def return_powerbank(self, imei: str, powerbank_sn: str, slot: int | None = None, via: str = "mqtt") -> int:
        """A person puts a bank in; the slot it went into.

        `via`: mqtt (0x40), http (the cabinet sends nothing here), power_off (0x28 and a snapshot, later). A
        kiosk that is off the line tells when it is back. Raises KeyError for the kiosk; ValueError when the
        bank is not in people's hands, the slot is taken, or there is no such way.
        """
        if via not in ("mqtt", "http", "power_off"):
            raise ValueError(f"no such way: {via}")
        with self._lock:
            kiosk = self._kiosks[imei]
            if powerbank_sn not in self._out:
                raise ValueError(f"{powerbank_sn} is in nobody's hands")
            number = kiosk.put_in(self._out[powerbank_sn], slot)
            del self._out[powerbank_sn]
            if via == "power_off" or not kiosk.behaviour.online:
                kiosk.changed_in_the_dark.append(number)
                if kiosk.behaviour.online:
                    self._wake(kiosk)
            elif via == "mqtt":
                news = wire.returned(kiosk.content(number))
                self._later(ANSWERS_SECONDS, lambda: self._send_frame(kiosk, news))
            return number

    def snapshot(self, imei: str) -> None:
        """Send a 0x10 now. Raises KeyError."""
        with self._lock:
            self._send_snapshot(self._kiosks[imei])

    def busy(self, within_seconds: float = 3.0) -> bool:
        """Whether an answer is due within that time, if the clock is left alone."""
        return self._timetable.busy(within_seconds)

    def tick(self) -> None:
        """Do what is due."""
        self._timetable.tick()

    def stop(self) -> None:
        self._timetable.stop()

    def _later(self, vendor_seconds: float, do: Callable[[], None], *, clock_seconds: float = 0) -> None:
        self._timetable.later(vendor_seconds * self._stage.pace + clock_seconds, do)

    def _eject(self, kiosk: Kiosk, powerbank_sn: str) -> None:
        now, mode, slot = self._stage.clock.now(), kiosk.behaviour.eject, kiosk.holding(powerbank_sn)
        if mode == "dead":
            return
        if not powerbank_sn.isdecimal() or int(powerbank_sn) > MAX_SN:
            self._answer(kiosk, "0", NO_COMMAND)
            return
        if kiosk.ejecting_until is not None and now < kiosk.ejecting_until:
            self._answer(kiosk, powerbank_sn, UNFINISHED)
            return
        opened = kiosk.other_than(slot) if mode == "wrong_slot" and slot is not None else slot
        if slot is None or opened is None or mode == "fail":
            self._answer(kiosk, powerbank_sn, NOT_THERE if slot is None else FAILED)
            return
        kiosk.ejecting_until = now + timedelta(seconds=ANSWERS_SECONDS * self._stage.pace)
        self._later(OPENS_SECONDS, lambda: self._open(kiosk, opened))
        if mode != "silent":
            self._answer(kiosk, powerbank_sn, EJECTED if opened == slot else STILL_READABLE)

    def _eject_slot(self, kiosk: Kiosk, command: str) -> None:
        number = int(command) if command.isdecimal() else 0
        there = kiosk.slots.get(number) is not None
        if there:
            self._later(OPENS_SECONDS, lambda: self._open(kiosk, number))
        news = wire.eject_by_slot_result(number & 0xFF, EJECTED if there else FAILED)
        self._later(ANSWERS_SECONDS, lambda: self._send_frame(kiosk, news))

    def _open(self, kiosk: Kiosk, slot_number: int) -> None:
        listed = timedelta(seconds=LISTED_AFTER_EJECT_SECONDS * self._stage.pace)
        bank = kiosk.take_out(slot_number, listed_until=self._stage.clock.now() + listed)
        if bank is not None:
            self._out[bank.powerbank_sn] = bank

    def _answer(self, kiosk: Kiosk, powerbank_sn: str, state: int) -> None:
        news = wire.eject_result(powerbank_sn, state)
        self._later(
            ANSWERS_SECONDS, lambda: self._send_frame(kiosk, news), clock_seconds=kiosk.behaviour.late_seconds
        )

    def _wake(self, kiosk: Kiosk) -> None:
        """Power or network is back: what happened in the dark, then the whole snapshot."""

        def tell() -> None:
            if not kiosk.behaviour.online:
                return
            for number in kiosk.changed_in_the_dark:
                self._send_frame(kiosk, wire.slot_change(kiosk.content(number)))
            kiosk.changed_in_the_dark.clear()
            self._send_snapshot(kiosk)

        self._later(ANSWERS_SECONDS, tell)

    def _send_snapshot(self, kiosk: Kiosk) -> None:
        self._send_frame(kiosk, wire.snapshot(kiosk.contents(self._stage.clock.now())))

    def _send_frame(self, kiosk: Kiosk, raw: bytes, *, topic: str = "update") -> None:
        """Send a frame; off the line it is lost, as with a real modem."""
        if not kiosk.behaviour.online:
            return
        now = self._stage.clock.now()
        sent = wire.with_wrong_checksum(raw) if kiosk.behaviour.bad_checksum else raw
        kiosk.frames.append({"at": now.isoformat(), "hex": sent.hex()})
        self._post(kiosk, wire.upload_envelope(kiosk.product_key, kiosk.imei, sent, now, topic=topic))

    def _send_status(self, kiosk: Kiosk, *, online: bool) -> None:
        now = self._stage.clock.now()
        self._post(kiosk, wire.status_envelope(kiosk.product_key, kiosk.imei, online=online, at=now))

    def _post(self, kiosk: Kiosk, envelope: str) -> None:
        """Into the queue; with `reorder` every other message waits until the next has overtaken it."""
        copies = [envelope] * kiosk.behaviour.duplicate
        if kiosk.behaviour.reorder and not kiosk.held_back:
            kiosk.held_back = copies
            self._later(HELD_BACK_SECONDS, lambda: self._flush_held_back(kiosk))
            return
        for copy in copies:
            self._mns.enqueue(copy)
        self._flush_held_back(kiosk)

    def _flush_held_back(self, kiosk: Kiosk) -> None:
        held, kiosk.held_back = kiosk.held_back, []
        for copy in held:
            self._mns.enqueue(copy)
