"""An operator's command whose handling fails at any call: what the cabinet does once is stored once."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.event_log import EventKind
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.operators.role import Role
from chalicelib.services.audit import whole_audit
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.tables import audit_log, event_log, powerbanks
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from tests.engines.fault_injection import crash_everywhere
from tests.engines.faults import CallerGaveUp, Crash
from tests.functions.test_consumers import feed
from tests.world.builders import LABIM
from tests.world.fake_world import FakeWorld
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.tokens import token_of

pytestmark = pytest.mark.long

URL, FULLEST, ITS_SLOT = f"/api/admin/stations/{LABIM.sn}/remote-command", "40818052", 2
NOT_THERE, NETWORKS = 0xFC, ["Labim"]
EJECT: dict[str, Any] = {"command": "eject", "powerbank_sn": FULLEST}
BY_SLOT: dict[str, Any] = {"command": "eject", "slot_number": ITS_SLOT}


@dataclass(frozen=True)
class Case:
    """A command. A late cabinet answers after the request has ended, and a jammed one lets no power bank out."""

    body: dict[str, Any]
    late: bool = False
    jammed: bool = False
    answer: DeviceEventKind = DeviceEventKind.FRAME

    def __str__(self) -> str:
        traits = [name for name in ("late", "jammed") if getattr(self, name)]
        fields = [name for name in self.body if name != "command"]
        return " ".join([str(self.body["command"]), *fields, *traits])


CASES = [
    Case(EJECT),
    Case(EJECT, jammed=True),
    Case(EJECT, late=True),
    Case(BY_SLOT),
    Case({"command": "check"}),
    Case({"command": "reboot"}, answer=DeviceEventKind.OFFLINE),
    Case({"command": "volume", "volume": 70}),
    Case({"command": "mode", "mode": "wifi"}),
    Case({"command": "wifi_scan"}),
    Case({"command": "wifi_connect", "ssid": "Labim", "password": "wifi-canary-1"}),
]


@dataclass(frozen=True)
class Prepared:
    """An operator's token, and the station's power banks before the command."""

    token: str
    banks: dict[str, Powerbank]


def banks() -> dict[str, Powerbank]:
    keys = {sn: powerbanks.powerbank_key(sn) for sn, _ in LABIM.slots().values() if sn is not None}
    rows = fetch(*keys.values())
    return {sn: bank for sn, key in keys.items() if (bank := rows[key]) is not None}


def prepared(network: Network) -> Prepared:
    operator = network.operator("operator@example.com", Role.ADMIN)
    return Prepared(token_of(network, operator.user_id), banks())


@dataclass
class Command:
    """An operator's command, a cabinet that does what it is told, and a queue that keeps what was not handled."""

    fake_world: FakeWorld
    world: World
    before: Prepared
    case: Case
    with_audit: bool
    is_out: bool = False
    taken_count: int = 0
    waiting: list[dict[str, Any]] = field(default_factory=list)
    handled: list[dict[str, Any]] = field(default_factory=list)
    invisible: list[dict[str, Any]] = field(default_factory=list)
    """Messages whose consumer died: the queue shows them again after minutes."""

    def run(self) -> None:
        self.fake_world.on_pause = self._wait_late if self.case.late else self._answer
        reply = self._send()
        if reply.status >= 400:
            raise CallerGaveUp(reply.text)

    def recover(self) -> None:
        """The command again, what the queue still has, every message once more, and a list of all slots."""
        self.fake_world.clock.advance(minutes=2)
        self.fake_world.on_pause = self._answer
        reply = self._send()
        self.waiting, self.invisible = [*self.waiting, *self.invisible], []
        self._answer()
        assert reply.status in self._statuses(), reply.text
        feed(DEVICE_EVENTS, *self.handled)
        self.fake_world.clock.advance(minutes=2)
        self._report(self._slots())
        self._answer()

    def check(self) -> None:
        after, expected = banks(), dict(self.before.banks)
        bank = after.pop(FULLEST)
        assert after == {sn: known for sn, known in expected.items() if sn != FULLEST}
        if self.case.body["command"] != "eject":
            assert bank == expected[FULLEST]
        elif self.case.jammed:
            assert (bank.custody, bank.slot_number, bank.last_eject_ordered_at) == (Custody.SLOT, ITS_SLOT, None)
        else:
            assert self.is_out
            assert (bank.custody, bank.taken_out_at is None, bank.vanished_at) == (Custody.UNKNOWN, False, None)
        is_aside = bank.service is Service.MAINTENANCE
        assert (is_aside, bank.rental_id) == (self.case.body["command"] == "eject", None)
        self._must_be_recorded()
        if self.with_audit:
            assert whole_audit.audit(self.world) == []

    def _must_be_recorded(self) -> None:
        """Each order is in the audit log and in the event log once, and no order was sent twice."""
        summaries = audit_log.newest(None, self.world.now() + timedelta(minutes=1), None, 20)
        orders = [summary for summary in summaries if summary.action == "station_command"]
        entries = event_log.newest(LABIM.imei, limit=100)
        name = str(self.case.body["command"])
        commands = [entry for entry in entries if entry.kind is EventKind.COMMAND and entry.name == name]
        sent = len(self.fake_world.cabinets.ejects) + len(self.fake_world.cabinets.commands)
        assert 1 <= len(orders) == len(commands) >= sent >= 1

    def _statuses(self) -> list[int]:
        """What a second request may get: a slot or a cabinet that has no such power bank any more is no success."""
        if self.case.jammed:
            return [502]
        return [200, 409, 502] if self.case.body["command"] == "eject" else [200]

    def _send(self) -> Reply:
        return request(app, "POST", URL, self.case.body, token=self.before.token)

    def _wait_late(self) -> None:
        self.fake_world.clock.advance(seconds=6)

    def _answer(self) -> None:
        """The cabinet does what it got since, and the consumer handles what it reports. A consumer that dies is
        another process than the request."""
        cabinets = self.fake_world.cabinets
        got = len(cabinets.ejects) + len(cabinets.commands) + len(cabinets.checks)
        for _ in range(got - self.taken_count):
            self._report(self._done())
        self.taken_count = got
        try:
            failed = feed(DEVICE_EVENTS, *self.waiting)
        except Crash:
            self.invisible, self.waiting = self.waiting, []
            return
        self.handled += [body for number, body in enumerate(self.waiting) if number not in failed]
        self.waiting = [self.waiting[number] for number in failed]

    def _done(self) -> bytes:
        if self.case.answer is not DeviceEventKind.FRAME:
            return b""
        match self.case.body["command"]:
            case "eject":
                state = REFUSED if self.case.jammed else NOT_THERE if self.is_out else EJECTED
                self.is_out = not self.case.jammed
                return frames.eject_result(FULLEST, state)
            case "wifi_scan":
                return frames.wifi_list(NETWORKS)
            case _:
                return self._slots()

    def _slots(self) -> bytes:
        content = LABIM.slots()
        if self.is_out:
            content[ITS_SLOT] = (None, 0)
        celsius = int(self.world.now().timestamp()) % 59
        return frames.snapshot([SlotContent(number, *lying) for number, lying in content.items()], celsius=celsius)

    def _report(self, raw: bytes) -> None:
        kind, at = DeviceEventKind.FRAME if raw else self.case.answer, self.world.now()
        name = f"report {len(self.waiting) + len(self.handled)} of {at}"
        self.waiting.append(DeviceEvent(name, LABIM.imei, kind, at, raw).to_body())


QUICK = [pytest.param(CASES[0], False, id=f"{CASES[0]} quick")]
WHOLE = [pytest.param(case, True, marks=pytest.mark.matrix, id=str(case)) for case in CASES]


@pytest.mark.parametrize(("case", "with_audit"), QUICK + WHOLE)
def test_an_operators_command_has_its_effect_once_whatever_fails(case: Case, with_audit: bool) -> None:
    def begin(fake_world: FakeWorld, world: World, before: Prepared) -> Command:
        return Command(fake_world, world, before, case, with_audit)

    crash_everywhere(f"an operator's command ({case})", prepared, begin)
