"""The sandbox's control API: sent messages, the clock, schedules, queues, cabinets, gateways, faults, the audit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from chalicelib.world import World
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.aws.schedule_runner import ScheduleRunner
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.control.cabinets import behaviours_blueprint, cabinets_blueprint, stations_by_sn
from infra.local.control.clock import clock_blueprint
from infra.local.control.drain import Drain
from infra.local.control.faults import PayServer, faults_blueprint
from infra.local.control.feed import feed_blueprint
from infra.local.control.help import help_blueprint
from infra.local.control.many_rows import many_rows_blueprint
from infra.local.control.planted_violations import PlantedViolations, violations_blueprint
from infra.local.control.queues import queues_blueprint
from infra.local.control.records import is_rental, records_blueprint
from infra.local.control.request_shapes import TEXT, RequestShape, shaped
from infra.local.control.requests import BadRequest, refuse_unknown_parameters
from infra.local.control.snapshots import snapshots_blueprint
from infra.local.page.api_page import api_page_blueprint
from infra.local.page.front_page import front_page_blueprint
from infra.local.page.return_page import return_blueprint
from infra.local.simulation import Simulation
from infra.local.snapshots.snapshots import Snapshots

CALLS_BY = ("service", "request_id")
NO_ROUTE = "there is nothing at this path; GET /openapi.json lists the routes of the control API"


@dataclass(frozen=True)
class SandboxParts:
    """What the control API controls. `outboxes` lists sent messages by kind and receiver."""

    world: World
    simulation: Simulation
    cabinets: SimulatedCabinets
    schedule_runner: ScheduleRunner
    drain: Drain
    queue_pollers: QueuePollers
    audit: Callable[[], list[Any]]
    gateways: Mapping[str, PayServer]
    outboxes: Mapping[str, Callable[[str | None], list[Any]]]
    environment: Mapping[str, str]
    services: frozenset[str]
    snapshots: Snapshots
    violations: PlantedViolations


def control_app(parts: SandboxParts, companies: list[Blueprint]) -> Flask:
    """The app of the sandbox port. Each simulated company answers under a prefix of its own."""
    app = Flask("sandbox", static_folder=None)
    for blueprint in [
        _records(parts),
        help_blueprint(),
        records_blueprint(parts.world, parts.gateways),
        front_page_blueprint(is_rental),
        api_page_blueprint(),
        return_blueprint(),
        feed_blueprint(parts.simulation),
        clock_blueprint(parts.simulation, parts.cabinets, parts.schedule_runner, partial(_settle, parts)),
        queues_blueprint(parts.drain, parts.queue_pollers),
        snapshots_blueprint(parts.snapshots, parts.simulation.clock.now),
        faults_blueprint(parts.simulation, parts.services, parts.gateways),
        cabinets_blueprint(parts.cabinets, stations_by_sn),
        behaviours_blueprint(),
        violations_blueprint(parts.violations),
        many_rows_blueprint(parts.simulation.clock),
        *companies,
    ]:
        app.register_blueprint(blueprint)

    app.before_request(refuse_unknown_parameters)

    @app.errorhandler(BadRequest)
    def wrong(error: BadRequest) -> tuple[Response, int, Mapping[str, str]]:
        return jsonify({"error": error.why}), error.status, error.headers

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": NO_ROUTE if isinstance(error, NotFound) else error.description}), error.code or 500

    return app


def _records(parts: SandboxParts) -> Blueprint:
    """Routes that read what the sandbox recorded."""
    blueprint = Blueprint("records", __name__)

    for name, addressed_by in (("sms", "to"), ("emails", "to"), ("pushes", "token"), ("media", "public_id")):
        blueprint.add_url_rule(f"/{name}", name, _listing_of(parts, name, addressed_by))

    @blueprint.get("/audit")
    def audit() -> Response:
        """Check the whole ledger, and where each power bank is: {ok, violations}."""
        violations = parts.audit()
        return jsonify({"ok": not violations, "violations": [asdict(item) for item in violations]})

    @blueprint.get("/calls")
    @shaped(RequestShape(dict.fromkeys(CALLS_BY, TEXT)))
    def calls() -> Response:
        """What the service asked of companies, oldest first, with answers: ?service=, ?request_id=."""
        wanted = {name: request.args[name] for name in CALLS_BY if name in request.args}
        listed = [asdict(call) for call in [*parts.simulation.calls]]
        return jsonify([call for call in listed if all(call[name] == value for name, value in wanted.items())])

    @blueprint.get("/env")
    def env() -> Response:
        """The settings of the service in this sandbox, for another process that serves it."""
        return jsonify(dict(parts.environment))

    return blueprint


def _listing_of(parts: SandboxParts, name: str, addressed_by: str) -> Callable[[], Response]:
    listing: Callable[[str | None], list[Any]] = parts.outboxes.get(name, lambda _: [])

    def listed() -> Response:
        return jsonify(listing(request.args.get(addressed_by)))

    listed.__doc__ = f"What companies received, newest first: ?{addressed_by}=."
    return shaped(RequestShape({addressed_by: TEXT}))(listed)


def _settle(parts: SandboxParts) -> None:
    """Drain the queues, or give up silently after a minute."""
    with suppress(TimeoutError):
        parts.drain()
