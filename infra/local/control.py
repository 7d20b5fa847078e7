"""The sandbox's control API: what was sent, the clock, schedules, queues, cabinets, gateways, faults, the audit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from infra.local.cabinets import SimulatedCabinets
from infra.local.schedule_runner import ScheduleRunner
from infra.local.simulation import Fault, Simulation

OUTCOMES = frozenset({"success", "fail", "cancel", "pending", "wrong_amount"})
CALLBACKS = frozenset({"once", "twice", "never", "forged"})
MAX_STEP_SECONDS = 10 * 366 * 86400
Order = dict[str, Any]


class PayServer(Protocol):
    """A simulated place where money comes in."""

    def pay(self, reference: str, outcome: str, callback: Any) -> Any:
        """What the customer does there. Raises LookupError for an unknown reference, ValueError for a bad order."""
        ...


@dataclass(frozen=True)
class SandboxParts:
    """What there is to control. `outboxes` lists what was sent, by kind and by whom it went to."""

    simulation: Simulation
    cabinets: SimulatedCabinets
    schedule_runner: ScheduleRunner
    drain: Callable[[], Any]
    audit: Callable[[], list[Any]]
    gateways: Mapping[str, PayServer]
    outboxes: Mapping[str, Callable[[str | None], list[Any]]]
    environment: Mapping[str, str]
    services: frozenset[str]


class BadRequest(Exception):
    """An order that can't be carried out: status and a sentence about why."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.why = status, reason
        super().__init__(reason)


def control_app(parts: SandboxParts, companies: list[Blueprint]) -> Flask:
    """The app of the sandbox's port; the simulated companies answer beside it, each under its own prefix."""
    app = Flask("sandbox")
    for blueprint in [_watching(parts), _turning(parts), _troubling(parts), _cabinets(parts), *companies]:
        app.register_blueprint(blueprint)

    @app.errorhandler(BadRequest)
    def wrong(error: BadRequest) -> tuple[Response, int]:
        return jsonify({"error": error.why}), error.status

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": error.description}), error.code or 500

    return app


def _watching(parts: SandboxParts) -> Blueprint:
    """What can be seen."""
    blueprint = Blueprint("watching", __name__)

    for name, addressed_by in (("sms", "to"), ("emails", "to"), ("pushes", "token"), ("media", "public_id")):
        listing = parts.outboxes.get(name, lambda _: [])
        blueprint.add_url_rule(
            f"/{name}",
            name,
            lambda listing=listing, by=addressed_by: jsonify(listing(request.args.get(by))),
        )

    @blueprint.get("/audit")
    def audit() -> Response:
        found = parts.audit()
        return jsonify({"ok": not found, "violations": [asdict(item) for item in found]})

    @blueprint.get("/calls")
    def calls() -> Response:
        asked = request.args.get("service")
        return jsonify([asdict(call) for call in [*parts.simulation.calls] if asked in (None, call.service)])

    @blueprint.get("/env")
    def env() -> Response:
        return jsonify(dict(parts.environment))

    return blueprint


def _turning(parts: SandboxParts) -> Blueprint:
    """What can be set going."""
    blueprint = Blueprint("turning", __name__)

    @blueprint.get("/clock")
    def clock() -> Response:
        return jsonify({"now": _text(parts.simulation.clock.now())})

    @blueprint.post("/clock/advance")
    def advance() -> Response:
        seconds = _number(_order("seconds"), "seconds", MAX_STEP_SECONDS)
        with parts.schedule_runner.held():
            now = parts.simulation.clock.advance(seconds)
            # Cabinets have gone on talking meanwhile: what they say by now is heard before anybody acts.
            parts.cabinets.tick()
            _settle(parts)
            ran = parts.schedule_runner.run_due()
            _settle(parts)
        return jsonify({"now": _text(now), "ran": ran})

    @blueprint.get("/schedules")
    def schedules() -> Response:
        return jsonify(parts.schedule_runner.listing())

    @blueprint.post("/schedules/<name>/run")
    def run(name: str) -> Response:
        if name not in {item["name"] for item in parts.schedule_runner.listing()}:
            raise BadRequest(404, f"there is no schedule {name}")
        return jsonify({"name": name, "answer": parts.schedule_runner.run(name)})

    @blueprint.post("/queues/drain")
    def drain() -> Response:
        try:
            return jsonify(parts.drain())
        except TimeoutError as error:
            raise BadRequest(409, str(error)) from error

    return blueprint


def _settle(parts: SandboxParts) -> None:
    """Whatever moves comes to rest, if it does within a minute."""
    with suppress(TimeoutError):
        parts.drain()


