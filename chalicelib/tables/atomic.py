"""One DynamoDB transaction whose decision runs again when another write came first."""

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException, VerboseClientError
from pynamodb.expressions.condition import Condition

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.conditional_writes import new_write_id
from chalicelib.tables.dynamodb import fetch, shared_connection, storage
from chalicelib.tables.dynamodb_errors import (
    CAUSE_MAY_PASS,
    CONFLICT_CODES,
    error_code,
    is_final_refusal,
    was_retried,
)
from chalicelib.tables.rows import Row
from chalicelib.tables.staged_items import REQUIREMENT, Staged, without_doubles
from chalicelib.tables.transaction_errors import CommitUnknown, Conflicted, Stale
from chalicelib.tables.transaction_sends import Sends
from chalicelib.world import World

T = TypeVar("T")
MAX_ITEMS = 25


class Transaction:
    """The writes that one decision stages.

    When the condition of a write fails, `atomic` raises the write's `conflict`, or runs the decision again if it has
    none. `attempt` counts from 0. A decision with a later attempt must read its rows again.
    """

    def __init__(self, attempt: int) -> None:
        self.attempt = attempt
        self.write_id = new_write_id()
        self._staged: list[Staged] = []
        self._after_commit: list[Callable[[], None]] = []

    def add(self, row: Row, *, conflict: Exception | None = None) -> None:
        """Put a row that must not exist."""
        self._put(row, _hash_key(row).does_not_exist(), conflict)

    def save(self, row: Any, version: int, *, sole_creator: bool = False) -> None:
        """Put a row over its `version`; version 0 means that the row must not exist. Stale for any other version.

        `sole_creator` says that no other transaction can create the row, since its key is a new id.
        """
        row.version = version + 1
        model = type(row)
        condition = model.version == version if version else _hash_key(row).does_not_exist()
        self._put(row, condition, None, sole_creator=sole_creator and not version)

    def put(self, row: Row) -> None:
        """Put a row, in place of the one that may be there."""
        self._put(row, None, None)

    def put_if(self, row: Row, condition: Condition, *, conflict: Exception) -> None:
        """Put a row under the given condition."""
        self._put(row, condition, conflict)

    def remove(self, row: Any, *, version: int | None = None, conflict: Exception | None = None) -> None:
        """Delete a row that must exist, and must have the `version` where one is given."""
        condition = _hash_key(row).exists() if version is None else type(row).version == version
        content = row.get_delete_kwargs_from_instance(condition=condition)
        self._stage(Staged("Delete", content, row, conflict))

    def discard(self, row: Row) -> None:
        """Delete a row, if it is there."""
        self._stage(Staged("Delete", row.get_delete_kwargs_from_instance(), row, None))

    def remove_first(self, model: Any, hash_key: str, limit: int = MAX_ITEMS) -> int:
        """Delete the first `limit` rows of a hash key, at most MAX_ITEMS. Returns their number.

        Raises Problem("storage_unavailable").
        """
        with storage():
            rows = list(model.query(hash_key, consistent_read=True, limit=limit, page_size=limit))
        for row in rows:
            self.remove(row)
        return len(rows)

    def require(self, row: Any, condition: Condition, *, conflict: Exception) -> None:
        """Require that a row meets the condition. A write of the row, with its own condition, takes its place."""
        content = row.get_delete_kwargs_from_instance(condition=condition)
        self._stage(Staged(REQUIREMENT, content, row, conflict))

    def update(
        self, row: Row, actions: list[Any], condition: Condition | None, *, conflict: Exception | None
    ) -> None:
        """Change attributes of a row in place, under a condition."""
        actions = [*actions, type(row).write_id.set(self.write_id)]
        content = row.get_update_kwargs_from_instance(actions, condition=condition)
        self._stage(Staged("Update", content, row, conflict))

    def _put(
        self, row: Row, condition: Condition | None, conflict: Exception | None, *, sole_creator: bool = False
    ) -> None:
        row.write_id = self.write_id
        content = row.get_save_kwargs_from_instance(condition=condition)
        self._stage(Staged("Put", content, row, conflict, sole_creator))

    def _stage(self, staged: Staged) -> None:
        self._staged.append(staged)
        if len(self._staged) > MAX_ITEMS:
            raise ValueError("too much for one transaction")

    def after_commit(self, follow_up: Callable[[], None]) -> None:
        """Run `follow_up` once the transaction is committed. It must not raise: the commit stands."""
        self._after_commit.append(follow_up)

    def run_follow_ups(self) -> None:
        for follow_up in self._after_commit:
            follow_up()

    @property
    def empty(self) -> bool:
        return not self._staged

    def send(self) -> None:
        """Write all or nothing. Every send has the same token and content, and takes effect once.

        Raises the conflict of a write, Stale, CommitUnknown, or DynamoDB's error for a request that never succeeds.
        """
        self._staged = without_doubles(self._staged)
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
        code = error_code(error)
        if is_final_refusal(error):
            raise error
        if code in CONFLICT_CODES and not was_retried(error):
            raise Conflicted from error
        if code != "TransactionCanceledException":
            # Throttling and TransactionInProgress may follow a send whose answer was lost.
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
        codes = {code for _, code in failures}
        if codes and codes <= CAUSE_MAY_PASS:
            raise (CommitUnknown if was_retried(error) else Conflicted) from error
        if codes <= {"ConditionalCheckFailed", *CAUSE_MAY_PASS}:
            raise Stale from error
        raise error

    def was_committed(self) -> bool:
        """Whether a row bears this transaction's write id, or is one that only this transaction can have made.

        One strongly consistent read of all rows. Raises Problem("storage_unavailable").
        """
        keys = {staged.write_id_key: staged for staged in self._staged if staged.kind in ("Put", "Update")}
        if not keys:
            return False
        rows = fetch(*keys)
        return any(rows[key] == self.write_id or (rows[key] and staged.sole_creator) for key, staged in keys.items())


