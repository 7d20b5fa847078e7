"""Turns pydantic's errors of a request into validation messages by field."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from chalicelib.domain.problems.validation_codes import ValidationCode
from chalicelib.domain.problems.validation_messages import InvalidField, ValidationMessage, validation_message

MAX_NAME_LENGTH = 100
CODES: Mapping[str, ValidationCode] = {
    "missing": "required",
    "string_type": "text_expected",
    "int_type": "integer_expected",
    "int_parsing": "integer_expected",
    "int_from_float": "integer_expected",
    "float_type": "number_expected",
    "float_parsing": "number_expected",
    "finite_number": "number_expected",
    "bool_type": "boolean_expected",
    "bool_parsing": "boolean_expected",
    "literal_error": "option_unknown",
    "enum": "option_unknown",
    "extra_forbidden": "field_unknown",
}
"""Validation codes by pydantic's error types that need no values."""
BOUND_TYPES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
PATTERN_CODES: Mapping[str, ValidationCode] = {"username": "username_format"}
MODEL_FIELD = "body"
"""The field that an error of the model as a whole goes under."""


def messages_of(error: ValidationError, model: type[BaseModel]) -> dict[str, list[ValidationMessage]]:
    """The messages by field, each message once. No message holds a value of the request."""
    messages: dict[str, list[ValidationMessage]] = {}
    for item in error.errors(include_url=False, include_input=False):
        name = str(item["loc"][0])[:MAX_NAME_LENGTH] if item["loc"] else MODEL_FIELD
        message = _message(str(item["type"]), name, item.get("ctx", {}), model)
        if message not in messages.setdefault(name, []):
            messages[name].append(message)
    return messages


def _message(kind: str, name: str, context: Mapping[str, Any], model: type[BaseModel]) -> ValidationMessage:
    invalid = context.get("error")
    if isinstance(invalid, InvalidField):
        return invalid.message
    if kind in CODES:
        return validation_message(CODES[kind])
    if kind == "string_too_short":
        return _too_short(name, context["min_length"])
    if kind == "string_too_long":
        return validation_message("text_too_long", max=context["max_length"])
    if kind == "string_pattern_mismatch":
        return validation_message(PATTERN_CODES.get(name, "id_format"))
    if kind in BOUND_TYPES:
        return _out_of_bounds(name, context, model)
    return validation_message("date_impossible" if kind.startswith("date") else "check_this")


def _too_short(name: str, min_length: int) -> ValidationMessage:
    if name == "otp":
        return validation_message("otp_incomplete")
    return validation_message("required") if min_length == 1 else validation_message("text_too_short", min=min_length)


def _out_of_bounds(name: str, context: Mapping[str, Any], model: type[BaseModel]) -> ValidationMessage:
    bounds = _bounds(name, model)
    lowest, highest = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    if isinstance(lowest, date):
        return validation_message("date_too_early" if "ge" in context else "date_impossible")
    if lowest is None:
        return validation_message("check_this")
    if highest is None:
        return validation_message("number_too_small", min=lowest)
    return validation_message("number_out_of_range", min=lowest, max=highest)


def _bounds(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """The limits that the field declares, under the names `ge`, `gt`, `le` and `lt`."""
    fields = (field for key, field in model.model_fields.items() if name in (key, field.alias))
    return {
        bound: getattr(item, bound)
        for field in fields
        for item in (*field.metadata, *_constraints(field.annotation))
        for bound in ("ge", "gt", "le", "lt")
        if hasattr(item, bound)
    }


def _constraints(annotation: Any) -> Iterator[Any]:
    """What the members of a union declare: an optional field's limits stand there."""
    for part in get_args(annotation):
        yield from part.metadata if isinstance(part, FieldInfo) else (part, *_constraints(part))
