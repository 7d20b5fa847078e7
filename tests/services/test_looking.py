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
from chalicelib.services.stations.listings import Listed, Listing, Wanted
from chalicelib.services.wallet import affordability, transactions
from chalicelib.services.wallet.affordability import Question
from chalicelib.services.wallet.transactions import Line
from infra.local import seed
from tests.builders import CIVIL, LABIM
from tests.fake_world import BEGINNING
from tests.street import Street

LAT = st.one_of(st.floats(-90, 90), st.sampled_from([0.0, 0.05, 27.65, 27.7, 89.999, -90.0, 90.0]))
LNG = st.one_of(st.floats(-180, 180), st.sampled_from([0.0, 85.3, 85.35, 179.99, -179.99, 180.0, -180.0]))


def listed(number: int, lat: float, lng: float, **changed: Any) -> Listed:
    fields: dict[str, Any] = {
        "status": "online",
        "total_slots": 4,
        "available_powerbanks": 1,
        "free_slots": 1,
    } | changed
    return Listed(
        f"{number:04d}", f"S{number}", "a", "", lat, lng, opening_time="", closing_time="", images=(), **fields
    )


def listing(places: list[tuple[float, float]]) -> Listing:
    rows = [asdict(listed(number, lat, lng)) for number, (lat, lng) in enumerate(places)]
    return Listing([json.dumps(rows)], BEGINNING)


@pytest.mark.long
@settings(max_examples=200)
@given(places=st.lists(st.tuples(LAT, LNG), max_size=30), lat=LAT, lng=LNG, radius=st.floats(0.01, 50))
def test_nearby_is_exactly_what_brute_force_finds(
    places: list[tuple[float, float]], lat: float, lng: float, radius: float
) -> None:
    near = listing(places).near(lat, lng, radius)
    brute = {f"{number:04d}" for number, place in enumerate(places) if distance_km(lat, lng, *place) <= radius}
    assert {one.sn for _, one in near} == brute
    assert [away for away, _ in near] == sorted(away for away, _ in near)


@given(offset=st.floats(-0.2, 0.2), lat=st.floats(-89, 89), lng=LNG)
@settings(max_examples=100)
def test_a_neighbour_over_any_border_is_found(offset: float, lat: float, lng: float) -> None:
    other = (lng + offset + 180) % 360 - 180
    away = distance_km(lat, lng, lat, other)
    if away <= 50:
        assert [one.sn for _, one in listing([(lat, other)]).near(lat, lng, max(away, 0.001) * 1.0001)] == ["0000"]


@pytest.mark.parametrize("lng", [179.99999999999997, -180.0, 180.0, 85.34999999999998, 85.35, -1e-300])
def test_a_station_on_a_border_is_found_from_either_side(lng: float) -> None:
    for beside in (-0.001, -1e-13, 0.0, 1e-13, 0.001):
        assert [one.sn for _, one in listing([(27.7, lng)]).near(27.7, lng + beside, 1)] == ["0000"]


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (Wanted(status="offline"), ["0002"]),
        (Wanted(has_powerbank=False), ["0003"]),
        (Wanted(has_free_slot=False), ["0004"]),
        (Wanted(search="s3"), ["0003"]),
        (Wanted(), ["0001", "0002", "0003", "0004"]),
    ],
)
def test_filters_narrow(wanted: Wanted, taken: list[str]) -> None:
    found = [
        listed(1, 0, 0),
        listed(2, 0, 0, status="offline"),
        listed(3, 0, 0, available_powerbanks=0),
        listed(4, 0, 0, free_slots=0),
    ]
    assert [one.sn for one in found if wanted.takes(one)] == taken


def test_a_station_is_shown_as_it_is(street: Street) -> None:
    detail = listings.detail(street.world, LABIM.sn)
    assert (detail.listed.status, detail.listed.available_powerbanks, detail.listed.free_slots) == ("online", 4, 3)
    street.scene.clock.pass_(minutes=26)
    assert listings.detail(street.world, LABIM.sn).listed.status == "offline"
    with pytest.raises(Problem, match="not_found"):
        listings.detail(street.world, "99999999")


def test_a_taken_bank_is_gone_from_the_station_and_the_next_listing(street: Street) -> None:
    listings.refresh_board(street.world, "0")
    before = {one.sn: one.available_powerbanks for one in listings.listing(street.world).all}
    street.rented(street.customer())
    listings.refresh(street.world)
    street.scene.clock.pass_(seconds=5)
    after = {one.sn: one.available_powerbanks for one in listings.listing(street.world).all}
    assert (before[LABIM.sn] - after[LABIM.sn], before[CIVIL.sn]) == (1, after[CIVIL.sn])


def asked(street: Street, user: str, question: Question) -> affordability.Options:
    caller = street.sessions[user].caller(street.world, *question.reads(user))
    return affordability.calculate(street.world, caller, question)