def _troubling(parts: SandboxParts) -> Blueprint:
    """What the companies around us are told to do."""
    blueprint = Blueprint("troubling", __name__)

    @blueprint.post("/faults")
    def faults() -> Response:
        content = _order("service", "status", "timeout", "times")
        service = content.get("service")
        if service not in parts.services:
            raise BadRequest(404, f"there is no service {service}; there are {', '.join(sorted(parts.services))}")
        fault = parts.simulation.faults[str(service)] = _fault(content)
        return jsonify({"service": service, **asdict(fault)})

    @blueprint.delete("/faults")
    def no_faults() -> Response:
        parts.simulation.faults.clear()
        return jsonify({})

    @blueprint.post("/gateways/<name>/<reference>/pay")
    def pay(name: str, reference: str) -> Response:
        if name not in parts.gateways:
            raise BadRequest(404, f"there is no gateway {name}")
        outcome, callback = _payment(_order("outcome", "callback"))
        answer = _carried_out(lambda: parts.gateways[name].pay(reference, outcome, callback))
        return jsonify({"reference": reference, "outcome": outcome, "told": answer})

    return blueprint


def _fault(content: Order) -> Fault:
    if ("status" in content) == ("timeout" in content):
        raise BadRequest(422, "give either status or timeout")
    times = int(_number(content, "times", 1_000_000, default=1))
    if "status" in content:
        return Fault(times, status=int(_number(content, "status", 599, minimum=400)))
    return Fault(times, timeout=_number(content, "timeout", 600))


def _payment(content: Order) -> tuple[str, Any]:
    outcome, callback = content.get("outcome", "success"), content.get("callback", "once")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise BadRequest(422, f"outcome is one of {', '.join(sorted(OUTCOMES))}")
    late = isinstance(callback, dict) and callback.keys() == {"late_seconds"}
    if not late and (not isinstance(callback, str) or callback not in CALLBACKS):
        raise BadRequest(422, f"callback is one of {', '.join(sorted(CALLBACKS))}, or {{late_seconds: n}}")
    return outcome, callback


def _cabinets(parts: SandboxParts) -> Blueprint:
    blueprint = Blueprint("cabinets", __name__, url_prefix="/cabinets")
    cabinets = parts.cabinets

    @blueprint.get("")
    def listing() -> Response:
        return jsonify(cabinets.listing())

    @blueprint.get("/banks-out")
    def banks_out() -> Response:
        return jsonify(cabinets.out())

    @blueprint.get("/<imei>")
    def one(imei: str) -> Response:
        return jsonify(_carried_out(lambda: cabinets.detail(imei)))

    @blueprint.post("/<imei>/return")
    def put_back(imei: str) -> Response:
        content = _order("powerbank_sn", "slot", "via")
        bank, slot = str(content.get("powerbank_sn", "")), content.get("slot")
        if slot is not None:
            slot = int(_number(content, "slot", 255, minimum=1))
        via = str(content.get("via", "mqtt"))
        number = _carried_out(lambda: cabinets.return_powerbank(imei, bank, slot, via))
        return jsonify({"imei": imei, "powerbank_sn": bank, "slot": number, "via": via})

    @blueprint.post("/<imei>/behaviour")
    def behave(imei: str) -> Response:
        content = request.get_json(silent=True)
        if not isinstance(content, dict):
            raise BadRequest(400, "the body is to be a JSON object")
        _carried_out(lambda: cabinets.behave(imei, content))
        return jsonify(cabinets.detail(imei)["behaviour"])

    @blueprint.post("/<imei>/snapshot")
    def snapshot(imei: str) -> Response:
        _carried_out(lambda: cabinets.snapshot(imei))
        return jsonify({"imei": imei})

    return blueprint


def _carried_out(do: Callable[[], Any]) -> Any:
    """Raises BadRequest: 404 for what is unknown, 409 for what can't be done now."""
    try:
        return do()
    except LookupError as error:
        raise BadRequest(404, f"unknown: {error.args[0] if error.args else error}") from error
    except ValueError as error:
        raise BadRequest(409, str(error)) from error


def _order(*allowed: str) -> Order:
    content = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(content, dict):
        raise BadRequest(400, "the body is to be a JSON object")
    unknown = content.keys() - set(allowed)
    if unknown:
        raise BadRequest(422, f"unknown: {', '.join(sorted(unknown))}; there is {', '.join(allowed)}")
    return content


def _number(content: Order, name: str, maximum: float, *, minimum: float = 0, default: float | None = None) -> float:
    told = content.get(name, default)
    if isinstance(told, bool) or not isinstance(told, int | float) or not minimum <= told <= maximum:
        raise BadRequest(422, f"{name} is a number from {minimum:g} to {maximum:g}")
    return float(told)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
