"""The upper-case rule of /api/admin: values go out in upper case, and operators write them in any case."""

from collections.abc import Iterable
from typing import Any

from pydantic import BeforeValidator

from chalicelib.edge.formats import one_of

CaseInsensitive = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
"""Accepts an operator's value in upper, lower or mixed case. The API document shows lower case only: an enum of both
cases would give generated clients two members of one name."""


def in_upper_case(value: str) -> str:
    """A value as the operators' dashboard reads it."""
    return value.upper()


def upper_case_or_none(value: str | None) -> str | None:
    return in_upper_case(value) if value else None


def one_of_upper_case(values: Iterable[str]) -> Any:
    """Documents a response field as one of `values` in upper case."""
    return one_of(in_upper_case(value) for value in values)
