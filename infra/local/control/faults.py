"""Routes of the control API that make services fail and pay at simulated gateways."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.edge.models import parse_rupees
from infra.local.control.request_shapes import (
    BOOLEAN,
    RUPEES,
    TEXT,
    RequestShape,
    Schema,
    number,
    one_of,
    shaped,
)
from infra.local.control.requests import BadRequest, Fields, carry_out, read_fields, read_number
from infra.local.fault import Fault
from infra.local.gateways.payment_book import Payment
from infra.local.gateways.payment_outcomes import PAY_PAGE_TEXTS
from infra.local.simulation import Simulation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CALLBACKS = frozenset({"once", "twice", "never", "forged"})
LATE_SECONDS = number(366 * 86_400)
TIMES, TIMEOUT, RETRY_AFTER = number(1_000_000), number(600), number(86_400)
STATUS, ERROR_STATUS = number(599, 200), number(599, 400)
"""A status below 400 needs a code."""
FAULT_FIELDS = {
    "service": TEXT,
    "status": STATUS,
    "timeout": TIMEOUT,
    "times": TIMES,
    "code": TEXT,
    "effect": BOOLEAN,
    "retry_after": RETRY_AFTER,
    "method": one_of(*METHODS),
    "path": TEXT,
    "receiver": TEXT,
}
LATE: Schema = {"type": "object", "properties": {"late_seconds": LATE_SECONDS}}
PAY_FIELDS: Mapping[str, Schema] = {"outcome": TEXT, "callback": {"anyOf": [one_of(*sorted(CALLBACKS)), LATE]}}
REFUND_FIELDS = {"amount": RUPEES}
DISPUTE_FIELDS = {"amount": RUPEES, "outcome": one_of("won", "lost")}


class PayServer(Protocol):
    """A simulated payment gateway."""

    def pay(self, reference: str, outcome: str, callback: Any) -> Any:
        """Do what the customer does there. Raises LookupError for an unknown reference, ValueError if impossible."""
        ...

    def payments(self) -> Sequence[Payment]:
        """All payments, oldest first."""
        ...

    def refund_at_desk(self, reference: str, paisa: int | None) -> Any:
        """The gateway's staff gives back an amount, or all that is left. Raises LookupError, ValueError."""
        ...

    def dispute(self, reference: str, paisa: int | None = None, outcome: str | None = None) -> Any:
        """All or `paisa` of a payment goes back after the customer's complaint, or a dispute ends with `outcome`.

        Raises LookupError, ValueError.
        """
        ...


def faults_blueprint(
    simulation: Simulation, services: frozenset[str], gateways: Mapping[str, PayServer]
) -> Blueprint:
    """The routes /faults and /gateways."""
    blueprint = Blueprint("faults", __name__)

    @blueprint.post("/faults")
    @shaped(RequestShape(body=FAULT_FIELDS, required=["service"]))
    def faults() -> Response:
        """Let the next calls to a service fail: {service, status | timeout | code, times, method, path, receiver}."""
        content = read_fields(*FAULT_FIELDS)
        service = content.get("service")
        if not isinstance(service, str) or service not in services:
            raise BadRequest(404, f"there is no service {service}; there are {', '.join(sorted(services))}")
        fault = simulation.faults[service] = _fault(content)
        return jsonify({"service": service, **asdict(fault)})

    @blueprint.delete("/faults")
    def no_faults() -> Response:
        """No call fails on demand any more."""
        simulation.faults.clear()
        return jsonify({})

    _add_gateways(blueprint, gateways)
    return blueprint


