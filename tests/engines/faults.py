"""What can go wrong at each call out of a flow, and an injector that makes it go wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.tables.dynamodb import shared_connection
from chalicelib.world import OutcomeUnknown, PaymentGateway, Unavailable, World


class Crash(BaseException):
    """The process dies at this call. No `except Exception` catches it."""


class CallerGaveUp(Exception):
    """A caller got an error or no response, and retries in `recover`."""


class Fault(StrEnum):
    """What goes wrong at a call. Each fault outlasts the retries of the vendor's own library."""

    CRASH_BEFORE = "dies before it"
    CRASH_AFTER = "dies after it took effect"
    SILENT_BEFORE = "time-out without effect"
    SILENT_AFTER = "time-out with effect"
    BROKEN = "5xx"
    THROTTLED = "throttled"
    CONFLICT = "conflict"
    IN_PROGRESS_AFTER = "takes effect, then botocore's retry is told that it is in progress"
    THROTTLED_AFTER = "takes effect, then botocore's retry is throttled"
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
AFTER_EFFECT = {
    Fault.IN_PROGRESS_AFTER: "TransactionInProgressException",
    Fault.THROTTLED_AFTER: "ThrottlingException",
}
"""botocore retries a time-out with the same token, and raises the error of its last try."""


def _raise(error: Exception) -> Any:
    raise error


Action = Callable[[], Any]
# By dependency and method: what its Protocol in chalicelib/world gives for a missing response, and for an error.
# A method that is in neither FAILURE_RESULTS nor LOCAL fails the test, so that no new call stays untested.
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
    "queues.retry_later": (lambda: _raise(Unavailable("queue")), lambda: _raise(Unavailable("queue"))),
    "inbox.receive": (lambda: _raise(Unavailable("mns")), lambda: _raise(Unavailable("mns"))),
    "inbox.delete": (lambda: _raise(Unavailable("mns")), lambda: _raise(Unavailable("mns"))),
    "cabinets.eject": (lambda: _raise(OutcomeUnknown("iot")), lambda: _raise(Unavailable("iot"))),
    "cabinets.command": (lambda: _raise(OutcomeUnknown("iot")), lambda: _raise(Unavailable("iot"))),
    "cabinets.check": (lambda: _raise(OutcomeUnknown("iot")), lambda: _raise(Unavailable("iot"))),
    "cabinets.online": (lambda: _raise(Unavailable("iot")), lambda: _raise(Unavailable("iot"))),
    "sms.send": (lambda: _raise(OutcomeUnknown("sms")), lambda: _raise(Unavailable("sms"))),
    "media.store": (lambda: _raise(Unavailable("media")), lambda: _raise(Unavailable("media"))),
}
LOCAL = {"gateway.name", "gateway.parse_callback", "inbox.run", "media.private_link"}


@dataclass
class FaultInjector:
    """Intercepts every external call: records the calls, and applies `fault` to the call number `at` (from 0)."""

    at: int | None = None
    fault: Fault | None = None
    during_pause: Callable[[], None] = lambda: None
    calls: list[str] = field(default_factory=list)
    failed_call: str | None = None
    """The call that got the fault."""
    _armed: bool = False
    _pending: Fault | None = None

    def around(self, world: World) -> World:
        """The same world, with each dependency behind this injector."""
        gateways = {name: FaultyDependency(self, "gateway", gateway) for name, gateway in world.gateways.items()}
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
        """Intercept every call inside the block, also DynamoDB's."""
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
        """Record the beginning of a call. Returns its fault, if any."""
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
            self.during_pause()
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
        if fault in AFTER_EFFECT:
            response: Any = {"Error": {"Code": AFTER_EFFECT[fault]}, "ResponseMetadata": {"RetryAttempts": 2}}
            raise ClientError(response, "TransactWriteItems")


def _refusal(fault: Fault, operation: str, params: Any) -> tuple[AWSResponse, dict[str, Any]]:
    """DynamoDB's error response. A cancelled transaction names a conflict for its items."""
    status, code = REFUSALS[fault]
    parsed: dict[str, Any] = {"Error": {"Code": code, "Message": fault.value}, "ResponseMetadata": {}}
    if operation == "TransactWriteItems" and fault is Fault.CONFLICT:
        parsed["Error"]["Code"] = "TransactionCanceledException"
        parsed["CancellationReasons"] = [{"Code": "TransactionConflict"}]
    return AWSResponse("dynamodb", status, HTTPHeaders(), None), parsed


class FaultyDependency:
    """A dependency whose calls the injector intercepts."""

    def __init__(self, injector: FaultInjector, kind: str, dependency: Any) -> None:
        self._injector, self._kind, self._dependency = injector, kind, dependency

    def __getattr__(self, method: str) -> Any:
        call_name = f"{self._kind}.{method}"
        attribute = getattr(self._dependency, method)
        if call_name in LOCAL:
            return attribute
        silent, broken = FAILURE_RESULTS[call_name]
        return lambda *answer, **named: self._call(call_name, lambda: attribute(*answer, **named), silent, broken)

    def _call(self, call_name: str, do: Action, silent: Action, broken: Action) -> Any:
        fault = self._injector.reach(call_name)
        if fault is Fault.SILENT_BEFORE:
            return silent()
        if fault is Fault.BROKEN:
            return broken()
        result = do()
        if fault is Fault.CRASH_AFTER:
            raise Crash(call_name)
        return silent() if fault is Fault.SILENT_AFTER else result


def faults_at(call: str) -> tuple[Fault, ...]:
    """The faults that are possible at a call. Throttling, conflicts and tokens exist only at DynamoDB."""
    impossible: set[Fault] = set()
    if call in READS:
        impossible |= {Fault.CRASH_AFTER, Fault.SILENT_AFTER}
    if call not in WRITES:
        impossible.add(Fault.CONFLICT)
    if call != "TransactWriteItems":
        impossible |= AFTER_EFFECT.keys()
    if "." in call:
        impossible.add(Fault.THROTTLED)
    return tuple(fault for fault in Fault if fault not in impossible)
