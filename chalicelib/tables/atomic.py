"""One DynamoDB transaction whose decision runs again when another write came first."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException, VerboseClientError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.problems import Problem
from chalicelib.tables.dynamodb import fetch_one, shared_connection
from chalicelib.tables.rows import Key, Row
from chalicelib.world import World

T = TypeVar("T")
MAX_TRIES = 10
FIRST_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 0.64
MAX_ITEMS = 25
RETRYABLE_CODES = {
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingError",
    "ThrottlingException",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}


class Stale(Exception):
    """Another transaction wrote first: the decision was made on old rows."""


class CommitUnknown(Exception):
    """The transaction may have taken effect: DynamoDB gave no clear response."""


@dataclass(frozen=True)
class Staged:
    """One write of a transaction. `conflict` is raised when its condition fails; None means a stale decision."""

    kind: str
    content: dict[str, Any]
    row: Row | None
    conflict: Exception | None


class Transaction:
    """The writes that one decision stages.

    When the condition of a write fails, `atomic` raises the write's `conflict`, or runs the decision again if it has
    none. `attempt` counts from 0. A decision with a later attempt must read its rows again.
    """

    def __init__(self, attempt: int) -> None:
        self.attempt = attempt
        self.write_id = uuid.uuid4().hex
        self._staged: list[Staged] = []

    def add(self, row: Row, *, conflict: Exception | None = None) -> None:
        """Put a row that must not exist."""
        hash_key = _hash_key(row)
        self._put(row, hash_key.does_not_exist(), conflict)

    def save(self, row: Any, version: int) -> None:
        """Put a row over its `version`; version 0 means that the row must not exist. Stale for any other version."""
        row.version = version + 1
        model = type(row)
        condition = model.version == version if version else _hash_key(row).does_not_exist()
        self._put(row, condition, None)

    def put_if(self, row: Row, condition: Condition, *, conflict: Exception) -> None:
        """Put a row under the given condition."""
        self._put(row, condition, conflict)

    def remove(self, row: Any, *, version: int | None = None, conflict: Exception | None = None) -> None:
        """Delete a row that must exist, and must have the `version` where one is given."""
        condition = _hash_key(row).exists() if version is None else type(row).version == version
        self._stage("Delete", row.get_delete_kwargs_from_instance(condition=condition), None, conflict)

    def update(
        self, row: Row, actions: list[Any], condition: Condition | None, *, conflict: Exception | None
    ) -> None:
        """Change attributes of a row in place, under a condition."""
        self._stage("Update", row.get_update_kwargs_from_instance(actions, condition=condition), None, conflict)

    def _put(self, row: Row, condition: Condition, conflict: Exception | None) -> None:
        row.write_id = self.write_id
        self._stage("Put", row.get_save_kwargs_from_instance(condition=condition), row, conflict)

    def _stage(self, kind: str, content: dict[str, Any], row: Row | None, conflict: Exception | None) -> None:
        self._staged.append(Staged(kind, content, row, conflict))
        if len(self._staged) > MAX_ITEMS:
            raise ValueError("too much for one transaction")

    @property
    def empty(self) -> bool:
        return not self._staged

    def commit(self) -> None:
        """Write all or nothing. Raises the conflict of a write, Stale or CommitUnknown."""
        request = {
            "TransactItems": [{staged.kind: staged.content} for staged in self._staged],
            "ClientRequestToken": self.write_id,
        }
        try:
            shared_connection().dispatch("TransactWriteItems", request)
        except VerboseClientError as error:
            self._raise_failure(error)
        except (PynamoDBException, BotoCoreError) as error:
            raise CommitUnknown from error

    def _raise_failure(self, error: VerboseClientError) -> None:
        code = error.response.get("Error", {}).get("Code", "")
        if code in RETRYABLE_CODES:
            raise Stale from error
        if code != "TransactionCanceledException":
            if error.response.get("Error", {}).get("Code") == "ValidationException":
                raise error
            raise CommitUnknown from error
        reasons = zip(self._staged, error.cancellation_reasons, strict=False)
        failures = [(staged, reason.code) for staged, reason in reasons if reason is not None]
        # A failed condition with a `conflict` is final. Any other conflict runs the decision again.
        conflicts = [
            staged.conflict
            for staged, code in failures
            if code == "ConditionalCheckFailed" and staged.conflict is not None
        ]
        if conflicts:
            raise conflicts[0] from error
        if all(code == "ConditionalCheckFailed" or code in RETRYABLE_CODES for _, code in failures):
            raise Stale from error
        raise error

    def was_committed(self) -> bool:
        """Whether this transaction was written: one of its rows has its write id. Raises
        Problem("storage_unavailable")."""
        row = next((staged.row for staged in self._staged if staged.row is not None), None)
        if row is None:
            return False
        hash_name, range_name = type(row)._hash_keyname, type(row)._range_keyname
        key: Key[str | None] = Key(
            type(row),
            getattr(row, str(hash_name)),
            getattr(row, str(range_name)) if range_name else None,
            lambda row: row.write_id,
        )
        return fetch_one(key) == self.write_id


def _hash_key(row: Any) -> Any:
    return type(row)._hash_key_attribute()


def atomic(world: World, decide: Callable[[Transaction], T]) -> T:
    """Run `decide`, write what it staged, and return its result.

    After a conflict the decision runs again, with a random pause. A failed condition raises the `conflict` of its
    write. After an unknown outcome the transaction is looked for first. Raises Problem("busy") after MAX_TRIES.
    """
    for attempt in range(MAX_TRIES):
        ops = Transaction(attempt)
        result = decide(ops)
        if ops.empty:
            return result
        try:
            ops.commit()
            return result
        except Stale:
            pass
        except CommitUnknown:
            if ops.was_committed():
                return result
        max_pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        world.pause(max_pause * (0.5 + secrets.randbelow(1000) / 2000))
    raise Problem("busy", retry_after_seconds=1)
