"""The nightly recount of a day agrees with the counters, and corrects those that are wrong, once."""

import math
from datetime import date, timedelta

from chalicelib.domain.analytics.day_facts import FactKey, Series
from chalicelib.domain.analytics.day_facts import network as network_key
from chalicelib.domain.analytics.day_recount import DayRecount, RecountState
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import counting, recount
from chalicelib.tables import day_counters, day_recounts
from chalicelib.tables.atomic import atomic
from chalicelib.tables.day_recounts import RecountWalkRow
from chalicelib.tables.dynamodb import fetch_one
from tests.engines.interleaving import interleave
from tests.scenarios.day_counts import count_and_recount, of_day
from tests.world.builders import LABIM
from tests.world.network import Network
from tests.world.real_tables import all_rows


def past_day(network_: Network) -> date:
    """A day with a returned rental, a lost one and an open top-up, at three in the morning of the day after."""
    day = day_of(network_.world.now())
    returning, topping_up = network_.customer(), network_.customer()
    rental = network_.rented(returning)
    network_.fake_world.clock.advance(minutes=10)
    network_.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    network_.award_rental_points()
    network_.open_topup(topping_up)
    network_.fake_world.clock.advance(hours=16)
    return day


def plant(network_: Network, key: FactKey, change: int) -> None:
    atomic(network_.world, lambda ops: day_counters.stage_additions(ops, "1", {key: change}))


def report_of(day: date) -> DayRecount:
    report = fetch_one(day_recounts.recount_key(day.isoformat()))
    assert report is not None
    return report


def test_a_recount_agrees_with_the_counters(network: Network) -> None:
    day = past_day(network)
    report = count_and_recount(network.world, day)
    assert (report.state, report.differences_count, report.round_number) == (RecountState.AGREES, 0, 1)
    before = all_rows()
    assert recount.run(network.world, lambda: math.inf) == 0
    assert all_rows() == before


def test_wrong_counters_are_reported_and_corrected_once(network: Network) -> None:
    day = past_day(network)
    counting.count_changed(network.world)
    right = {series: of_day(day.isoformat(), series) for series in Series}
    plant(network, network_key(day, "revenue.rental"), 777)
    plant(network, FactKey(Series.STATIONS, day.isoformat(), f"{LABIM.sn}:completed"), -1)
    report = count_and_recount(network.world, day)
    assert (report.state, report.round_number, report.differences_count) == (RecountState.CORRECTED, 2, 2)
    assert report.differences is not None
    assert report.differences[f"network|{day}|revenue.rental"] == (1_277, 500)
    assert {series: of_day(day.isoformat(), series) for series in Series} == right
    assert count_and_recount(network.world, day) == report


def test_a_recount_goes_on_where_its_run_ended(network: Network) -> None:
    day = past_day(network)
    counting.count_changed(network.world)
    left = iter([recount.RESERVE_SECONDS + 1])  # time for one page
    assert recount.run(network.world, lambda: next(left, 0.0)) > 0
    done = [row.name for row in RecountWalkRow.scan() if row.done]
    assert done == ["1#rentals"]
    before = [row.version for row in RecountWalkRow.scan()]
    count_and_recount(network.world, day)
    versions = [row.version for row in RecountWalkRow.query((day - timedelta(days=2)).isoformat())]
    assert (before, versions) == ([1], [1, 1, 1])
    assert report_of(day).state is RecountState.AGREES


def test_two_recounts_at_once_correct_once(network: Network) -> None:
    day = past_day(network)
    counting.count_changed(network.world)
    right = of_day(day.isoformat())
    plant(network, network_key(day, "transactions"), 5)
    with interleave(lambda: recount.run(network.world, lambda: math.inf)):
        recount.run(network.world, lambda: math.inf)
    count_and_recount(network.world, day)
    assert of_day(day.isoformat()) == right
    assert report_of(day).state is RecountState.CORRECTED


def test_a_change_that_waits_to_be_counted_is_no_difference(network: Network) -> None:
    user = network.customer()
    intent_id = network.open_topup(user)
    day = day_of(network.world.now())
    network.fake_world.clock.advance(hours=22)
    counting.count_changed(network.world)
    network.pay_topup(user, intent_id)

    def until_round_two() -> float:
        report = fetch_one(day_recounts.recount_key(day.isoformat()))
        return 0 if report is not None and report.round_number == 2 else math.inf

    while recount.run(network.world, until_round_two):
        pass
    assert report_of(day).differences_count > 0
    count_and_recount(network.world, day)
    assert (report_of(day).state, report_of(day).round_number) == (RecountState.AGREES, 2)