def _add_gateways(blueprint: Blueprint, gateways: Mapping[str, PayServer]) -> None:
    """The routes under /gateways."""

    def server(name: str) -> PayServer:
        if name not in gateways:
            raise BadRequest(404, f"there is no gateway {name}")
        return gateways[name]

    @blueprint.post("/gateways/<name>/<reference>/pay")
    @shaped(RequestShape(body=PAY_FIELDS))
    def pay(name: str, reference: str) -> Response:
        """What a customer does on the pay page: {outcome, callback}. By its reference or our intent's id."""
        gateway = server(name)
        outcome, callback = _payment(name, read_fields(*PAY_FIELDS))
        answer = carry_out(lambda: gateway.pay(reference, outcome, callback))
        return jsonify({"reference": reference, "outcome": outcome, "callback_statuses": answer})

    @blueprint.post("/gateways/<name>/<reference>/refund")
    @shaped(RequestShape(body=REFUND_FIELDS))
    def refund(name: str, reference: str) -> Response:
        """The company gives money back by itself: {amount} in rupees, or all that is left."""
        gateway, paisa = server(name), _paisa(read_fields(*REFUND_FIELDS))
        answer = carry_out(lambda: gateway.refund_at_desk(reference, paisa))
        return jsonify({"reference": reference, "callback_statuses": answer})

    @blueprint.post("/gateways/<name>/<reference>/dispute")
    @shaped(RequestShape(body=DISPUTE_FIELDS))
    def dispute(name: str, reference: str) -> Response:
        """The customer disputes a payment: {amount}; or the dispute ends: {outcome: won | lost}."""
        gateway, content = server(name), read_fields(*DISPUTE_FIELDS)
        paisa, outcome = _paisa(content), content.get("outcome")
        if outcome not in (None, "won", "lost"):
            raise BadRequest(422, "outcome is won or lost")
        answer = carry_out(lambda: gateway.dispute(reference, paisa, outcome))
        return jsonify({"reference": reference, "callback_statuses": answer})


def _paisa(content: Fields) -> int | None:
    """The amount, rupees as text or as a number, in paisa. None without an amount. Raises BadRequest."""
    if content.get("amount") is None:
        return None
    try:
        return parse_rupees(content["amount"] if isinstance(content["amount"], str) else str(content["amount"]))
    except InvalidField as error:
        raise BadRequest(422, "amount is in rupees, as in 120.00") from error


def _fault(content: Fields) -> Fault:
    if not {"status", "timeout", "code"} & content.keys():
        raise BadRequest(422, "give status, timeout or code")
    if "timeout" in content and {"status", "code"} & content.keys():
        raise BadRequest(422, "timeout stands alone")
    code, effect = content.get("code"), content.get("effect", False)
    if (code is not None and not isinstance(code, str)) or not isinstance(effect, bool):
        raise BadRequest(422, "code is a text, effect is true or false")
    method, path = content.get("method"), content.get("path", "")
    receiver = content.get("receiver", "")
    if not isinstance(receiver, str):
        raise BadRequest(422, "receiver is a text of the body, such as a number or a token")
    if method not in (None, *METHODS) or not isinstance(path, str):
        raise BadRequest(422, f"method is one of {', '.join(METHODS)}; path is the end of the paths that fail")
    return Fault(
        int(read_number(content, "times", TIMES, default=1)),
        status=int(read_number(content, "status", STATUS if code else ERROR_STATUS)) if "status" in content else None,
        timeout=read_number(content, "timeout", TIMEOUT) if "timeout" in content else None,
        code=code,
        effect=effect,
        retry_after=read_number(content, "retry_after", RETRY_AFTER) if "retry_after" in content else None,
        method=method,
        path=path,
        receiver=receiver,
    )


def _payment(gateway: str, content: Fields) -> tuple[str, Any]:
    outcome, callback = content.get("outcome", "success"), content.get("callback", "once")
    outcomes = PAY_PAGE_TEXTS[gateway].outcomes
    if not isinstance(outcome, str) or outcome not in outcomes:
        raise BadRequest(422, f"outcome is one of {', '.join(sorted(outcomes))}")
    if isinstance(callback, dict) and callback.keys() == {"late_seconds"}:
        read_number(callback, "late_seconds", LATE_SECONDS)
    elif not isinstance(callback, str) or callback not in CALLBACKS:
        raise BadRequest(422, f"callback is one of {', '.join(sorted(CALLBACKS))}, or {{late_seconds: n}}")
    return outcome, callback
