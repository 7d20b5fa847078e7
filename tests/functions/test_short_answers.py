"""Empty and short pages of queries, and partial batches, change no result."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.audit import whole_audit
from chalicelib.services.cabinets import liveness
from chalicelib.services.notifications import inbox
from chalicelib.services.rentals import ejects
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import event_log
from chalicelib.tables.batch_writes import put_all
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.tables.rate_limits import CounterRow, counter_key
from infra.openapi.document import routes_of
from tests.engines.short_answers import short_answers
from tests.functions.request_samples import token_for_route
from tests.scenarios.deletion_scenario import delete_customer, personal_rows_of
from tests.scenarios.full_day import FullDay
from tests.scenarios.personal_history import customer_to_delete
from tests.scenarios.refund_scenario import RefundScenario
from tests.services.audit.refund_damage import refund_amount_raised
from tests.world.builders import CIVIL, LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.run_until_quiet import run_until_quiet
from tests.world.tokens import token_of

pytestmark = pytest.mark.long

GETS = [route.name for route in routes_of(app) if route.method == "GET" and "{" not in route.path]
OF_CUSTOMERS = [name for name in GETS if "/admin/" not in name]
OF_REQUEST = ("request_id", "timestamp")
QUERY = {"GET /api/app/version": "?platform=ios", "GET /api/app/stations/nearby": "?lat=27.7&lng=85.3"}


def content(reply: Reply) -> tuple[int, Any]:
    """What a reply says, without the id and the time of its request."""
    if "json" not in reply.headers.get("Content-Type", ""):
        return reply.status, reply.text
    return reply.status, {name: value for name, value in reply.body.items() if name not in OF_REQUEST}


def test_every_list_of_a_customer_is_whole(network: Network) -> None:
    scenario = RefundScenario(network)
    for number in range(3):
        scenario.request_refund(scenario.top_up(50_000 + number))
    rental = network.rented(scenario.user)
    network.report_return(LABIM, rental.powerbank_sn)
    listing_refresh.refresh(network.world)
    token, different = token_of(network, scenario.user), []
    for name in OF_CUSTOMERS:
        path = name.removeprefix("GET ") + QUERY.get(name, "")
        whole = request(app, "GET", path, token=token)
        station_views.listing_cache.clear()
        with short_answers():
            short = request(app, "GET", path, token=token)
        if content(short) != content(whole):
            different.append(name)
    assert different == []


@pytest.mark.parametrize("route", [name for name in GETS if name not in OF_CUSTOMERS])
def test_every_list_of_an_operator_is_whole(route: str, network: Network, tokens: dict[str, str]) -> None:
    scenario = RefundScenario(network)
    for number in range(3):
        scenario.request_refund(scenario.top_up(50_000 + number))
    path, token = route.removeprefix("GET "), token_for_route(route, tokens)
    whole = request(app, "GET", path, token=token)
    with short_answers():
        short = request(app, "GET", path, token=token)
    assert content(short) == content(whole)


def test_an_account_is_deleted_and_erased_whole(network: Network) -> None:
    customer = customer_to_delete(network)
    with short_answers() as answers:
        customer.delete()
        run_until_quiet(network)
    assert personal_rows_of(customer) == []
    assert network.books_balance()
    assert answers.counts["empty_page"] > 10


def test_a_refund_far_back_is_seen_behind_an_empty_page(network: Network) -> None:
    scenario = RefundScenario(network)
    scenario.request_refund(scenario.top_up())
    with short_answers(), pytest.raises(Problem, match="refund_open"):
        delete_customer(network, scenario.user)


def test_the_audit_finds_the_same_violations(network: Network) -> None:
    network.rented(network.customer())
    refund_amount_raised(network)
    rules = sorted(violation.rule for violation in whole_audit.audit(network.world))
    with short_answers():
        assert sorted(violation.rule for violation in whole_audit.audit(network.world)) == rules
    assert rules


def test_sweeps_find_what_is_due(network: Network) -> None:
    rentals = [network.start(network.customer(), station) for station in (LABIM, CIVIL)]
    network.fake_world.clock.advance(minutes=11)
    with short_answers():
        ejects.sweep(network.world)
        outbox.sweep(network.world)
        liveness.watch(network.world)
    assert not any(network.rental(rental).open for rental in rentals)


def test_all_unread_notifications_are_counted_and_marked(network: Network) -> None:
    scenario = RefundScenario(network)
    for _ in range(3):
        scenario.reject(scenario.request_refund(scenario.top_up()))
    caller = network.sessions[scenario.user].caller(network.world, *inbox.prefetch_keys(scenario.user))
    before = inbox.listing(network.world, caller, limit=20, before=None, matches=lambda *_: True)
    with short_answers():
        again = inbox.listing(network.world, caller, limit=20, before=None, matches=lambda *_: True)
        assert again == before
        assert inbox.mark_all_read(network.world, caller) == 0
    assert before.unread_count >= 3


def test_a_batch_that_is_written_and_read_in_parts_is_whole(tables: object) -> None:
    names = [f"counter {number}" for number in range(60)]
    with short_answers() as answers:
        put_all([CounterRow(name=name, counted=number, expires=1) for number, name in enumerate(names)])
        assert fetch_many([counter_key(name) for name in names]) == list(range(60))
    assert answers.counts["unwritten"] >= 3
    assert answers.counts["unprocessed"] >= 1


def test_the_event_log_of_a_station_is_whole(network: Network) -> None:
    rental = network.rented(network.customer())
    network.report_return(LABIM, rental.powerbank_sn)
    whole = event_log.of_rental(rental.rental_id, after=None, limit=50)
    with short_answers():
        assert event_log.of_rental(rental.rental_id, after=None, limit=50) == whole


@pytest.mark.long
def test_a_full_day_with_short_answers_ends_as_any_day(network: Network) -> None:
    with short_answers():
        FullDay(network).run()
    assert network.books_balance()
