"""Attribute values as DynamoDB sends and stores them: `{"S": "text"}`."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid

Value = dict[str, Any]
Item = dict[str, Value]
MAX_DIGITS, MAX_EXPONENT, MIN_EXPONENT, MAX_DEPTH = 38, 125, -130, 32
SETS = {"SS": "S", "NS": "N", "BS": "B"}
REMEMBERED = 10_000


def kind_of(value: Value) -> str:
    return next(iter(value))


def checked(value: Value, depth: int = 0) -> Value:
    """A copy of the value as it is stored. Raises EngineError for a value that DynamoDB refuses."""
    if len(value) != 1 or depth > MAX_DEPTH:
        raise invalid("Supplied AttributeValue must contain exactly one of the supported datatypes")
    ((kind, content),) = value.items()
    match kind:
        case "S" | "BOOL" | "NULL":
            return {kind: content}
        case "N":
            return {"N": number_text(content)}
        case "B":
            return {"B": bytes(content)}
        case "M":
            return {"M": {name: checked(part, depth + 1) for name, part in content.items()}}
        case "L":
            return {"L": [checked(part, depth + 1) for part in content]}
        case "SS" | "NS" | "BS":
            return {kind: _checked_set(kind, content)}
    raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def _checked_set(kind: str, content: Any) -> list[Any]:
    members = [checked({SETS[kind]: member})[SETS[kind]] for member in content]
    if not members or len(set(members)) != len(members):
        raise invalid("One or more parameter values were invalid: A set may not be empty or hold a value twice")
    return members


@lru_cache(maxsize=REMEMBERED)
def number_text(text: str) -> str:
    """A number as DynamoDB gives it back. Raises EngineError outside of 38 digits and of 1E-130 to 1E+126."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise invalid("The parameter cannot be converted to a numeric value") from None
    if not number.is_finite():
        raise invalid("The parameter cannot be converted to a numeric value")
    if not number:
        return "0"
    digits = number.as_tuple().digits
    significant = len(bytes(digits).strip(b"\0"))
    if significant > MAX_DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if not MIN_EXPONENT <= number.adjusted() <= MAX_EXPONENT:
        raise invalid("Number overflow or underflow: its magnitude is outside of 1E-130 to 9.99E+125")
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


@lru_cache(maxsize=REMEMBERED)
def number(text: str) -> Decimal:
    return Decimal(text)


def sum_of(first: Value, second: Value, sign: int) -> Value:
    """The sum of two numbers, or their difference. Raises EngineError for other types."""
    if "N" not in first or "N" not in second:
        raise invalid("An operand in the update expression has an incorrect data type")
    return {"N": number_text(str(number(first["N"]) + sign * number(second["N"])))}


def order_of(value: Value) -> Any:
    """What values of one type are ordered by. Raises EngineError for a type without an order."""
    ((kind, content),) = value.items()
    if kind == "N":
        return number(content)
    if kind in {"S", "B"}:
        return content
    raise invalid(f"Invalid operand type for an operator or function: {kind}")


def equal(first: Value, second: Value) -> bool:
    """Whether two checked values are the same; a set has no order."""
    kind = kind_of(first)
    if kind in SETS and kind in second:
        return set(first[kind]) == set(second[kind])
    return first == second


def size_of(value: Value) -> int:
    """The bytes that a value takes of the 400 KB of an item."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content) if content.isascii() else len(content.encode())
        case "N":
            return len(content) // 2 + 2
        case "B":
            return len(content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + size_of(part) for name, part in content.items())
        case "L":
            return 3 + sum(1 + size_of(part) for part in content)
        case "SS" | "NS" | "BS":
            return sum(size_of({SETS[kind]: member}) for member in content)
    return 1


def item_size(item: Item) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())
