"""Routes of the control API that take and restore snapshots, and go back to the seeded start."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from chalicelib.domain.text.time_text import sortable_time_text
from infra.local.control.requests import BadRequest, Statuses, carry_out, read_fields
from infra.local.snapshots.activity_gate import StillRunning
from infra.local.snapshots.files import SnapshotError, UnknownSnapshot, WrongName
from infra.local.snapshots.snapshots import Snapshots

STATUSES: Statuses = {UnknownSnapshot: 404, WrongName: 422, SnapshotError: 409, OSError: 503}
RETRY_AFTER_SECONDS = 5


def snapshots_blueprint(snapshots: Snapshots, now: Callable[[], datetime]) -> Blueprint:
    """The routes /snapshots and /reset."""
    blueprint = Blueprint("snapshots", __name__)

    @blueprint.get("/snapshots")
    def listing() -> Response:
        """The snapshots: name, the sandbox's time in each, how many rows, bytes."""
        return jsonify(snapshots.listing())

    @blueprint.post("/snapshots/<name>")
    def take(name: str) -> Response:
        """Keep everything as it is now under a name (a-z, 0-9, hyphens), in place of an older one of that name."""
        read_fields()
        return jsonify(carry_out_snapshot(lambda: snapshots.take(name)))

    @blueprint.delete("/snapshots/<name>")
    def delete(name: str) -> Response:
        """Forget a snapshot."""
        carry_out_snapshot(lambda: snapshots.delete(name))
        return jsonify({})

    @blueprint.post("/snapshots/<name>/restore")
    def restore(name: str) -> Response:
        """Bring back everything: tables, companies, messages, files, queues, cabinets, faults, the clock."""
        read_fields()
        carry_out_snapshot(lambda: snapshots.restore(name))
        return jsonify({"name": name, "now": sortable_time_text(now())})

    @blueprint.post("/reset")
    def reset() -> Response:
        """Bring back the seeded start, with its time. Snapshots stay."""
        read_fields()
        carry_out_snapshot(snapshots.reset)
        return jsonify({"now": sortable_time_text(now())})

    return blueprint


def carry_out_snapshot(do: Callable[[], Any]) -> Any:
    """Run it. Raises BadRequest, with a time to try again where something ran for too long."""
    try:
        return carry_out(do, STATUSES)
    except StillRunning as error:
        raise BadRequest(409, str(error), RETRY_AFTER_SECONDS) from error
