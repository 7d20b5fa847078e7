"""The sandbox's control API: what was sent, the clock, schedules, queues, cabinets, gateways, faults, the audit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from infra.local.cabinets import Kiosks
from infra.local.clockwork import Clockwork
from infra.local.stage import Fault, Stage

OUTCOMES = frozenset({"success", "fail", "cancel", "pending", "wrong_amount"})
CALLBACKS = frozenset({"once", "twice", "never", "forged"})
LONGEST_STEP_SECONDS = 10 * 366 * 86400
Order = dict[str, Any]


class PayServer(Protocol):
    """A simulated place where money comes in."""

    def pay(self, reference: str, outcome: str, callback: Any) -> Any:
        """What the customer does there. Raises LookupError for an unknown reference, ValueError for a bad order."""
        ...


@dataclass(frozen=True)
class Parts:
    """What there is to control. `outboxes` lists what was sent, by kind and by whom it went to."""

    stage: Stage
    kiosks: Kiosks
    clockwork: Clockwork
    drain: Callable[[], Any]
    audit: Callable[[], list[Any]]
    gateways: Mapping[str, PayServer]
    outboxes: Mapping[str, Callable[[str | None], list[Any]]]
    environment: Mapping[str, str]
    services: frozenset[str]


class Wrong(Exception):
    """An order that can't be carried out: status and a sentence about why."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why
        super().__init__(why)


def control_app(parts: Parts, companies: list[Blueprint]) -> Flask:
    """The app of the sandbox's port; the simulated companies answer beside it, each under its own prefix."""
    app = Flask("sandbox")
    for blueprint in [_watching(parts), _turning(parts), _troubling(parts), _cabinets(parts), *companies]:
        app.register_blueprint(blueprint)

    @app.errorhandler(Wrong)
    def wrong(error: Wrong) -> tuple[Response, int]:
        return jsonify({"error": error.why}), error.status

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": error.description}), error.code or 500

    return app


def _watching(parts: Parts) -> Blueprint:
    """What can be seen."""
    doors = Blueprint("watching", __name__)

    for name, addressed_by in (("sms", "to"), ("emails", "to"), ("pushes", "token"), ("media", "public_id")):
        listing = parts.outboxes.get(name, lambda _: [])
        doors.add_url_rule(
            f"/{name}",
            name,
            lambda listing=listing, by=addressed_by: jsonify(listing(request.args.get(by))),
        )

    @doors.get("/audit")
    def audit() -> Response:
        found = parts.audit()
        return jsonify({"ok": not found, "violations": [asdict(one) for one in found]})

    @doors.get("/calls")
    def calls() -> Response:
        asked = request.args.get("service")
        return jsonify([asdict(call) for call in [*parts.stage.calls] if asked in (None, call.service)])

    @doors.get("/env")
    def env() -> Response:
        return jsonify(dict(parts.environment))

    return doors


def _turning(parts: Parts) -> Blueprint:
    """What can be set going."""
    doors = Blueprint("turning", __name__)

    @doors.get("/clock")
    def clock() -> Response:
        return jsonify({"now": _text(parts.stage.clock.now())})

    @doors.post("/clock/advance")
    def advance() -> Response:
        seconds = _number(_order("seconds"), "seconds", LONGEST_STEP_SECONDS)
        with parts.clockwork.held():
            now = parts.stage.clock.advance(seconds)
            # Cabinets have gone on talking meanwhile: what they say by now is heard before anybody acts.
            parts.kiosks.tick()
            _settle(parts)
            ran = parts.clockwork.run_due()
            _settle(parts)
        return jsonify({"now": _text(now), "ran": ran})

    @doors.get("/schedules")
    def schedules() -> Response:
        return jsonify(parts.clockwork.listing())

    @doors.post("/schedules/<name>/run")
    def run(name: str) -> Response:
        if name not in {one["name"] for one in parts.clockwork.listing()}:
            raise Wrong(404, f"there is no schedule {name}")
        return jsonify({"name": name, "answer": parts.clockwork.run(name)})

    @doors.post("/queues/drain")
    def drain() -> Response:
        try:
            return jsonify(parts.drain())
        except TimeoutError as error:
            raise Wrong(409, str(error)) from error

    return doors


def _settle(parts: Parts) -> None:
    """Whatever moves comes to rest, if it does within a minute."""
    with suppress(TimeoutError):
        parts.drain()


