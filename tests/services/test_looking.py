"""What people look at: stations near them, what it would take to pay, and what happened."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.geo import distance_km
from chalicelib.domain.problems import Problem
from chalicelib.services.rentals import dues, queries
from chalicelib.services.stations import listings
from chalicelib.services.stations.listings import ListedStation, Listing, StationFilter
from chalicelib.services.wallet import affordability, transactions
from chalicelib.services.wallet.affordability import OptionsQuery
from chalicelib.services.wallet.transactions import TransactionLine
from infra.local import seed
from tests.builders import CIVIL, LABIM
from tests.fake_world import BEGINNING
from tests.network import Network

LAT = st.one_of(st.floats(-90, 90), st.sampled_from([0.0, 0.05, 27.65, 27.7, 89.999, -90.0, 90.0]))
LNG = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, 85.3, 85.35, 179.99, -179.99, 180.0, -180.0]))


def listed(number: int, lat: float, lng: float, **changed: Any) -> ListedStation:
    fields: dict[str, Any] = {
        "status": "online",
        "total_slots": 4,
        "available_powerbanks": 1,
        "free_slots": 1,
    } | changed
    return ListedStation(
        f"{number:04d}", f"S{number}", "a", "", lat, lng, opening_time="", closing_time="", images=(), **fields
    )


def listing(places: list[tuple[float, float]]) -> Listing:
    rows = [asdict(listed(number, lat, lng)) for number, (lat, lng) in enumerate(places)]
    return Listing([json.dumps(rows)])


@pytest.mark.long
@settings(max_examples=200)
@given(places=st.lists(st.tuples(LAT, LNG), max_size=30), lat=LAT, lng=LNG, radius=st.floats(0.01, 50))
def test_nearby_is_exactly_what_brute_force_finds(
    places: list[tuple[float, float]], lat: float, lng: float, radius: float
) -> None:
    near = listing(places).near(lat, lng, radius)
    brute = {f"{number:04d}" for number, place in enumerate(places) if distance_km(lat, lng, *place) <= radius}
    assert {listed_station.sn for _, listed_station in near} == brute
    assert [away for away, _ in near] == sorted(away for away, _ in near)


@given(offset=st.floats(-0.2, 0.2), lat=st.floats(-89, 89), lng=LNG)
@settings(max_examples=100)
def test_a_neighbour_over_any_border_is_found(offset: float, lat: float, lng: float) -> None:
    other = (lng + offset + 180) % 360 - 180
    away = distance_km(lat, lng, lat, other)
    if away <= 50:
        assert [
            listed_station.sn
            for _, listed_station in listing([(lat, other)]).near(lat, lng, max(away, 0.001) * 1.0001)
        ] == ["0000"]


@pytest.mark.parametrize("lng", [179.99999999999997, -180.0, 180.0, 85.34999999999998, 85.35, -1e-300])
def test_a_station_on_a_border_is_found_from_either_side(lng: float) -> None:
    for beside in (-0.001, -1e-13, 0.0, 1e-13, 0.001):
        assert [listed_station.sn for _, listed_station in listing([(27.7, lng)]).near(27.7, lng + beside, 1)] == [
            "0000"
        ]


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (StationFilter(status="offline"), ["0002"]),
        (StationFilter(has_powerbank=False), ["0003"]),
        (StationFilter(has_free_slot=False), ["0004"]),
        (StationFilter(search="s3"), ["0003"]),
        (StationFilter(), ["0001", "0002", "0003", "0004"]),
    ],
)
def test_filters_narrow(wanted: StationFilter, taken: list[str]) -> None:
    listed_stations = [
        listed(1, 0, 0),
        listed(2, 0, 0, status="offline"),
        listed(3, 0, 0, available_powerbanks=0),
        listed(4, 0, 0, free_slots=0),
    ]
    assert [listed_station.sn for listed_station in listed_stations if wanted.matches(listed_station)] == taken


def test_a_station_is_shown_as_it_is(network: Network) -> None:
    detail = listings.detail(network.world, LABIM.sn)
    assert (detail.listed.status, detail.listed.available_powerbanks, detail.listed.free_slots) == ("online", 4, 3)
    network.fake_world.clock.advance(minutes=26)
    assert listings.detail(network.world, LABIM.sn).listed.status == "offline"
    with pytest.raises(Problem, match="not_found"):
        listings.detail(network.world, "99999999")


def test_a_taken_bank_is_gone_from_the_station_and_the_next_listing(network: Network) -> None:
    listings.refresh_listing_page(network.world, "0")
    before = {
        listed_station.sn: listed_station.available_powerbanks
        for listed_station in listings.listing(network.world).all
    }
    network.rented(network.customer())
    listings.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    after = {
        listed_station.sn: listed_station.available_powerbanks
        for listed_station in listings.listing(network.world).all
    }
    assert (before[LABIM.sn] - after[LABIM.sn], before[CIVIL.sn]) == (1, after[CIVIL.sn])


def asked(network: Network, user: str, question: OptionsQuery) -> affordability.PaymentOptions:
    caller = network.sessions[user].caller(network.world, *question.prefetch_keys(user))
    return affordability.calculate(network.world, caller, question)


def test_before_a_rental_the_shortfall_and_what_to_top_up_are_told(network: Network) -> None:
    user = network.customer(wallet_paisa=0)
    found = asked(network, user, OptionsQuery("pre_payment", package_id="1-hour"))
    assert (found.plan.total_paisa, found.plan.points_used, found.plan.shortfall_paisa) == (2_000, 50, 1_500)
    assert (found.plan.sufficient, found.suggested_topup_paisa) == (False, 1_500)
    seed.fill_wallet(network.world, user, 100_000)
    assert asked(network, user, OptionsQuery("pre_payment", package_id="1-hour")).plan.sufficient


def test_after_a_rental_the_due_is_what_is_asked_for(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    due = network.rental(rental).due_paisa
    assert asked(network, user, OptionsQuery("post_payment", rental_id=rental.rental_id)).plan.total_paisa == due


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (OptionsQuery("wallet_topup"), "invalid_input"),
        (OptionsQuery("pre_payment"), "invalid_input"),
        (OptionsQuery("post_payment"), "nothing_due"),
        (OptionsQuery("pre_payment", package_id="none"), "package_unavailable"),
        (OptionsQuery("post_payment", rental_id="none"), "not_found"),
    ],
)
def test_a_question_without_its_parts_is_refused(network: Network, question: OptionsQuery, code: str) -> None:
    user = network.customer()
    with pytest.raises(Problem, match=code):
        asked(network, user, question)


def lines(network: Network, user: str, limit: int = 20) -> list[TransactionLine]:
    """All of them, by pages of `limit`."""
    match: list[TransactionLine] = []
    before: int | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = transactions.transactions(caller, limit=limit, before=before, matches=lambda _: True)
        match += page
        if before is None:
            return match


def told(network: Network, user: str) -> list[tuple[str, str]]:
    return [(line.kind, line.status) for line in lines(network, user)]


def test_a_rental_is_one_line_at_any_time(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    assert told(network, user) == [("rental", "pending"), ("topup", "success")]
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, 0x01)
    assert told(network, user) == [("rental", "success"), ("topup", "success")]


def test_a_released_rental_is_told_as_failed(network: Network) -> None:
    user = network.customer()
    rental = network.start(user)
    network.report_eject(LABIM, rental.powerbank_sn, 0x00)
    assert told(network, user)[0] == ("rental", "failed")


def test_a_due_is_pending_until_it_is_paid(network: Network) -> None:
    user = network.customer(wallet_paisa=2_000)
    rental = network.rented(user)
    network.fake_world.clock.advance(hours=3)
    network.report_return(LABIM, rental.powerbank_sn)
    assert told(network, user)[0] == ("due", "pending")
    seed.fill_wallet(network.world, user, 100_000)
    caller = network.sessions[user].caller(network.world)
    dues.pay_due(network.world, caller, rental.rental_id)
    assert told(network, user)[0] == ("due", "success")
    assert [line for line in told(network, user) if line[0] == "due"] == [("due", "success")]
    with pytest.raises(Problem, match="nothing_due"):
        dues.pay_due(network.world, network.sessions[user].caller(network.world), rental.rental_id)
    assert network.books_balance()


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_pages_leave_nothing_out_and_tell_nothing_twice(network: Network, limit: int) -> None:
    user = network.customer()
    for _ in range(3):
        seed.fill_wallet(network.world, user, 10_000)
        network.fake_world.clock.advance(seconds=1)
    numbers = [line.posting.seq for line in lines(network, user, limit)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 4


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_rentals_are_listed_newest_first_page_by_page(network: Network, limit: int) -> None:
    user = network.customer()
    made = []
    for _ in range(3):
        rental = network.rented(user)
        made.append(rental.rental_id)
        network.fake_world.clock.advance(minutes=5)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=5)
    names: list[str] = []
    before: str | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = queries.rentals_of(caller, limit=limit, before=before, matches=lambda _: True)
        names += [rental.rental_id for rental in page]
        if before is None:
            break
    assert names == made[::-1]
    assert network.world.now() - BEGINNING > timedelta(minutes=20)


@pytest.mark.parametrize("unwanted", [0, 1, 2])
def test_a_filter_loses_no_rental_between_pages(network: Network, unwanted: int) -> None:
    """Also where the last one read for a page is the one that fills it."""
    user = network.customer()
    made = []
    for _ in range(3):
        rental = network.rented(user)
        made.append(rental.rental_id)
        network.fake_world.clock.advance(minutes=5)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=5)
    left = [item for number, item in enumerate(reversed(made)) if number != unwanted]
    names: list[str] = []
    before: str | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = queries.rentals_of(
            caller, limit=1, before=before, matches=lambda rental: rental.rental_id in left
        )
        names += [rental.rental_id for rental in page]
        if before is None:
            break
    assert names == left
