"""The query parameters and the body's fields of a control request, as JSON Schema for the control API's document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, TypeVar

Schema = Mapping[str, object]
View = TypeVar("View", bound=Callable[..., Any])
SHAPE = "request_shape"
"""The attribute of a view."""
PACKAGE = "infra.local.control."
"""The package of the control API's views. Pages and simulated companies are in other packages."""

TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
RUPEES: Schema = {"type": ["string", "number"], "examples": ["120.00"]}


class NumberSchema(TypedDict):
    """A number within its bounds, both included."""

    type: str
    minimum: float
    maximum: float


def number(maximum: float, minimum: float = 0) -> NumberSchema:
    return {"type": "number", "minimum": minimum, "maximum": maximum}


def one_of(*values: str) -> Schema:
    """One of these texts."""
    return {"type": "string", "enum": [*values]}


@dataclass(frozen=True)
class RequestShape:
    """Without `body` a request needs none. The fields `required` may not be left out of it."""

    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Mapping[str, Schema] | None = None
    required: Sequence[str] = ()


def shaped(shape: RequestShape) -> Callable[[View], View]:
    """Decorate a view whose requests have this shape."""

    def note(view: View) -> View:
        setattr(view, SHAPE, shape)
        return view

    return note


def is_of_control_api(view: Callable[..., Any]) -> bool:
    return view.__module__.startswith(PACKAGE)


def shape_of(view: Callable[..., Any]) -> RequestShape:
    """The shape of a view's requests. One that is not decorated takes neither parameters nor fields."""
    shape: RequestShape = getattr(view, SHAPE, RequestShape())
    return shape
