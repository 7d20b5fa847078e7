"""Repeats a plain write that met a running transaction on its row, which botocore does not."""

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from pynamodb.exceptions import DeleteError, PutError, UpdateError

from chalicelib.tables.dynamodb_errors import CONFLICT_CODES, error_code, was_retried
from chalicelib.tables.retry_pauses import MAX_TRIES, pause_after

T = TypeVar("T")


def repeat_on_conflict(write: Callable[[], T]) -> T:
    """The result of `write`, which is tried up to MAX_TRIES times, within 1.3 s, while a transaction is in its way.

    Raises the last error. An earlier error after which the write may have taken effect is its cause, so that
    `was_retried` sees it.
    """
    doubtful: Exception | None = None
    for tries in count(1):
        try:
            return write()
        except (PutError, UpdateError, DeleteError) as error:
            if error_code(error) not in CONFLICT_CODES or tries == MAX_TRIES:
                raise error from doubtful
            doubtful = error if was_retried(error) else doubtful
        pause_after(tries)
    raise AssertionError("the last try returns or raises")
