"""Routes of the control API that take and restore snapshots, and go back to the seeded start."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from infra.local.control.requests import BadRequest, read_fields
from infra.local.snapshots.activity_gate import StillRunning
from infra.local.snapshots.files import Full, SnapshotError
from infra.local.snapshots.snapshots import Snapshots


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
        return jsonify(_carry_out(lambda: snapshots.take(name)))

    @blueprint.delete("/snapshots/<name>")
    def delete(name: str) -> Response:
        """Forget a snapshot."""
        _carry_out(lambda: snapshots.delete(name))
        return jsonify({})

    @blueprint.post("/snapshots/<name>/restore")
    def restore(name: str) -> Response:
        """Bring back everything: tables, companies, messages, files, queues, cabinets, faults, the clock."""
        read_fields()
        _carry_out(lambda: snapshots.restore(name))
        return jsonify({"name": name, "now": _text(now())})

    @blueprint.post("/reset")
    def reset() -> Response:
        """Bring back the seeded start, with its time. Snapshots stay."""
        read_fields()
        _carry_out(snapshots.reset)
        return jsonify({"now": _text(now())})

    return blueprint


def _carry_out(do: Callable[[], Any]) -> Any:
    """Raises BadRequest: 404 for an unknown name, 422 for a wrong one, 409 for what is impossible at the moment."""
    try:
        return do()
    except LookupError as error:
        raise BadRequest(404, f"unknown: {error.args[0]}") from error
    except ValueError as error:
        raise BadRequest(422, str(error)) from error
    except (Full, SnapshotError, StillRunning) as error:
        raise BadRequest(409, str(error)) from error
    except OSError as error:
        raise BadRequest(503, f"that failed: {error.strerror or error}") from error


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
