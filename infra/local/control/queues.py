"""Routes of the control API that drain queues, show what waits in them, and send dead letters again."""

from collections import Counter

from flask import Blueprint, Response, jsonify

from chalicelib.tables.outbox import OutboxRow
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.control.drain import Drain
from infra.local.control.requests import BadRequest, carry_out


def queues_blueprint(drain: Drain, pollers: QueuePollers) -> Blueprint:
    """The routes under /queues."""
    blueprint = Blueprint("queues", __name__, url_prefix="/queues")

    @blueprint.get("")
    def listing() -> Response:
        """Each queue: messages that wait, in flight, dead, the oldest's age in seconds, and stored without an effect.

        `outbox` is how many stored messages to it have not had their effect yet.
        """
        stored = Counter(str(row.queue) for row in OutboxRow.scan(consistent_read=True))
        return jsonify([{**queue, "outbox": stored[queue["name"]]} for queue in pollers.listing()])

    @blueprint.get("/<name>/dead")
    def dead(name: str) -> Response:
        """The dead letters of a queue, at most 100."""
        return jsonify(carry_out(lambda: pollers.dead_letters.listing(name)))

    @blueprint.post("/<name>/redrive")
    def redrive(name: str) -> Response:
        """Send the dead letters of a queue again, at most 100."""
        return jsonify({"moved": carry_out(lambda: pollers.dead_letters.redrive(name))})

    @blueprint.post("/drain")
    def drain_all() -> Response:
        """Handle everything that waits, until nothing moves: {handled, failed, dead}."""
        try:
            return jsonify(drain())
        except TimeoutError as error:
            raise BadRequest(409, str(error)) from error

    @blueprint.delete("/dead-letters")
    def purge_dead_letters() -> Response:
        """Delete all dead letters."""
        drain.purge_dead_letters()
        return jsonify({})

    return blueprint
