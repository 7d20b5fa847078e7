"""Changes stored rows without the service's rules, so that the audit has a violation to find, and puts them back."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from flask import Blueprint, Response, jsonify

from chalicelib.tables.dynamodb import shared_connection
from infra.local.control.request_shapes import TEXT, RequestShape, one_of, shaped
from infra.local.control.requests import BadRequest, Fields, carry_out, read_fields
from infra.local.control.violation_changes import Item, Kind, RawKey
from infra.local.control.violation_kinds import KINDS

MAX_TRIES = 10
REFUSED_KEY = "ValidationException"


@dataclass
class PlantedViolations:
    """The rows as they were before they were changed, each with its table. A snapshot holds them too."""

    rows_before: list[tuple[str, Item]] = field(default_factory=list)

    def state(self) -> list[Any]:
        return [[table, _with_bytes_as_text(item)] for table, item in self.rows_before]

    def prepare(self, state: Any) -> Callable[[], None]:
        rows = [(str(table), _with_bytes(item)) for table, item in state]

        def apply() -> None:
            self.rows_before = rows

        return apply

    def plant(self, kind: Kind, subject_id: str) -> None:
        """Raises LookupError where there is no such row."""
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
        while self.rows_before:
            table, item = self.rows_before[-1]
            _write(partial(_client().put_item, TableName=table, Item=item))
            self.rows_before.pop()


def _with_bytes_as_text(value: Any) -> Any:
    """An item, or a part of it, with binary values as base64, as DynamoDB's JSON has them."""
    if isinstance(value, dict):
        return {name: _with_bytes_as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_with_bytes_as_text(part) for part in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _with_bytes(item: Any) -> Any:
    """The item of `_with_bytes_as_text` as botocore takes it."""
    return {name: _attribute(value) for name, value in item.items()}


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    ((kind, content),) = value.items()
    match kind:
        case "B":
            return {kind: base64.b64decode(content)}
        case "BS":
            return {kind: [base64.b64decode(part) for part in content]}
        case "M":
            return {kind: _with_bytes(content)}
        case "L":
            return {kind: [_attribute(part) for part in content]}
        case _:
            return value


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


FIELDS = {"kind": one_of(*sorted(KINDS)), "id": TEXT}


def violations_blueprint(planted: PlantedViolations) -> Blueprint:
    """The route /violations. `id` is a user's id, or what the meaning of the kind says."""
    blueprint = Blueprint("violations", __name__)

    @blueprint.post("/violations")
    @shaped(RequestShape(body=FIELDS, required=["kind"]))
    def plant() -> Response:
        """Damage a row, for the audit to find: {kind, id}. The kinds are in GET /behaviours."""
        fields: Fields = read_fields(*FIELDS)
        kind = KINDS.get(str(fields.get("kind")))
        if kind is None:
            raise BadRequest(422, f"kind is one of {', '.join(sorted(KINDS))}")
        carry_out(lambda: planted.plant(kind, str(fields.get("id", ""))))
        return jsonify({"rule": kind.rule})

    @blueprint.delete("/violations")
    def undo() -> Response:
        """Put every damaged row back as it was."""
        carry_out(planted.undo)
        return jsonify({})

    return blueprint
