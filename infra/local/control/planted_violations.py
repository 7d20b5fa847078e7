"""Changes stored rows without the service's rules, so that the audit has a violation to find, and puts them back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from flask import Blueprint, Response, jsonify

from chalicelib.tables.dynamodb import shared_connection
from infra.local.control.requests import BadRequest, Fields, carry_out, read_fields
from infra.local.control.violation_changes import Item, Kind, RawKey
from infra.local.control.violation_kinds import KINDS
from infra.local.snapshots.activity_gate import ActivityGate

MAX_TRIES = 10
REFUSED_KEY = "ValidationException"


@dataclass
class PlantedViolations:
    """The rows as they were before they were changed, each with its table. A restore replaces the changed rows."""

    activity: ActivityGate
    epoch: int = 0
    """The epoch in which `rows_before` were read."""
    rows_before: list[tuple[str, Item]] = field(default_factory=list)

    def plant(self, kind: Kind, subject_id: str) -> None:
        """Raises LookupError where there is no such row."""
        self._forget_replaced_rows()
        table, key = kind.model.Meta.table_name, kind.key_of(subject_id)
        item = _row(table, key)
        if item is None:
            raise LookupError(subject_id)
        self.rows_before.append((table, item))
        changed = kind.change(dict(item))
        if changed is None:
            _write(lambda: _client().delete_item(TableName=table, Key=key))
        else:
            _write(lambda: _client().put_item(TableName=table, Item=changed))

    def undo(self) -> None:
        """Put every changed row back as it was, the last one first."""
        self._forget_replaced_rows()
        while self.rows_before:
            table, item = self.rows_before.pop()
            _write(partial(_client().put_item, TableName=table, Item=item))

    def _forget_replaced_rows(self) -> None:
        if self.epoch != self.activity.epoch:
            self.rows_before.clear()
            self.epoch = self.activity.epoch


def _row(table: str, key: RawKey) -> Item | None:
    """The row of a key. No row has a key that DynamoDB refuses, such as an empty one."""
    try:
        item: Item | None = _client().get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    except ClientError as error:
        if error.response["Error"]["Code"] != REFUSED_KEY:
            raise
        return None
    return item


def _write(write: Callable[[], object]) -> None:
    """Write, and try again while the sandbox's own faults refuse it."""
    for _ in range(MAX_TRIES):
        try:
            write()
        except ClientError:
            continue
        return
    raise ValueError("the engine refuses the write")


def _client() -> Any:
    return shared_connection().client


def listing() -> list[dict[str, Any]]:
    """The kinds of violations, in the form of a cabinet's behaviours."""
    return [
        {
            "name": f"violation:{name}",
            "values": "POST /violations {kind, id}; DELETE /violations puts the rows back",
            "default": None,
            "meaning": f"{kind.meaning} The audit reports {kind.rule}.",
        }
        for name, kind in KINDS.items()
    ]


def violations_blueprint(activity: ActivityGate) -> Blueprint:
    """The route /violations. `id` is a user's id, or what the meaning of the kind says."""
    blueprint, planted = Blueprint("violations", __name__), PlantedViolations(activity)

    @blueprint.post("/violations")
    def plant() -> Response:
        fields: Fields = read_fields("kind", "id")
        kind = KINDS.get(str(fields.get("kind")))
        if kind is None:
            raise BadRequest(422, f"kind is one of {', '.join(sorted(KINDS))}")
        carry_out(lambda: planted.plant(kind, str(fields.get("id", ""))))
        return jsonify({"rule": kind.rule})

    @blueprint.delete("/violations")
    def undo() -> Response:
        planted.undo()
        return jsonify({})

    return blueprint
