"""Types of request fields and path parameters that several route files share."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, NewType

from pydantic import AfterValidator, BeforeValidator, Field

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.stations.issue import MAX_ISSUE_IMAGES
from chalicelib.domain.text.days import KATHMANDU, Span
from chalicelib.domain.text.digits import ascii_digits
from chalicelib.edge.text_conversion import AsNumber, as_list

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""The form of an id. Whether a resource has this id, the service finds out."""

IntentId = NewType("IntentId", str)
NotificationId = NewType("NotificationId", str)
RefundId = NewType("RefundId", str)
ReturnId = NewType("ReturnId", str)
RentalId = NewType("RentalId", str)
StationSn = NewType("StationSn", str)
TransactionId = NewType("TransactionId", str)
UserId = NewType("UserId", str)
"""Path parameters: printable text of 1 to 128 characters. Whether a resource has this id, the service finds out."""


def _six_digits(degrees: float) -> float:
    """Degrees to six digits, which are 11 cm. DynamoDB refuses numbers that are nearer to zero than 1e-130."""
    return round(degrees, 6) + 0.0  # + 0.0: no negative zero


Latitude = Annotated[
    float,
    Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[27.7172], description="In degrees"),
    AfterValidator(_six_digits),
    AsNumber,
]
Longitude = Annotated[
    float,
    Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[85.324], description="In degrees"),
    AfterValidator(_six_digits),
    AsNumber,
]

UploadIds = Annotated[
    tuple[Id, ...], Field(max_length=MAX_ISSUE_IMAGES, description="Ids of own images"), BeforeValidator(as_list)
]
"""Ids of uploads. A form repeats the field."""
FreeText = Annotated[str, Field(min_length=1, max_length=500)]
"""A reason or a note that a customer or an operator writes."""
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]{3,30}$", examples=["sita_g"])]


def day_text(text: Any) -> str:
    """YYYY-MM-DD in ASCII digits; Nepali digits count. Pydantic alone would read a number as seconds since 1970.

    Raises InvalidField for any other form.
    """
    day = ascii_digits(text) if isinstance(text, str) else ""
    if not ISO_DATE.fullmatch(day):
        raise InvalidField("date_format")
    return day


Day = Annotated[date, BeforeValidator(day_text), Field(ge=EARLIEST, le=LATEST)]
"""A calendar day in Kathmandu."""

FirstDay = Annotated[Day, Field(description="The first day, in Kathmandu")]
LastDay = Annotated[Day, Field(description="The last day, in Kathmandu; included")]


def span_of(start: date | None, end: date | None) -> Span:
    """Whole days in Kathmandu, the first and the last included."""
    return Span(
        datetime.combine(start, time.min, KATHMANDU).astimezone(UTC) if start else None,
        datetime.combine(end, time.max, KATHMANDU).astimezone(UTC) if end else None,
    )


def today(now: datetime) -> date:
    """The current day in Kathmandu."""
    return now.astimezone(KATHMANDU).date()
