"""The query parameters and the body's fields of a control request, as JSON Schema for the control API's document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Schema = Mapping[str, object]
View = TypeVar("View", bound=Callable[..., Any])
SHAPE = "request_shape"
"""The attribute of a view."""
ROOM = "infra.local.control."
"""Where the views of the control API are. Pages and simulated companies are elsewhere."""

TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
RUPEES: Schema = {"type": ["string", "number"], "examples": ["120.00"]}


def number(maximum: float, minimum: float = 0) -> Schema:
    """A number within these bounds."""
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
    return view.__module__.startswith(ROOM)


def shape_of(view: Callable[..., Any]) -> RequestShape:
    """The shape of a view's requests. One that is not decorated takes neither parameters nor fields."""
    shape: RequestShape = getattr(view, SHAPE, RequestShape())
    return shape
