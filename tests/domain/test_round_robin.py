"""Items of several lists taken in turns."""

from chalicelib.domain.operations.round_robin import in_turn, rotated, round_robin


def test_items_of_several_lists_are_taken_in_turn() -> None:
    lists: list[list[int | None]] = [[1, 2, 3], [], [4], [5, None]]
    assert round_robin(lists) == [1, 4, 5, 2, None, 3]


def test_items_beyond_the_limit_take_turns_behind_the_first_half() -> None:
    """Items 0 to 99 always fail and stay: all others are handled within a few runs."""
    items = range(250)
    runs = [in_turn(items, 100, turn) for turn in range(29_000_000, 29_000_004)]
    assert all(run[:50] == [*range(50)] and len(set(run)) == 100 for run in runs)
    assert set().union(*runs) == set(items)
    assert in_turn(range(3), 100, 7) == [0, 1, 2]


def test_each_item_is_the_first_in_its_turn() -> None:
    assert [rotated("abc", turn) for turn in range(4)] == [[*"abc"], [*"bca"], [*"cab"], [*"abc"]]
    assert rotated([], 5) == []
