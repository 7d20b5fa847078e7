"""Base models of requests and responses: money, pages."""

import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.text.blank_text import shows_something
from chalicelib.domain.text.digits import ascii_digits
from chalicelib.domain.text.money import MAX_PAISA
from chalicelib.edge.text_conversion import AsInteger

T = TypeVar("T")
CURSOR_DESCRIPTION = "`next_cursor` of the page before, with the same other parameters. Without it: the first page"
RUPEES = re.compile(r"^[0-9]{1,10}(?:\.[0-9]{1,2})?$", re.ASCII)


class RequestModel(BaseModel):
    """A request: unknown fields and very long text are refused, white space around text is removed.

    Text that shows nothing, such as a zero-width space or a mark without a letter, counts as empty.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=10_000, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_invisible_text(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        return {
            name: "" if isinstance(value, str) and not shows_something(value) else value
            for name, value in fields.items()
        }


class OpenRequestModel(RequestModel):
    """A request whose client passes on fields of another service: unknown fields are ignored, whatever they hold."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"additionalProperties": True})


class EmptyRequest(RequestModel):
    """No fields."""

    # Any field is refused, and the handler takes no `request`.


class ResponseModel(BaseModel):
    """A response: every field is present, also a field that has its default."""

    model_config = ConfigDict(extra="forbid", defer_build=True, json_schema_serialization_defaults_required=True)


class PageQuery(RequestModel):
    """The size of a page, and the cursor where it begins."""

    limit: Annotated[int, Field(strict=True, ge=1, le=100, description="How many results at most"), AsInteger] = 20
    cursor: Annotated[str, Field(min_length=1, max_length=1024, description=CURSOR_DESCRIPTION)] | None = None


class PageInfo(ResponseModel):
    """The number of results on this page, and whether another page follows."""

    count: int
    has_next: bool


class Page(ResponseModel, Generic[T]):
    """A page of a list."""

    results: list[T]
    next_cursor: str | None
    pagination: PageInfo

    @classmethod
    def of(cls, results: list[T], next_cursor: str | None) -> "Page[T]":
        more = next_cursor is not None
        return cls(results=results, next_cursor=next_cursor, pagination=PageInfo(count=len(results), has_next=more))


class CsvQuery(RequestModel):
    """The query of data that operators can download as a CSV file."""

    format: Annotated[Literal["json", "csv"], Field(description="`csv` downloads a file")] = "json"

    @property
    def wants_file(self) -> bool:
        return self.format == "csv"


class FormatQuery(CsvQuery):
    """The query of data that is a file too and takes no other parameter. A handler takes no `query` for it."""


class ListQuery(CsvQuery):
    """The query of a list that operators can download as a CSV file."""

    format: Annotated[
        Literal["json", "csv"],
        Field(description="`csv` downloads a file: up to 500 rows, unless `page_size` asks for fewer"),
    ] = "json"


class ReportData(ResponseModel):
    """Figures that operators can download as a CSV file: the rows of one list, and a row of their totals."""

    csv_rows_field: ClassVar[str | None] = "chart_data"
    """The field with the rows. None: the file has one row, with the fields of the model itself."""
    csv_summed_columns: ClassVar[tuple[str, ...]] = ()
    """The columns with a sum in the last row. Without any there is no such row."""


def parse_rupees(value: Any) -> int:
    """Rupees as a customer typed them, in paisa; Nepali digits count.

    Raises InvalidField for a sign, an exponent or more than two decimals.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise InvalidField("amount_format")
    text = ascii_digits(str(value)).strip()
    if not RUPEES.match(text):
        raise InvalidField("amount_format")
    whole, _, decimals = text.partition(".")
    paisa = int(whole) * 100 + int((decimals + "00")[:2])
    if paisa == 0:
        raise InvalidField("amount_zero")
    if paisa > MAX_PAISA:
        raise InvalidField("amount_too_large")
    return paisa


Money = Annotated[
    int,
    BeforeValidator(parse_rupees),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": RUPEES.pattern},
                {"type": "number", "exclusiveMinimum": 0, "maximum": (MAX_PAISA - 1) / 100},
            ],
            "description": "Rupees, at most two decimals",
            "examples": ["500.00"],
        }
    ),
]
"""An amount: paisa in the code, rupees in a request."""
