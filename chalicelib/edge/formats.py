"""Formats of response values for the API document. Nothing is checked at run time."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

Currency = Literal["NPR"]
Rupees = Annotated[
    str, Field(json_schema_extra={"format": "decimal", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["120.00"]})
]
"""NPR with two decimal places."""
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""UTC, to the second, with Z."""
DayText = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""YYYY-MM-DD in Kathmandu."""
ClockTime = Annotated[str, Field(json_schema_extra={"pattern": "^[0-2][0-9]:[0-5][0-9]$"})]
"""HH:MM in Kathmandu."""
WebAddress = Annotated[str, Field(json_schema_extra={"format": "uri"})]


def one_of(values: Iterable[str]) -> Any:
    """Documents a text field as one of `values`."""
    return Field(json_schema_extra={"enum": list(values)})
