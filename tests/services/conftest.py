"""What several of these tests begin with."""

from collections.abc import Iterator
from io import StringIO

import pytest

from chalicelib.log import Output
from tests.books import Books
from tests.desk import Desk
from tests.street import Street


@pytest.fixture
def desk(street: Street) -> Desk:
    """A street with a refunds' desk."""
    return Desk(street)


@pytest.fixture
def books(street: Street) -> Books:
    """A gateway's day against ours; the days before are done."""
    made = Books(street)
    made.past_is_done()
    return made


@pytest.fixture
def heard() -> Iterator[StringIO]:
    """The log."""
    Output.stream = StringIO()
    yield Output.stream
    Output.stream = None