def test_before_a_rental_the_shortfall_and_what_to_top_up_are_told(street: Street) -> None:
    user = street.customer(wallet_paisa=0)
    found = asked(street, user, Question("pre_payment", package_id="1-hour"))
    assert (found.plan.total_paisa, found.plan.points_used, found.plan.shortfall_paisa) == (2_000, 50, 1_500)
    assert (found.plan.sufficient, found.suggested_topup_paisa) == (False, 1_500)
    seed.fill_wallet(street.world, user, 100_000)
    assert asked(street, user, Question("pre_payment", package_id="1-hour")).plan.sufficient


def test_after_a_rental_the_due_is_what_is_asked_for(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=3)
    street.hear_return(LABIM, rental.powerbank_sn)
    due = street.rental(rental).due_paisa
    assert asked(street, user, Question("post_payment", rental_id=rental.rental_id)).plan.total_paisa == due


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (Question("wallet_topup"), "invalid_input"),
        (Question("pre_payment"), "invalid_input"),
        (Question("post_payment"), "nothing_due"),
        (Question("pre_payment", package_id="none"), "package_unavailable"),
        (Question("post_payment", rental_id="none"), "not_found"),
    ],
)
def test_a_question_without_its_parts_is_refused(street: Street, question: Question, code: str) -> None:
    user = street.customer()
    with pytest.raises(Problem, match=code):
        asked(street, user, question)


def lines(street: Street, user: str, limit: int = 20) -> list[Line]:
    """All of them, by pages of `limit`."""
    found: list[Line] = []
    before: int | None = None
    while True:
        caller = street.sessions[user].caller(street.world)
        page, before = transactions.transactions(
            street.world, caller, limit=limit, before=before, wanted=lambda _: True
        )
        found += page
        if before is None:
            return found


def told(street: Street, user: str) -> list[tuple[str, str]]:
    return [(line.kind, line.status) for line in lines(street, user)]


def test_a_rental_is_one_line_at_any_time(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    assert told(street, user) == [("rental", "pending"), ("topup", "success")]
    street.scene.clock.pass_(seconds=2)
    street.hear_eject(LABIM, rental.powerbank_sn, 0x01)
    assert told(street, user) == [("rental", "success"), ("topup", "success")]


def test_a_released_rental_is_told_as_failed(street: Street) -> None:
    user = street.customer()
    rental = street.start(user)
    street.hear_eject(LABIM, rental.powerbank_sn, 0x00)
    assert told(street, user)[0] == ("rental", "failed")


def test_a_due_is_pending_until_it_is_paid(street: Street) -> None:
    user = street.customer(wallet_paisa=2_000)
    rental = street.rented(user)
    street.scene.clock.pass_(hours=3)
    street.hear_return(LABIM, rental.powerbank_sn)
    assert told(street, user)[0] == ("due", "pending")
    seed.fill_wallet(street.world, user, 100_000)
    caller = street.sessions[user].caller(street.world)
    dues.pay_due(street.world, caller, rental.rental_id)
    assert told(street, user)[0] == ("due", "success")
    assert [line for line in told(street, user) if line[0] == "due"] == [("due", "success")]
    with pytest.raises(Problem, match="nothing_due"):
        dues.pay_due(street.world, street.sessions[user].caller(street.world), rental.rental_id)
    assert street.books_balance()


@pytest.mark.parametrize("limit", [1, 2, 3, 20])
def test_pages_leave_nothing_out_and_tell_nothing_twice(street: Street, limit: int) -> None:
    user = street.customer()
    for _ in range(3):
        seed.fill_wallet(street.world, user, 10_000)
        street.scene.clock.pass_(seconds=1)
    numbers = [line.posting.seq for line in lines(street, user, limit)]
    assert numbers == sorted(set(numbers), reverse=True)
    assert len(numbers) == 4


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_rentals_are_listed_newest_first_page_by_page(street: Street, limit: int) -> None:
    user = street.customer()
    made = []
    for _ in range(3):
        rental = street.rented(user)
        made.append(rental.rental_id)
        street.scene.clock.pass_(minutes=5)
        street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        street.scene.clock.pass_(minutes=5)
    found: list[str] = []
    before: str | None = None
    while True:
        caller = street.sessions[user].caller(street.world)
        page, before = queries.rentals_of(street.world, caller, limit=limit, before=before, wanted=lambda _: True)
        found += [rental.rental_id for rental in page]
        if before is None:
            break
    assert found == made[::-1]
    assert street.world.now() - BEGINNING > timedelta(minutes=20)


@pytest.mark.parametrize("unwanted", [0, 1, 2])
def test_a_filter_loses_no_rental_between_pages(street: Street, unwanted: int) -> None:
    """Also where the last one read for a page is the one that fills it."""
    user = street.customer()
    made = []
    for _ in range(3):
        rental = street.rented(user)
        made.append(rental.rental_id)
        street.scene.clock.pass_(minutes=5)
        street.hear_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        street.scene.clock.pass_(minutes=5)
    left = [one for number, one in enumerate(reversed(made)) if number != unwanted]
    found: list[str] = []
    before: str | None = None
    while True:
        caller = street.sessions[user].caller(street.world)
        page, before = queries.rentals_of(
            street.world, caller, limit=1, before=before, wanted=lambda one: one.rental_id in left
        )
        found += [rental.rental_id for rental in page]
        if before is None:
            break
    assert found == left