def _hash_key(row: Any) -> Any:
    return type(row)._hash_key_attribute()


def atomic(world: World, decide: Callable[[Transaction], T]) -> T:
    """Run `decide`, write what it staged, run its follow-ups, and return its result.

    After a conflict the decision runs again, with a random pause. A failed condition raises the `conflict` of its
    write. While the outcome is unknown, the same transaction is sent again, and the decision never runs again.

    Raises Problem after MAX_TRIES sends: busy when nothing was written, storage_unavailable when the outcome is
    still unknown. Raises DynamoDB's error when the request is wrong or not allowed.
    """
    sends = Sends(world)
    for attempt in count():
        ops = Transaction(attempt)
        result = decide(ops)
        if ops.empty or _is_committed(ops, sends):
            ops.run_follow_ups()
            return result
        if not sends.pause():
            break
    raise Problem("busy", retry_after_seconds=1)


def _is_committed(ops: Transaction, sends: Sends) -> bool:
    """Send the transaction until its outcome is clear. False when it was not written and its decision is stale."""
    in_doubt = False
    while True:
        try:
            ops.send()
            return True
        except CommitUnknown as unknown:
            in_doubt = True
            if not error_code(unknown.__cause__) and ops.was_committed():
                return True
        except Conflicted:
            # The transaction in the way may be an earlier send of this one.
            if not in_doubt:
                return False
        except Exception as refusal:
            # Stale, a write's `conflict` of any type, or a final refusal: it counts only if no earlier send of this
            # transaction took effect.
            if (in_doubt or was_retried(refusal)) and ops.was_committed():
                return True
            if isinstance(refusal, Stale):
                return False
            raise
        if not sends.pause():
            if ops.was_committed():
                return True
            raise Problem("storage_unavailable", retry_after_seconds=2)
