"""Dying, silence and refusal at every call out of a flow: the calls are found by running it, never listed by hand.

A flow runs once undisturbed, which tells its calls; then once more for each call and each thing that can go wrong
there, on tables put back to where they were; then everybody who would come again comes, and it is checked.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib import wiring
from chalicelib.domain.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.services.content import packages
from chalicelib.services.stations import listings
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.world import OutcomeUnknown, PaymentGateway, Unavailable, World
from tests.fake_world import FakeClock, FakeWorld
from tests.network import Network
from tests.real_tables import fresh_tables, kept_rows

T = TypeVar("T")
CELLS: dict[str, int] = {}
"""How many cells each matrix of this run had; told at its end."""


class Crash(BaseException):
    """The process dies at this call: no `except Exception` may live through it."""


class CallerGaveUp(Exception):
    """A caller was told of the failure, or nothing: they will come again, in `recover`."""


class Fault(StrEnum):
    """What goes wrong at a call. Every one outlasts the tries of the vendor's own library."""

    CRASH_BEFORE = "dies before it"
    CRASH_AFTER = "dies after it took effect"
    SILENT_BEFORE = "time-out without effect"
    SILENT_AFTER = "time-out with effect"
    BROKEN = "5xx"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    PAUSED = "sleeps until its retry is over"


READS = {
    "BatchGetItem",
    "GetItem",
    "Query",
    "gateway.fetch_payment",
    "gateway.fetch_refund",
    "gateway.list_payments",
    "cabinets.online",
}
WRITES = {"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"}
REFUSALS = {
    Fault.BROKEN: (500, "InternalServerError"),
    Fault.THROTTLED: (400, "ThrottlingException"),
    Fault.CONFLICT: (400, "TransactionConflictException"),
}


def _raise(error: Exception) -> Any:
    raise error


Action = Callable[[], Any]
# By neighbour and method: what its Protocol in chalicelib/world makes of an answer that never came, and of a refusal.
# Names that are not here are no calls out (LOCAL) or an error of the test: nothing new goes by unwatched.
FAILURE_RESULTS: dict[str, tuple[Action, Action]] = {
    "gateway.create_checkout": (lambda: _raise(Unavailable("gateway")), lambda: _raise(Unavailable("gateway"))),
    "gateway.fetch_payment": (
        lambda: PaymentStatus(PaymentState.UNKNOWN),
        lambda: PaymentStatus(PaymentState.UNKNOWN),
    ),
    "gateway.refund": (
        lambda: RefundStatus(GatewayRefundState.UNKNOWN),
        lambda: RefundStatus(GatewayRefundState.UNKNOWN),
    ),
    "gateway.fetch_refund": (
        lambda: RefundStatus(GatewayRefundState.UNKNOWN),
        lambda: RefundStatus(GatewayRefundState.UNKNOWN),
    ),
    "gateway.list_payments": (lambda: _raise(Unavailable("gateway")), lambda: _raise(Unavailable("gateway"))),
    "queues.send": (lambda: _raise(Unavailable("queue")), lambda: _raise(Unavailable("queue"))),
    "inbox.receive": (lambda: _raise(Unavailable("mns")), lambda: _raise(Unavailable("mns"))),
    "inbox.delete": (lambda: _raise(Unavailable("mns")), lambda: _raise(Unavailable("mns"))),
    "cabinets.eject": (lambda: _raise(OutcomeUnknown("iot")), lambda: _raise(Unavailable("iot"))),
    "cabinets.check": (lambda: _raise(OutcomeUnknown("iot")), lambda: _raise(Unavailable("iot"))),
    "cabinets.online": (lambda: _raise(Unavailable("iot")), lambda: _raise(Unavailable("iot"))),
    "sms.send": (lambda: _raise(OutcomeUnknown("sms")), lambda: _raise(Unavailable("sms"))),
    "media.store": (lambda: _raise(Unavailable("media")), lambda: _raise(Unavailable("media"))),
}
LOCAL = {"gateway.name", "gateway.parse_callback", "media.private_link"}


class Flow(Protocol):
    """A story with customers, gateways, queues and clocks; each step as it would reach us from outside."""

    def run(self) -> None:
        """All of it. Raises GaveUp where a caller would stop on what they were told."""
        ...

    def recover(self) -> None:
        """Those who come again: queues, clocks, the client's retry. Nothing goes wrong any more; may run twice."""
        ...

    def check(self) -> None:
        """What must hold in the end. Raises AssertionError."""
        ...


