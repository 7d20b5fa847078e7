"""Typed attributes: integers, degrees, times, dates, enums and small documents."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter
from pynamodb.attributes import Attribute, NumberAttribute
from pynamodb.constants import MAP, NUMBER, STRING

from chalicelib.domain.text.time_text import sortable_time_text

T = TypeVar("T")

E = TypeVar("E", bound=StrEnum)


class IntAttribute(Attribute[int]):
    """An integer. Any other type raises TypeError when it is written, so that no float holds money."""

    attr_type = NUMBER

    def serialize(self, value: Any) -> str:
        if type(value) is not int:
            raise TypeError(f"not an integer: {type(value).__name__}")
        return str(value)

    def deserialize(self, value: Any) -> int:
        return int(value)


class FloatAttribute(NumberAttribute):
    """A float: degrees and metres, never money.

    DynamoDB gives 27.0 back as 27, which other number attributes read as an integer.
    """

    def deserialize(self, value: Any) -> float:
        return float(value)


class CountsAttribute(Attribute[Mapping[str, int]]):
    """Integers by name, as a map. An update can change one of them in place."""

    attr_type = MAP

    def serialize(self, value: Any) -> dict[str, dict[str, str]]:
        return {name: {NUMBER: IntAttribute().serialize(count)} for name, count in value.items()}

    def deserialize(self, value: Any) -> dict[str, int]:
        return {name: int(count[NUMBER]) for name, count in value.items()}


class TimeAttribute(Attribute[datetime]):
    """A time in UTC, stored as text that sorts as time does."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return sortable_time_text(value)

    def deserialize(self, value: str) -> datetime:
        return datetime.fromisoformat(value)


class EnumAttribute(Attribute[E]):
    """A member of a StrEnum, stored by its value."""

    attr_type = STRING

    def __init__(self, enum_type: type[E], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.enum_type = enum_type

    def serialize(self, value: E) -> str:
        return self.enum_type(value).value

    def deserialize(self, value: str) -> E:
        return self.enum_type(value)


class DocumentAttribute(Attribute[T]):
    """A small frozen dataclass, or a tuple or mapping of them, stored as JSON text."""

    attr_type = STRING

    def __init__(self, document_type: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document_type = document_type

    def serialize(self, value: T) -> str:
        return _adapter(self.document_type).dump_json(value).decode()

    def deserialize(self, value: str) -> T:
        return cast(T, _adapter(self.document_type).validate_json(value))


@cache
def _adapter(document_type: Any) -> TypeAdapter[Any]:
    is_dataclass = hasattr(document_type, "__dataclass_fields__")
    return TypeAdapter(document_type) if is_dataclass else TypeAdapter(document_type, config=ConfigDict())


class DateAttribute(Attribute[date]):
    """A calendar date, `YYYY-MM-DD`."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        return date.fromisoformat(value)
