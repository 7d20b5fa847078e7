"""Fills an account with notifications on demand, so that a large account can be read and deleted."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.text.ids import ulid
from chalicelib.tables.notifications import NotificationRow
from chalicelib.tables.users import UserRow
from infra.local.clock import Clock
from infra.local.control.request_shapes import TEXT, RequestShape, number, shaped
from infra.local.control.requests import BadRequest, read_fields, read_number

MAX_ROWS = 20_000
COUNT = number(MAX_ROWS, 1)
FIELDS = {"user_id": TEXT, "count": COUNT}
EXPIRY = timedelta(days=90)


def listing() -> list[dict[str, Any]]:
    """What fills an account, in the form of a cabinet's behaviours."""
    order = "POST /notifications {user_id, count}"
    meaning = f"The user gets this many unread notifications, at most {MAX_ROWS}, without any push."
    return [{"name": "rows:notifications", "values": order, "default": None, "meaning": meaning}]


def many_rows_blueprint(clock: Clock) -> Blueprint:
    """The route /notifications."""
    blueprint = Blueprint("many_rows", __name__)

    @blueprint.post("/notifications")
    @shaped(RequestShape(body=FIELDS, required=[*FIELDS]))
    def notifications() -> Response:
        """Give a user many notifications: {user_id, count}."""
        fields = read_fields(*FIELDS)
        user_id, count = str(fields.get("user_id", "")), int(read_number(fields, "count", COUNT))
        if not any(row.user_id == user_id for row in UserRow.scan(consistent_read=True)):
            raise BadRequest(404, f"there is no user {user_id[:40]}")
        now = clock.now()
        with NotificationRow.batch_write() as batch:
            for number in range(count):
                notification_id = ulid(now, number.to_bytes(10, "big"))
                batch.save(
                    NotificationRow(
                        user_id,
                        notification_id,
                        kind=NotificationKind.KYC_APPROVED,
                        data={},
                        created_at=now,
                        unread_id=notification_id,
                        expires=int((now + EXPIRY).timestamp()),
                    )
                )
        return jsonify({"count": count})

    return blueprint
