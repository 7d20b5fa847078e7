"""Values that hold inside a block and everything that it calls, on one thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def set_inside(variable: ContextVar[T], value: T) -> Iterator[None]:
    """The variable has the value inside the block, and the one that it had before after it, also after an error."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
