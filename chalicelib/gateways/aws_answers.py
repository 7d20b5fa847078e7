"""Which answers of an AWS service can be used. A load balancer's page or a torn body is like no answer."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.gateways.malformed_answers import MALFORMED
from chalicelib.world import Unavailable

T = TypeVar("T")


@contextmanager
def usable_answer(what: str, *, our_mistakes: Collection[str] = ()) -> Iterator[None]:
    """Inside the block a refused call, no answer, and an answer that can't be read raise Unavailable(`what`).

    A refusal whose code is one of `our_mistakes` raises ClientError: the same call would fail again.
    Only for calls that may be repeated without harm. The block holds the call and the reading of its answer's fields.
    """
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in our_mistakes:
            raise
        raise Unavailable(what) from error
    except (BotoCoreError, *MALFORMED) as error:
        raise Unavailable(what) from error


def not_empty(value: object, of: type[T]) -> T:
    """The value of a field. Raises ValueError for another type, and for an empty value."""
    if not isinstance(value, of) or not value:
        raise ValueError("a field is missing")
    return value