@dataclass
class FaultInjector:
    """What lies between us and everything outside: counts the calls, and fails the `at`-th (from 0) by `fault`."""

    at: int | None = None
    fault: Fault | None = None
    meanwhile: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)
    failed_call: str | None = None
    """The call at which it went wrong."""
    _armed: bool = False
    _pending: Fault | None = None

    def around(self, world: World) -> World:
        """The same world, its neighbours reached over this wire."""
        gateways = {name: FaultyDependency(self, "gateway", one) for name, one in world.gateways.items()}
        return replace(
            world,
            gateways=cast("dict[str, PaymentGateway]", gateways),
            queues=FaultyDependency(self, "queues", world.queues),
            inbox=FaultyDependency(self, "inbox", world.inbox),
            cabinets=FaultyDependency(self, "cabinets", world.cabinets),
            sms=FaultyDependency(self, "sms", world.sms),
            media=FaultyDependency(self, "media", world.media),
        )

    @contextmanager
    def armed(self) -> Iterator[None]:
        """What happens inside goes over the wire, DynamoDB too."""
        events = shared_connection().client.meta.events
        events.register("before-call.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)
        self._armed = True
        try:
            yield
        finally:
            self._armed = False
            events.unregister("before-call.dynamodb", self._before)
            events.unregister("after-call.dynamodb", self._after)

    def reach(self, name: str) -> Fault | None:
        """A call begins: what goes wrong with it, if anything."""
        if not self._armed:
            return None
        self.calls.append(name)
        if self.failed_call is not None or len(self.calls) - 1 != self.at:
            return None
        self.failed_call = name
        if self.fault is Fault.CRASH_BEFORE:
            raise Crash(name)
        if self.fault is Fault.PAUSED:
            self._armed = False
            self.meanwhile()
            self._armed = True
        return self.fault

    def _before(self, model: Any, params: Any, **_: Any) -> Any:
        self._pending = fault = self.reach(model.name)
        if fault is Fault.SILENT_BEFORE:
            raise ReadTimeoutError(endpoint_url="dynamodb")
        return None if fault not in REFUSALS else _refusal(fault, model.name, params)

    def _after(self, **_: Any) -> None:
        fault, self._pending = self._pending, None
        if fault is Fault.CRASH_AFTER:
            raise Crash(self.failed_call)
        if fault is Fault.SILENT_AFTER:
            raise ReadTimeoutError(endpoint_url="dynamodb")


def _refusal(fault: Fault, operation: str, params: Any) -> tuple[AWSResponse, dict[str, Any]]:
    """DynamoDB's answer to a call it did not take; a transaction names the conflict for each of its items."""
    status, code = REFUSALS[fault]
    parsed: dict[str, Any] = {"Error": {"Code": code, "Message": fault.value}, "ResponseMetadata": {}}
    if operation == "TransactWriteItems" and fault is Fault.CONFLICT:
        parsed["Error"]["Code"] = "TransactionCanceledException"
        parsed["CancellationReasons"] = [{"Code": "TransactionConflict"}]
    return AWSResponse("dynamodb", status, HTTPHeaders(), None), parsed


class FaultyDependency:
    """A neighbour at the end of the wire."""

    def __init__(self, wire: FaultInjector, kind: str, odd_server: Any) -> None:
        self._wire, self._kind, self._neighbour = wire, kind, odd_server

    def __getattr__(self, method: str) -> Any:
        known = f"{self._kind}.{method}"
        found = getattr(self._neighbour, method)
        if known in LOCAL:
            return found
        silent, broken = FAILURE_RESULTS[known]
        return lambda *answer, **named: self._call(known, lambda: found(*answer, **named), silent, broken)

    def _call(self, known: str, do: Action, silent: Action, broken: Action) -> Any:
        fault = self._wire.reach(known)
        if fault is Fault.SILENT_BEFORE:
            return silent()
        if fault is Fault.BROKEN:
            return broken()
        done = do()
        if fault is Fault.CRASH_AFTER:
            raise Crash(known)
        return silent() if fault is Fault.SILENT_AFTER else done


def faults_at(call: str) -> tuple[Fault, ...]:
    """What can go wrong at a call: reads have no effect to die after, DynamoDB throttles, its writes conflict."""
    impossible: set[Fault] = set()
    if call in READS:
        impossible |= {Fault.CRASH_AFTER, Fault.SILENT_AFTER}
    if call not in WRITES:
        impossible.add(Fault.CONFLICT)
    if "." in call:
        impossible.add(Fault.THROTTLED)
    return tuple(fault for fault in Fault if fault not in impossible)


def crash_everywhere(
    name: str, prepare: Callable[[Network], T], begin: Callable[[FakeWorld, World, T], Flow]
) -> None:
    """The whole matrix of a flow. `prepare` is done once, `begin` makes the flow for each cell, from where it left.

    Raises AssertionError naming every cell that did not come right, and how many there were.
    """
    with fresh_tables(), ExitStack() as stack:
        stack.callback(wiring.use_world, None)
        first = FakeWorld()
        _forget(first.world())
        prepared = prepare(Network(first, wiring.world()))
        put_back = kept_rows()

        def flow(wire: FaultInjector) -> Flow:
            put_back()
            fake_world = FakeWorld(clock=FakeClock(first.clock.at), settings=first.settings, made=first.made)
            _forget(wire.around(fake_world.world()))
            return begin(fake_world, wiring.world(), prepared)

        plain = FaultInjector()
        _play(plain, flow(plain))
        cells = [(at, call, fault) for at, call in enumerate(plain.calls) for fault in faults_at(call)]
        CELLS[name] = len(cells)
        wrong = [told for cell in cells if (told := _cell(flow, *cell)) is not None]
    by_call = dict(Counter(plain.calls))
    assert not wrong, f"{len(wrong)} of {len(cells)} cells of {name}, calls {by_call}:\n" + "\n".join(wrong)


def _cell(flow: Callable[[FaultInjector], Flow], at: int, call: str, fault: Fault) -> str | None:
    """What was wrong in the end, or None."""
    wire = FaultInjector(at, fault)
    one = flow(wire)
    wire.meanwhile = one.recover
    try:
        _play(wire, one)
        assert wire.failed_call == call, f"another call was there: {wire.failed_call}"
    except Exception as error:  # noqa: BLE001  each cell is told of, not the first alone
        return f"{at} {call}, {fault}: {type(error).__name__}: {error}"
    return None


def _play(wire: FaultInjector, flow: Flow) -> None:
    with suppress(Crash, CallerGaveUp), wire.armed():
        flow.run()
    flow.recover()
    flow.check()


def _forget(world: World) -> None:
    """As a new process has it: this world, and nothing remembered."""
    listings.listing_cache.clear()
    packages.package_cache.clear()
    wiring.use_world(world)
