"""The part of the scenario with faulty cabinets: every state of a rental, and every way in which a cabinet lies."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from infra.local.cabinets.behaviour import BEHAVIOURS
from infra.local.client import Api, Sandbox
from infra.local.customer import Customer, expect, step

ENDED = {"completed", "failed", "cancelled", "due"}
UNKNOWN_POWERBANK = "40999999"
MAX_WAITS = 4
"""How often the scenario waits for the end of a rental whose evidence is missing."""
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"eject": "fail"},
    {"eject": "silent"},
    {"eject": "dead"},
    {"eject": "wrong_slot"},
    {"eject": "wrong_slot_confirmed"},
    {"late_seconds": 40},
    {"duplicate": 3, "reorder": True},
    {"bad_checksum": True},
    {"online": False, "frames_before_report": 3},
    {"online": False, "loses_status": True, "return_frames_after_outage": True},
    {"wrong_station_answer": True},
    {"repeats_old_snapshot": True},
    {"twin": UNKNOWN_POWERBANK},
    {"bit_flip": 2},
    {"unreadable": True},
)
"""What a cabinet does during one rental. An offline cabinet goes offline when the power bank is out."""


class FaultyCabinets:
    """A customer who rents at a cabinet, whatever the cabinet does."""

    def __init__(self, customer: Customer, sandbox: Sandbox) -> None:
        self.customer, self.sandbox = customer, sandbox
        self.states: set[str] = set()
        covered = {name for fault in FAULTS for name in fault}
        expect(covered == set(BEHAVIOURS), f"faults without a rental: {set(BEHAVIOURS) - covered}")

    def pass_every_state(self) -> None:
        """Rentals that fail, start late, are cancelled, are lost and found again, and are owed."""
        cabinet = self._cabinet()
        self._behave(cabinet, {"eject": "fail"})
        self._expect_state(self._start(cabinet), "failed")
        self._behave(cabinet, {"eject": "silent"})
        rental = self._expect_state(self._start(cabinet), "starting")
        self._pass(seconds=70)
        self._list_slots(cabinet)
        self._behave(cabinet, {"eject": "ok"})
        self._expect_state(rental, "active")
        self._give_back(cabinet)
        cancel = partial(self.customer.api.post, f"/api/rentals/{rental['id']}/cancel", {"reason": "too slow"})
        step("the customer cancels it", cancel)
        self._expect_state(rental, "cancelled")
        rental = self._start(cabinet)
        self._pass(hours=25, minutes=2)
        self.customer.refresh()
        self._expect_state(rental, "lost")
        self._give_back(cabinet)
        self._expect_state(rental, "completed")
        rental = self._start(cabinet, "pay-as-you-go")
        self._pass(minutes=70)
        self._give_back(cabinet)
        self.customer.pay_due(self._expect_state(rental, "due"))
        missing = {"starting", "active", "failed", "cancelled", "lost", "due", "completed"} - self.states
        expect(not missing, f"states that no rental passed: {missing}")

    def suffer_every_fault(self, sign_in_operator: Callable[[], Api]) -> None:
        """A rental ends for each fault, no power bank stays out, and operators see what is truly in each slot."""
        for fault in FAULTS:
            step(", ".join(f"{name}: {value}" for name, value in fault.items()), partial(self._suffer, fault))
        self._compare_slots(sign_in_operator())

    def _suffer(self, fault: Mapping[str, Any]) -> None:
        cabinet, outage = self._cabinet(), "online" in fault
        self._behave(cabinet, {name: value for name, value in fault.items() if name != "online"})
        rental = self._start(cabinet)
        self._pass(seconds=70)
        if outage:
            self._behave(cabinet, {"online": False})
        self._give_back(cabinet)
        self._pass(seconds=70)
        self.sandbox.delete("/cabinets/behaviours")
        for _ in range(MAX_WAITS):
            self._list_slots(cabinet)
            if self._state(rental)["status"] in ENDED and not self.sandbox.get("/cabinets/banks-out"):
                break
            self._pass(minutes=12)
            self.customer.refresh()
            self._give_back(cabinet)
        ended = self._state(rental)
        expect(ended["status"] in ENDED, f"the rental ends: {ended}")
        if ended["status"] == "due":
            self.customer.pay_due(ended)
        audit = self.sandbox.get("/audit")
        expect(audit["ok"], f"the audit finds violations after {fault}: {audit['violations']}")

    def _cabinet(self) -> dict[str, Any]:
        """The cabinet with the most power banks that can be rented."""
        listed = self.customer.api.get("/api/app/stations?status=online&has_powerbank=true&limit=100")["results"]
        sn = max(listed, key=lambda station: int(station["available_powerbanks"]))["sn"]
        content: dict[str, Any] = next(item for item in self.sandbox.get("/cabinets") if item["sn"] == sn)
        return content

    def _behave(self, cabinet: Mapping[str, Any], orders: Mapping[str, Any]) -> None:
        self.sandbox.post(f"/cabinets/{cabinet['imei']}/behaviour", orders)

    def _start(self, cabinet: Mapping[str, Any], package: str = "1-hour") -> dict[str, Any]:
        self._pass(seconds=20)
        order = {"station_sn": cabinet["sn"], "package_id": package}
        answer = self.customer.api.call("POST", "/api/rentals/start", order)
        self.sandbox.drain()
        if answer.code == "eject_failed":
            return {"id": answer.body["error"]["details"]["rental_id"]}
        expect(answer.status in (201, 202), f"start answers {answer.status}: {answer.body}")
        rental: dict[str, Any] = answer.data
        return rental

    def _list_slots(self, cabinet: Mapping[str, Any]) -> None:
        """The cabinet lists its slots, and a minute later once more: one list may be too early to prove anything."""
        for _ in range(2):
            self.sandbox.post(f"/cabinets/{cabinet['imei']}/snapshot")
            self._pass(seconds=35)

    def _give_back(self, cabinet: Mapping[str, Any]) -> None:
        """Put every power bank that is out into the cabinet."""
        self.sandbox.advance(seconds=3)
        for powerbank_sn in self.sandbox.get("/cabinets/banks-out"):
            self.sandbox.post(f"/cabinets/{cabinet['imei']}/return", {"powerbank_sn": powerbank_sn})
        self.sandbox.drain()

    def _pass(self, **length: int) -> None:
        self.sandbox.advance(**length)
        self.sandbox.drain()
        self.customer.refresh()

    def _state(self, rental: Mapping[str, Any]) -> dict[str, Any]:
        now: dict[str, Any] = self.customer.api.get(f"/api/rentals/{rental['id']}")
        self.states.add(now["status"])
        return now

    def _expect_state(self, rental: Mapping[str, Any], status: str) -> dict[str, Any]:
        now = step(f"the rental is {status}", partial(self._state, rental))
        expect(now["status"] == status, f"the rental is {now['status']}, not {status}: {now}")
        return now

    def _compare_slots(self, operator: Api) -> None:
        """Every slot that operators see holds what is really in it."""
        for cabinet in self.sandbox.get("/cabinets"):
            true = {slot["slot_number"]: slot["powerbank_sn"] for slot in cabinet["slots"]}
            seen = operator.get(f"/api/admin/stations/{cabinet['sn']}")["slots"]
            stored = {slot["slot_number"]: (slot["powerbank"] or {}).get("serial_number") for slot in seen}
            expect(stored == true, f"{cabinet['sn']} holds {true}, and operators see {stored}")