def _troubling(parts: Parts) -> Blueprint:
    """What the companies around us are told to do."""
    doors = Blueprint("troubling", __name__)

    @doors.post("/faults")
    def faults() -> Response:
        said = _order("service", "status", "timeout", "times")
        service = said.get("service")
        if service not in parts.services:
            raise Wrong(404, f"there is no service {service}; there are {', '.join(sorted(parts.services))}")
        fault = parts.stage.faults[str(service)] = _fault(said)
        return jsonify({"service": service, **asdict(fault)})

    @doors.delete("/faults")
    def no_faults() -> Response:
        parts.stage.faults.clear()
        return jsonify({})

    @doors.post("/gateways/<name>/<reference>/pay")
    def pay(name: str, reference: str) -> Response:
        if name not in parts.gateways:
            raise Wrong(404, f"there is no gateway {name}")
        outcome, callback = _payment(_order("outcome", "callback"))
        told = _carried_out(lambda: parts.gateways[name].pay(reference, outcome, callback))
        return jsonify({"reference": reference, "outcome": outcome, "told": told})

    return doors


def _fault(said: Order) -> Fault:
    if ("status" in said) == ("timeout" in said):
        raise Wrong(422, "give either status or timeout")
    times = int(_number(said, "times", 1_000_000, default=1))
    if "status" in said:
        return Fault(times, status=int(_number(said, "status", 599, least=400)))
    return Fault(times, timeout=_number(said, "timeout", 600))


def _payment(said: Order) -> tuple[str, Any]:
    outcome, callback = said.get("outcome", "success"), said.get("callback", "once")
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise Wrong(422, f"outcome is one of {', '.join(sorted(OUTCOMES))}")
    late = isinstance(callback, dict) and callback.keys() == {"late_seconds"}
    if not late and (not isinstance(callback, str) or callback not in CALLBACKS):
        raise Wrong(422, f"callback is one of {', '.join(sorted(CALLBACKS))}, or {{late_seconds: n}}")
    return outcome, callback


def _cabinets(parts: Parts) -> Blueprint:
    doors = Blueprint("cabinets", __name__, url_prefix="/cabinets")
    kiosks = parts.kiosks

    @doors.get("")
    def listing() -> Response:
        return jsonify(kiosks.listing())

    @doors.get("/banks-out")
    def banks_out() -> Response:
        return jsonify(kiosks.out())

    @doors.get("/<imei>")
    def one(imei: str) -> Response:
        return jsonify(_carried_out(lambda: kiosks.detail(imei)))

    @doors.post("/<imei>/return")
    def put_back(imei: str) -> Response:
        said = _order("powerbank_sn", "slot", "via")
        bank, slot = str(said.get("powerbank_sn", "")), said.get("slot")
        if slot is not None:
            slot = int(_number(said, "slot", 255, least=1))
        via = str(said.get("via", "mqtt"))
        number = _carried_out(lambda: kiosks.return_powerbank(imei, bank, slot, via))
        return jsonify({"imei": imei, "powerbank_sn": bank, "slot": number, "via": via})

    @doors.post("/<imei>/behaviour")
    def behave(imei: str) -> Response:
        said = request.get_json(silent=True)
        if not isinstance(said, dict):
            raise Wrong(400, "the body is to be a JSON object")
        _carried_out(lambda: kiosks.behave(imei, said))
        return jsonify(kiosks.detail(imei)["behaviour"])

    @doors.post("/<imei>/snapshot")
    def snapshot(imei: str) -> Response:
        _carried_out(lambda: kiosks.snapshot(imei))
        return jsonify({"imei": imei})

    return doors


def _carried_out(do: Callable[[], Any]) -> Any:
    """Raises Wrong: 404 for what is unknown, 409 for what can't be done now."""
    try:
        return do()
    except LookupError as error:
        raise Wrong(404, f"unknown: {error.args[0] if error.args else error}") from error
    except ValueError as error:
        raise Wrong(409, str(error)) from error


def _order(*allowed: str) -> Order:
    said = request.get_json(silent=True) if request.get_data() else {}
    if not isinstance(said, dict):
        raise Wrong(400, "the body is to be a JSON object")
    unknown = said.keys() - set(allowed)
    if unknown:
        raise Wrong(422, f"unknown: {', '.join(sorted(unknown))}; there is {', '.join(allowed)}")
    return said


def _number(said: Order, name: str, most: float, *, least: float = 0, default: float | None = None) -> float:
    told = said.get(name, default)
    if isinstance(told, bool) or not isinstance(told, int | float) or not least <= told <= most:
        raise Wrong(422, f"{name} is a number from {least:g} to {most:g}")
    return float(told)


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
