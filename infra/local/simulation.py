"""What every simulated company shares: a movable clock, faults on demand, and a record of calls."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Response, g, has_app_context, request

from infra.local.aws.marked_calls import HEADER
from infra.local.clock import Clock
from infra.local.fault import IAM, Fault, InCompanyWords, failed
from infra.local.feed.event_feed import EventFeed
from infra.local.gateways.callbacks import Callbacks
from infra.local.gateways.late_returns import LateReturns
from infra.local.snapshots.activity_gate import ActivityGate, Stopped

MAX_STORED_CALLS = 5000
MAX_KEPT_CALLS = 500
"""How many calls a snapshot holds."""
MAX_ANSWER = 2000
CALLED_FOR = "rental_id"
"""The name in Flask's context of the rental that a call is about."""


@dataclass
class Call:
    """One call that a simulated company received, with the beginning of its answer and the time that took.

    `request_id` is the id of the request to the API, of the batch or of the run during which the service called.
    """

    service: str
    method: str
    path: str
    body: Any
    status: int
    at: str
    answer: str = ""
    milliseconds: float = 0.0
    request_id: str = ""


@dataclass
class Simulation:
    """Shared by all parts of one sandbox."""

    clock: Clock = field(default_factory=Clock)
    pace: float = 0.1
    """Vendor's seconds are multiplied by this: a cabinet that takes 2 s answers in 0.2 s."""
    faults: dict[str, Fault] = field(default_factory=dict)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=MAX_STORED_CALLS))
    activity: ActivityGate = field(default_factory=ActivityGate)
    feed: EventFeed = field(init=False)
    callbacks: Callbacks = field(init=False)
    late_returns: LateReturns = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.feed = EventFeed(self.clock.now)
        self.callbacks = Callbacks(self.feed, self.activity)
        self.late_returns = LateReturns(self.now, self.activity)

    def now(self) -> datetime:
        """The time of the present clock."""
        return self.clock.now()

    def state(self) -> dict[str, Any]:
        """The faults on demand and the newest calls."""
        with self._lock:
            faults = {service: asdict(fault) for service, fault in self.faults.items()}
        return {"faults": faults, "calls": [asdict(call) for call in [*self.calls][-MAX_KEPT_CALLS:]]}

    def prepare(self, state: Any) -> Callable[[], None]:
        faults = {str(service): Fault(**fault) for service, fault in state["faults"].items()}
        calls = [Call(**call) for call in state["calls"]]

        def apply() -> None:
            with self._lock:
                self.faults.clear()
                self.faults.update(faults)
                self.calls.clear()
                self.calls.extend(calls)

        return apply

    def fault(self, service: str, method: str = "", path: str = "", body: str = "") -> Fault | None:
        """The fault for a call to a service, or None. Each such call uses up one of its `times`."""
        with self._lock:
            fault = self.faults.get(service)
            if fault is None or not fault.concerns(method, path, body):
                return None
            fault.times -= 1
            return fault

    def is_right_revoked(self, function: str, action: str) -> bool:
        """Whether the fault of the service `iam` takes the action from the function, as in `Erase dynamodb:Query`."""
        return IAM in self.faults and self.fault(IAM, path=f"{function} {action}") is not None

    def record(self, service: str, answer: Any, begun: float) -> None:
        """Record the running call. `begun` is the monotonic time of its beginning."""
        content = request.get_json(silent=True) or request.form.to_dict() or request.args.to_dict()
        status = answer.status_code if isinstance(answer, Response) else HTTPStatus.OK
        text = _text_of(answer)
        milliseconds = round((time.monotonic() - begun) * 1000, 1)
        at = self.clock.now().isoformat()
        request_id = request.headers.get(HEADER, "")
        call = Call(service, request.method, request.path, content, status, at, text, milliseconds, request_id)
        self.calls.append(call)
        if request.method != "GET":
            self.activity.note_change()
        text = f"{service}: {call.method} {call.path} -> {status}"
        self.feed.add("call", text, rental_id=g.get(CALLED_FOR), **asdict(call))

    def name_rental(self, rental_id: str | None) -> None:
        """The running call, if one runs, is about this rental."""
        if has_app_context():
            setattr(g, CALLED_FOR, rental_id)

    def browsed(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a view that a customer's browser opens, and not the service: a request from outside."""

        @wraps(view)
        def inner(*args: Any, **kwargs: Any) -> Any:
            try:
                with self.activity.request(f"{request.method} {request.path}", changes=request.method != "GET"):
                    return view(*args, **kwargs)
            except Stopped:
                return Response("The sandbox stops.", HTTPStatus.SERVICE_UNAVAILABLE)

        return inner

    def calling(
        self, service: str, in_company_words: InCompanyWords | None = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate a view of a simulated company: apply a fault on demand and record the call.

        A fault answers before the view runs, so the call has no effect. A fault with `timeout` or `effect` runs the
        view first. A fault with `timeout` then waits that long, or until a reset or a restore, and answers 504.
        """

        def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def inner(*args: Any, **kwargs: Any) -> Any:
                fault = self.fault(service, request.method, request.path, request.get_data(as_text=True))
                begun = time.monotonic()
                if fault is None:
                    answer = view(*args, **kwargs)
                    self.record(service, answer, begun)
                    return answer
                if fault.timeout is not None or fault.effect:
                    view(*args, **kwargs)
                answer = failed(fault, in_company_words)
                # recorded right after its effect: the client may disconnect before the wait ends
                self.record(service, answer, begun)
                self.activity.hang(fault.timeout or 0)
                return answer

            return inner

        return wrap


def _text_of(answer: Any) -> str:
    """The beginning of an answer; of a file, its type."""
    if not isinstance(answer, Response):
        return str(answer)[:MAX_ANSWER]
    kind = str(answer.mimetype)
    is_text = kind.startswith("text/") or "json" in kind
    return answer.get_data().decode(errors="replace")[:MAX_ANSWER] if is_text else kind
