"""Writes of one row under a condition. After a lost answer a look-up finds out whether the write took effect."""

import uuid
from collections.abc import Callable
from typing import Any

from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, UpdateError
from pynamodb.expressions.condition import Condition

from chalicelib.tables.dynamodb import storage
from chalicelib.tables.dynamodb_errors import CONDITION_FAILED, error_code, was_retried
from chalicelib.tables.rows import Row


def new_write_id() -> str:
    """An id that a written row bears, to find out later whether the write took effect.

    It is random in tests too. Their other ids may repeat, and a repeated id would prove a write that never happened.
    """
    return uuid.uuid4().hex


def put_if(row: Row, condition: Condition) -> bool:
    """Put the row. False when the condition does not hold. Raises Problem("storage_unavailable")."""
    row.write_id = write_id = new_write_id()
    return _is_written(lambda: row.save(condition=condition), lambda: _bears(row, write_id))


def update_if(row: Row, actions: list[Any], condition: Condition) -> bool:
    """Change attributes in place; `row` has all of them afterwards. False and raises like `put_if`."""
    write_id = new_write_id()
    actions = [*actions, type(row).write_id.set(write_id)]
    return _is_written(lambda: row.update(actions, condition=condition), lambda: _bears(row, write_id))


def update_unless_changed(row: Any, actions: list[Any], version: int) -> None:
    """Change attributes in place while the row still has the version. Raises Problem("storage_unavailable").

    The version and the write id stay, so that no other transaction is delayed or takes this write for its own.
    """
    try:
        with storage():
            row.update(actions, condition=type(row).version == version)
    except UpdateError as error:
        if error_code(error) != CONDITION_FAILED:
            raise


def delete_if(row: Row, condition: Condition) -> bool:
    """Delete the row. False and raises like `put_if`; a condition on a missing row does not hold."""
    return _is_written(lambda: row.delete(condition=condition), lambda: not _exists(row))


def _is_written(write: Callable[[], object], has_landed: Callable[[], bool]) -> bool:
    """Whether the write took effect.

    botocore sends a write again when its answer was lost. A condition that fails then may have been changed by the
    first send, which `has_landed` looks for.
    """
    try:
        with storage():
            write()
    except (PutError, UpdateError, DeleteError) as error:
        if error_code(error) != CONDITION_FAILED:
            raise
        return was_retried(error) and has_landed()
    return True


def _bears(row: Row, write_id: str) -> bool:
    return _exists(row) and row.write_id == write_id


def _exists(row: Row) -> bool:
    """Read the row again, strongly consistent. False when it is missing."""
    with storage():
        try:
            row.refresh(consistent_read=True)
        except DoesNotExist:
            return False
    return True
