"""Transactions: all writes or none, and each token takes effect once."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tests.engines.memory_engine.engine_errors import EngineError, invalid
from tests.engines.memory_engine.writes import Write, must_be_different

MAX_WRITES = 100
TOKEN_SECONDS = 600
FAILED = {"ConditionalCheckFailedException": "ConditionalCheckFailed", "ValidationException": "ValidationError"}


class Tokens:
    """The transactions that took effect within ten minutes, by their ClientRequestToken."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._effects: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def took_effect(self, token: str, content: str) -> bool:
        """Whether this transaction took effect before. Raises EngineError when another one used the token."""
        while self._effects and next(iter(self._effects.values()))[0] < self._now() - TOKEN_SECONDS:
            self._effects.popitem(last=False)
        known = self._effects.get(token)
        if known is not None and known[1] != content:
            raise EngineError("IdempotentParameterMismatchException", "The token was used with other parameters.")
        return known is not None

    def store(self, token: str, content: str) -> None:
        self._effects[token] = (self._now(), content)

    def clear(self) -> None:
        self._effects.clear()


def transact(writes: list[Write]) -> None:
    """Do all writes. Raises EngineError with a reason for each of them if one of them is refused."""
    if not 1 <= len(writes) <= MAX_WRITES:
        raise invalid(f"Member must have length less than or equal to {MAX_WRITES}")
    must_be_different(
        [(write.table.name, write.key) for write in writes],
        "Transaction request cannot include multiple operations on one item",
    )
    reasons = [_reason(write) for write in writes]
    if any(reason["Code"] != "None" for reason in reasons):
        codes = ", ".join(reason["Code"] for reason in reasons)
        raise EngineError(
            "TransactionCanceledException",
            f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
            CancellationReasons=reasons,
        )
    for write in writes:
        write.apply()


def _reason(write: Write) -> dict[str, Any]:
    try:
        write.decide()
    except EngineError as error:
        return {"Code": FAILED[error.code], "Message": error.message, **error.fields}
    return {"Code": "None"}
