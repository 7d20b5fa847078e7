"""Runs all simulated cabinets: they receive commands, answer after a delay, and take back power banks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from infra.local.cabinets import commands as cabinet_commands
from infra.local.cabinets import false_reports as cabinet_false_reports
from infra.local.cabinets import frames as wire
from infra.local.cabinets.behaviour import Behaviour
from infra.local.cabinets.cabinet import CABINETS, Bank, SimulatedCabinet
from infra.local.cabinets.call_names import (
    ANSWERS_SECONDS,
    FRAME,
    HTTP_RETURN,
    OPEN,
    OPENS_SECONDS,
    RETURN,
    SNAPSHOT,
)
from infra.local.cabinets.commands import UPDATE
from infra.local.cabinets.delayed_actions import CabinetCalls
from infra.local.cabinets.http_calls import CabinetHttp
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.cabinets.uplink import CabinetUplink
from infra.local.delayed_calls import Timetable
from infra.local.feed import cabinet_words
from infra.local.simulation import Simulation

MAX_SN = 0xFFFF_FFFF

EJECTED, FAILED, STILL_READABLE, NOT_THERE, UNFINISHED, NO_COMMAND = 0x01, 0x00, 0x12, 0xFC, 0xFE, 0xFF


class SimulatedCabinets:
    """The vendor's seconds are multiplied by the simulation's pace. Uploads and heartbeats follow its clock.

    With `own_thread` a thread does what is due every 50 ms, else `tick` does it.
    """

    def __init__(self, simulation: Simulation, mns: MnsQueue, *, own_thread: bool = True) -> None:
        self._simulation = simulation
        self._cabinets: dict[str, SimulatedCabinet] = {}
        self._out: dict[str, Bank] = {}
        self._timetable = Timetable(simulation.now, simulation.activity, "cabinets")
        self._lock = self._timetable.lock
        self._uplink = CabinetUplink(simulation, mns, self._timetable)
        self._calls = CabinetCalls(simulation, self._timetable, self._uplink, self._cabinets, self._out)
        self._later = self._calls.later
        if own_thread:
            self._timetable.run()

    def add(self, imei: str, sn: str, product_key: str, slots: Mapping[int, tuple[str | None, int]]) -> None:
        """Add an online cabinet, which reports its slots: `{slot_number: (powerbank_sn or None, percent)}`."""
        banks = {number: Bank(bank, percent) if bank else None for number, (bank, percent) in slots.items()}
        with self._lock:
            cabinet = self._cabinets[imei] = SimulatedCabinet(imei, sn, product_key, banks)
            # The platform rounds a frame's time down, and the snapshot must not seem older than the connection.
            self._uplink.send_status(cabinet, online=True, seconds_ago=1)
            self._uplink.send_snapshot(cabinet)
            self._calls.begin(imei)

    def call_over(self, http: CabinetHttp) -> None:
        """From now on the cabinets can call the API."""
        self._calls.http = http

    def state(self) -> dict[str, Any]:
        """The cabinets, the power banks in none of them, and what is due."""
        with self._lock:
            return {
                "cabinets": CABINETS.dump_python(list(self._cabinets.values()), mode="json"),
                "out": {bank.powerbank_sn: bank.battery_percent for bank in self._out.values()},
                "due": self._timetable.state(),
            }

    def prepare(self, state: Any) -> Callable[[], None]:
        cabinets, apply_due = CABINETS.validate_python(state["cabinets"]), self._timetable.prepare(state["due"])
        out = {sn: Bank(sn, int(percent)) for sn, percent in state["out"].items()}

        def apply() -> None:
            with self._lock:
                self._cabinets.clear()
                self._cabinets.update({cabinet.imei: cabinet for cabinet in cabinets})
                self._out.clear()
                self._out.update(out)
                apply_due()

        return apply

    def add_powerbank_in_use(self, powerbank_sn: str, battery_percent: int = 80) -> None:
        """Add a power bank that is in no cabinet: rented before the start, or unknown to the tables."""
        with self._lock:
            self._out[powerbank_sn] = Bank(powerbank_sn, battery_percent)

    def out(self) -> list[str]:
        """The power banks that are in no cabinet."""
        with self._lock:
            return sorted(self._out)

    def online(self, imei: str) -> bool | None:
        """Whether the platform sees the cabinet online. None for an unknown cabinet."""
        with self._lock:
            cabinet = self._cabinets.get(imei)
            return cabinet.behaviour.online if cabinet else None

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [cabinet.listing() for cabinet in self._cabinets.values()]

    def detail(self, imei: str) -> dict[str, Any]:
        """One cabinet of the listing, with its received commands and echoes and its sent frames. Raises KeyError."""
        with self._lock:
            cabinet = self._cabinets[imei]
            logged = {"commands": cabinet.commands, "frames": cabinet.frames, "echoes": cabinet.echoes}
            return {**cabinet.listing(), **{name: list(entries) for name, entries in logged.items()}}

    def behave(self, imei: str, orders: Mapping[str, Any]) -> None:
        """Change a cabinet's behaviour. Raises KeyError for an unknown cabinet, ValueError for an invalid change."""
        with self._lock:
            cabinet = self._cabinets[imei]
            self._behave(cabinet, cabinet.behaviour.changed(orders))

    def behave_well(self) -> list[str]:
        """Give every cabinet the default behaviour. Returns the IMEIs of those that had another."""
        with self._lock:
            changed = [imei for imei, cabinet in self._cabinets.items() if cabinet.behaviour != Behaviour()]
            for imei in changed:
                self._behave(self._cabinets[imei], Behaviour())
        return changed

    def _behave(self, cabinet: SimulatedCabinet, behaviour: Behaviour) -> None:
        before, cabinet.behaviour = cabinet.behaviour, behaviour
        if behaviour.repeats_old_snapshot and not before.repeats_old_snapshot:
            cabinet.old_snapshot = cabinet_false_reports.fresh_snapshot(cabinet, self._simulation.clock.now()).hex()
        if before.online and not cabinet.behaviour.online:
            self._uplink.send_status(cabinet, online=False)
        elif cabinet.behaviour.online and not before.online:
            self._uplink.send_status(cabinet, online=True)
            self._calls.wake(cabinet)

    def handle_command(self, imei: str, command: Mapping[str, Any]) -> None:
        """Receive a command from the platform. An offline or unknown cabinet receives nothing."""
        with self._lock:
            cabinet = self._cabinets.get(imei)
            if cabinet is None or not cabinet.behaviour.online:
                return
            now = self._simulation.clock.now()
            if "heart" in command:
                cabinet.echoes.append({"at": now.isoformat(), "hex": command["heart"]})
                return
            cabinet.commands.append({"at": now.isoformat(), "command": dict(command)})
            self._simulation.name_rental(cabinet_words.add_command(self._simulation.feed, cabinet, command))
            match command.get("cmd"):
                case "check" | "check_all":
                    self._later(ANSWERS_SECONDS, SNAPSHOT, imei)
                case "popup_sn":
                    self._eject(cabinet, str(command.get("data")))
                case "popup":
                    cabinet_commands.eject_slot(cabinet, str(command.get("data")), self._later)
                case _:
                    cabinet_commands.obey(cabinet, command, self._later)

    def return_powerbank(self, imei: str, powerbank_sn: str, slot: int | None = None, via: str = "mqtt") -> int:
        """Put a power bank into a slot, as a person does. Returns the slot number.

        `via`: mqtt (0x40), http (a call of the API, without a 0x40), power_off (0x28 and a snapshot, later). An
        offline cabinet reports the return when it is online again. Raises KeyError for an unknown cabinet;
        ValueError when a cabinet holds the power bank, the slot is taken, or `via` is unknown.
        """
        if via not in ("mqtt", "http", "power_off"):
            raise ValueError(f"no such way: {via}")
        with self._lock:
            cabinet = self._cabinets[imei]
            if powerbank_sn not in self._out:
                raise ValueError(f"{powerbank_sn} is in a cabinet")
            number = cabinet.put_in(self._out[powerbank_sn], slot)
            del self._out[powerbank_sn]
            if via == "power_off" or not cabinet.behaviour.online:
                cabinet.slots_changed_offline.append(number)
                if cabinet.behaviour.online:
                    self._calls.wake(cabinet)
            elif via == "http":
                self._later(ANSWERS_SECONDS, HTTP_RETURN, imei, powerbank_sn, number)
            elif via == "mqtt":
                frame = cabinet_false_reports.return_report(cabinet, number, changed_offline=False)
                self._later(ANSWERS_SECONDS, RETURN, imei, number, frame.hex())
            return number

    def snapshot(self, imei: str, via: str = "mqtt") -> None:
        """Send a 0x10 now, by `via`: mqtt, or http. Raises KeyError; ValueError for another way."""
        if via not in ("mqtt", "http"):
            raise ValueError(f"no such way: {via}")
        with self._lock:
            cabinet = self._cabinets[imei]
            if via == "mqtt":
                self._uplink.send_snapshot(cabinet)
                return
            raw = cabinet_false_reports.snapshot(cabinet, self._simulation.clock.now())
        if self._calls.http is not None:
            self._calls.http.upload(imei, raw)

    def busy(self, within_seconds: float = 3.0) -> bool:
        """Whether an answer is due within that time, unless the clock is moved."""
        return self._timetable.busy(within_seconds)

    def next_at(self) -> datetime | None:
        """When a cabinet next does something of its own. None without cabinets."""
        return self._timetable.next_at()

    def tick(self) -> None:
        """Run the calls that are due."""
        self._timetable.tick()

    def stop(self) -> None:
        self._timetable.stop()

    def _eject(self, cabinet: SimulatedCabinet, powerbank_sn: str) -> None:
        now, mode, slot = self._simulation.clock.now(), cabinet.behaviour.eject, cabinet.holding(powerbank_sn)
        if mode == "dead":
            return
        if not powerbank_sn.isdecimal() or int(powerbank_sn) > MAX_SN:
            self._answer(cabinet, "0", NO_COMMAND)
            return
        if cabinet.ejecting_until is not None and now < cabinet.ejecting_until:
            self._answer(cabinet, powerbank_sn, UNFINISHED)
            return
        wrong = mode in ("wrong_slot", "wrong_slot_confirmed")
        opened = cabinet.other_occupied_slot(slot) if wrong and slot is not None else slot
        if slot is None or opened is None or mode == "fail":
            self._answer(cabinet, powerbank_sn, NOT_THERE if slot is None else FAILED)
            return
        cabinet.ejecting_until = now + timedelta(seconds=ANSWERS_SECONDS * self._simulation.pace)
        self._later(OPENS_SECONDS, OPEN, cabinet.imei, opened)
        if mode != "silent":
            self._answer(
                cabinet, powerbank_sn, STILL_READABLE if opened != slot and mode == "wrong_slot" else EJECTED
            )

    def _answer(self, cabinet: SimulatedCabinet, powerbank_sn: str, state: int) -> None:
        frame = wire.eject_result(powerbank_sn, state).hex()
        answering = cabinet_false_reports.answering_cabinet(cabinet, self._cabinets.values())
        late = cabinet.behaviour.late_seconds
        self._later(ANSWERS_SECONDS, FRAME, answering.imei, frame, UPDATE, clock_seconds=late)
