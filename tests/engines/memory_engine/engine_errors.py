"""The errors of the engine, as DynamoDB names them."""

from typing import Any

MAX_MESSAGE = 200


class EngineError(Exception):
    """A refused request. `fields` stand beside the code and the message."""

    def __init__(self, code: str, message: str, **fields: Any) -> None:
        super().__init__(code, message[:MAX_MESSAGE])
        self.code, self.message, self.fields = code, message[:MAX_MESSAGE], fields


def invalid(message: str) -> EngineError:
    """The request breaks a rule, whatever the tables hold."""
    return EngineError("ValidationException", message)


def condition_failed(item: dict[str, Any] | None) -> EngineError:
    """The condition of a write is false. `item` is the stored item, where the request asks for it."""
    fields = {"Item": item} if item else {}
    return EngineError("ConditionalCheckFailedException", "The conditional request failed", **fields)
