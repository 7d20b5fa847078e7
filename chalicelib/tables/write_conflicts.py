"""Repeats a plain write that met a running transaction on its row, which botocore does not."""

import secrets
import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from pynamodb.exceptions import DeleteError, PutError, UpdateError

from chalicelib.tables.dynamodb_errors import CONFLICT_CODES, error_code, was_retried

T = TypeVar("T")
MAX_TRIES = 8
FIRST_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 0.32


class Pause:
    """How this process waits between two tries. `connect` sets it."""

    wait: Callable[[float], None] = time.sleep


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
        longest = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (tries - 1))
        Pause.wait(longest * (0.5 + secrets.randbelow(1000) / 2000))
    raise AssertionError("the last try returns or raises")
