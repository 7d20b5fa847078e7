"""The counters of days count each fact once, whatever comes twice, late or half-way."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app import app
from chalicelib.domain.accounts.score import first_day_of_week
from chalicelib.domain.analytics.day_facts import ALL_DAYS, Series
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import counting
from chalicelib.services.rentals import due_times
from chalicelib.tables import uncounted
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.dynamodb import DUE_WINDOW, shared_connection
from chalicelib.tables.intents import IntentRow
from chalicelib.tables.rentals import RentalRow
from chalicelib.tables.rows import Row, shard_of
from chalicelib.world import World
from infra.local.seeds.demo_stations import FLEET
from tests.engines.fault_injection import crash_everywhere
from tests.engines.interleaving import interleave
from tests.scenarios.day_counts import of_day
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import LABIM
from tests.world.clocks import tick
from tests.world.fake_world import FakeWorld
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def today(network: Network) -> str:
    return day_of(network.world.now()).isoformat()


def give_back(network: Network, user: str, **after: int) -> None:
    rental = network.rented(user)
    network.fake_world.clock.advance(**(after or {"minutes": 10}))
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)


def test_a_rental_and_its_money_are_counted_once(network: Network) -> None:
    user, day = network.customer(), today(network)
    give_back(network, user)
    network.award_rental_points()
    for _ in range(2):
        counting.count_changed(network.world)
    counts = of_day(day)
    assert {
        name: counts[name] for name in ("rentals", "rentals.completed", "events.started", "events.completed")
    } == {
        "rentals": 1,
        "rentals.completed": 1,
        "events.started": 1,
        "events.completed": 1,
    }
    assert (counts["revenue.rental"], counts["users.registered"], counts["users.active"]) == (500, 1, 1)
    assert counts["points.awarded"] >= 10
    assert of_day(ALL_DAYS) == {"rentals": 1, "rentals.completed": 1, "users.active": 1}
    at_station = {name: count for name, count in of_day(day, Series.STATIONS).items() if LABIM.sn in name}
    assert {name.rpartition(":")[2]: count for name, count in at_station.items()} == {
        "started": 1,
        "completed": 1,
        "paisa": 500,
        "minutes": 10,
        "samples": 1,
        "online": 1,
    }


def test_a_rental_moves_from_group_to_group(network: Network) -> None:
    user, day = network.customer(), today(network)
    rental = network.start(user)
    groups = []
    for step in ("pending", "active", "overdue", "completed"):
        if step == "active":
            network.report_eject(LABIM, rental.powerbank_sn, 0x01)
        if step == "overdue":
            network.fake_world.clock.advance(hours=2)
            due_times.sweep(network.world)
        if step == "completed":
            network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        counting.count_changed(network.world)
        groups.append({name for name in of_day(day) if name.startswith("rentals.")})
    assert groups == [{"rentals.pending"}, {"rentals.active"}, {"rentals.overdue"}, {"rentals.completed"}]
    assert (of_day(day)["events.late"], of_day(day)["revenue.late_fee"]) == (1, 4_000)


def test_a_cancelled_rental_leaves_no_revenue(network: Network) -> None:
    user, day = network.customer(), today(network)
    give_back(network, user, minutes=2)
    counting.count_changed(network.world)
    rental_id = request(app, "GET", "/api/rentals/history", token=token_of(network, user)).data["results"][0]["id"]
    assert request(app, "POST", f"/api/rentals/{rental_id}/cancel", {}, token=token_of(network, user)).status == 200
    counting.count_changed(network.world)
    counts = of_day(day)
    assert "revenue.rental" not in counts
    assert "events.completed" not in counts
    assert (counts["events.cancelled"], counts["rentals.cancelled"]) == (1, 1)


def test_a_topup_is_counted_at_its_gateway_by_its_result(network: Network) -> None:
    user, day = network.customer(), today(network)
    intent_id = network.open_topup(user)
    counting.count_changed(network.world)
    assert of_day(day)["payments.khalti.pending"] == 1
    before = of_day(day).get("topups.paisa", 0)
    network.pay_topup(user, intent_id)
    counting.count_changed(network.world)
    counts = of_day(day)
    assert (counts["payments.khalti.success"], counts["payments.khalti.success.paisa"]) == (2, 150_000)
    assert "payments.khalti.pending" not in counts
    assert counts["topups.paisa"] - before == 50_000


def test_days_are_those_of_kathmandu(network: Network) -> None:
    network.fake_world.clock.advance(
        seconds=int((datetime(2027, 1, 5, 18, 14, tzinfo=UTC) - network.world.now()).total_seconds())
    )
    user = network.newcomer()
    network.fake_world.clock.advance(minutes=2)
    other = network.newcomer()
    counting.count_changed(network.world)
    assert user != other
    assert [of_day(day)["users.registered"] for day in ("2027-01-05", "2027-01-06")] == [1, 1]


def test_an_active_user_is_counted_once_a_day_and_week(network: Network) -> None:
    user = network.customer()
    counting.count_changed(network.world)
    day = network.world.now()
    for _ in range(2):
        network.pay_topup(user, network.open_topup(user))
        counting.count_changed(network.world)
    assert of_day(day_of(day).isoformat())["users.active"] == 1
    network.fake_world.clock.advance(days=8)
    network.pay_topup(user, network.open_topup(user))
    counting.count_changed(network.world)
    later = of_day(today(network))
    assert (later["users.active"], later.get("users.registered")) == (1, None)
    joined_week = of_day(first_day_of_week(day_of(day)).isoformat())
    assert [joined_week.get(f"users.back_after.{week}") for week in range(3)] == [1, 1, None]


def test_two_runs_at_once_count_once(network: Network) -> None:
    give_back(network, network.customer())
    with interleave(lambda: counting.count_changed(network.world)):
        counting.count_changed(network.world)
    before = all_rows()
    assert counting.count_changed(network.world) == 0
    assert all_rows() == before
    assert of_day(today(network))["events.completed"] == 1


def test_a_change_during_a_run_is_counted_by_the_next(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=10)
    with interleave(lambda: network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)):
        counting.count_changed(network.world)
    counting.count_changed(network.world)
    assert of_day(today(network))["events.completed"] == 1
    assert uncounted.rental_keys(shard_of(rental.rental_id), 5, 0) == []


def plant_before(model: type[Row], broken: str, count: int, **key: str) -> None:
    """Put copies of a row before it on the index that no run can read. The last part of `key` is what differs."""
    client: Any = shared_connection().client
    table, raw_key = model.Meta.table_name, {name: {"S": text} for name, text in key.items()}
    copy = client.get_item(TableName=table, Key=raw_key)["Item"] | {broken: {"S": "{"}}
    for number in range(count):
        client.put_item(TableName=table, Item=copy | {[*key][-1]: {"S": f"00{number:024d}"}})


@pytest.mark.parametrize("count", [1, pytest.param(counting.MAX_PER_SHARD, marks=pytest.mark.long)])
def test_rows_that_always_fail_keep_no_other_from_being_counted(network: Network, count: int) -> None:
    user = network.customer()
    counting.count_changed(network.world)
    rental, intent_id = network.rented(user), network.open_topup(user)
    plant_before(RentalRow, "state", count, user_id=user, rental_id=rental.rental_id)
    plant_before(IntentRow, "state", count, user_id=user, intent_id=intent_id)
    plant_before(AccountRow, "status", count, user_id=user)
    for _ in range(3):
        counting.count_changed(network.world)
        network.fake_world.clock.advance(minutes=1)
    counts = of_day(today(network))
    assert (counts["rentals"], counts["payments.khalti.pending"]) == (1, 1)
    assert user not in uncounted.user_ids(shard_of(user), DUE_WINDOW, 0)


def test_stations_are_looked_at_once_an_hour(network: Network) -> None:
    for _ in range(3):
        counting.count_changed(network.world)
        network.fake_world.clock.advance(minutes=25)
    counts = of_day(today(network), Series.STATIONS)
    # the hours of Kathmandu begin a quarter before those of UTC
    assert {counts[f"{station.sn}:samples"] for station in FLEET} == {2}
    assert counts[f"{LABIM.sn}:online"] >= 1


def test_a_deleted_customer_stays_counted(network: Network) -> None:
    user = network.customer()
    counting.count_changed(network.world)
    delete_customer(network, user)
    counting.count_changed(network.world)
    assert (of_day(today(network))["users.registered"], of_day(ALL_DAYS)["users.deleted"]) == (1, 1)
    assert network.books_balance()


class MinuteRun:
    """A run of the schedule, and the run of the next minute."""

    def __init__(self, fake_world: FakeWorld, world: World, day: str) -> None:
        self.fake_world, self.world, self.day = fake_world, world, day

    def run(self) -> None:
        tick(self.world, "count_days")

    def recover(self) -> None:
        counting.count_changed(self.world)

    def check(self) -> None:
        counts = of_day(self.day)
        assert (counts["rentals"], counts["events.completed"], counts["revenue.rental"]) == (1, 1, 500)
        assert counts["payments.khalti.success"] == 2
        assert counts["users.registered"] == 1
        assert counting.count_changed(self.world) == 0


def prepared(network: Network) -> str:
    user = network.customer()
    network.pay_topup(user, network.open_topup(user))
    give_back(network, user)
    return today(network)


@pytest.mark.matrix
def test_a_run_with_any_fault_ends_alike() -> None:
    crash_everywhere("counters of days", prepared, MinuteRun)
