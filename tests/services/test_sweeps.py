"""Sweeps end before the time-out of their function, also when an item is slow."""

from chalicelib.gateways.aws_time_left import TABLE_SECONDS
from chalicelib.services.stations import listing_refresh
from chalicelib.services.stations.listing_refresh import TAGS_SECONDS
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.world.time_left import has_time, reserved
from infra.local.seeds.demo_stations import FLEET
from tests.engines.stopwatch import Stopwatch
from tests.world.network import Network


def test_a_slow_item_ends_a_run_before_its_time_out(network: Network) -> None:
    stopwatch, handled = Stopwatch(60), []

    def handle(number: int) -> None:
        handled.append(number)
        stopwatch.spend(22)

    with stopwatch.limit():
        assert for_each_isolated(range(10), handle, str) == 2
    assert (handled, stopwatch.spent) == ([0, 1], 44)


def test_items_handled_at_once_end_before_the_time_out(network: Network) -> None:
    stopwatch, handled = Stopwatch(60), []

    def handle(number: int) -> None:
        handled.append(number)
        stopwatch.spend(22)

    with stopwatch.limit():
        assert for_each_isolated(range(100), handle, str, workers=2) == len(handled)
    assert 2 <= len(handled) <= 3
    assert stopwatch.spent <= 66


def test_calls_of_a_slow_item_are_not_begun_after_the_time_out(network: Network) -> None:
    """The first call takes as long as the run: the second one is not begun."""
    stopwatch, began = Stopwatch(60), []

    def handle(_: int) -> None:
        stopwatch.spend(57)
        began.append(has_time(TABLE_SECONDS))

    with stopwatch.limit():
        assert for_each_isolated([1, 2], handle, str) == 1
    assert began == [False]


def test_the_listing_of_a_slow_page_leaves_time_for_the_tags(network: Network) -> None:
    stopwatch, began = Stopwatch(60), []
    network.rented(network.customer())

    def seconds_left() -> float:
        stopwatch.spend(22)
        return stopwatch.seconds - stopwatch.spent

    with stopwatch.limit(), reserved(TAGS_SECONDS):
        began.append((has_time(30), has_time(54)))
    assert began == [(True, False)]
    assert 0 < listing_refresh.refresh(network.world, seconds_left) < len(FLEET)
