"""Items of several lists taken in turns."""

from chalicelib.domain.round_robin import round_robin


def test_lists_take_turns() -> None:
    lists: list[list[int | None]] = [[1, 2, 3], [], [4], [5, None]]
    assert round_robin(lists) == [1, 4, 5, 2, None, 3]
