"""Converts the values of a request to booleans and numbers, in the one form that the API document gives."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from chalicelib.domain.text.digits import ascii_digits

MAX_DIGITS = 12
DIGITS = re.compile(f"[0-9]{{1,{MAX_DIGITS}}}", re.ASCII)
NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
FORM = "form"
"""The context in which the fields of a form are validated."""
BOOLEANS = {"true": True, "false": False}


def boolean(value: Any) -> Any:
    """`true` and `false` as booleans. Pydantic alone would also take `1`, `on`, `y` and others."""
    return BOOLEANS.get(value, value) if isinstance(value, str) else value


def integer(value: Any) -> Any:
    """Digits of any script as a number, and a number of JSON without a fraction: to JSON Schema `5.0` is an integer.

    Pydantic alone would also take the texts `1_000`, ` 5` and `5.0`.
    """
    if isinstance(value, Decimal) and abs(value.adjusted()) < MAX_DIGITS and value == int(value):
        return int(value)
    text = ascii_digits(value).strip() if isinstance(value, str) else ""
    return int(text) if DIGITS.fullmatch(text) else value


def number(value: Any) -> Any:
    """A decimal number in JSON's form. Pydantic alone would also take `1_0` and `nan`."""
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if NUMBER.fullmatch(text) else value


def as_list(value: Any, info: ValidationInfo) -> Any:
    """A single text of a form as a list: a form that sends a field once sends no list. JSON has lists of its own."""
    return [value] if isinstance(value, str) and info.context == FORM else value


Boolean = Annotated[bool, Field(strict=True), BeforeValidator(boolean)]
AsInteger, AsNumber = BeforeValidator(integer), BeforeValidator(number)
"""These stand last in an annotation, after a strict Field: the API document loses limits that stand behind them."""
