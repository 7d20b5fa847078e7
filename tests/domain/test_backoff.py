"""Waits double up to a longest one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.operations.backoff import doubled

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(("doublings", "minutes"), [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (10**6, 60)])
def test_a_wait_doubles_up_to_the_longest(doublings: int, minutes: int) -> None:
    assert doubled(MINUTE, doublings, longest=timedelta(hours=1)) == timedelta(minutes=minutes)


@given(st.timedeltas(timedelta(seconds=1), DAY), st.integers(0, 10**9))
def test_a_wait_is_never_shorter_than_the_one_before(first: timedelta, doublings: int) -> None:
    longest = 10 * DAY
    assert first <= doubled(first, doublings, longest=longest) <= doubled(first, doublings + 1, longest=longest)
