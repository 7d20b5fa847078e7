"""Listing pages: their sizes, failing pages, and the work that an unchanged listing saves."""

import random
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.stations.listing_encoding import MAX_CONTENT_BYTES, encode
from chalicelib.domain.stations.listing_pages import LISTING_PAGES, listing_page_of
from chalicelib.domain.stations.station import MAX_IMAGES, MAX_TEXT_LENGTH, Station
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.services.cabinets import liveness
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import station_listings
from chalicelib.tables import stations as station_rows
from chalicelib.tables.atomic import atomic
from chalicelib.tables.cabinets import CabinetRow
from chalicelib.tables.dynamodb import fetch_one, shared_connection
from chalicelib.tables.station_listings import StationListingRow
from infra.local.seeds.demo_stations import FLEET
from tests.engines.counting import counted
from tests.scenarios.station_listings import listed, listing_of, store_listing
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network

EVERY = StationFilter()
MAX_ROW_BYTES = 400_000
SNS = sorted(station.sn for station in FLEET)


def page_of(sn: str) -> str:
    return listing_page_of(sn)


def shown(network: Network) -> dict[str, int]:
    """The free slots of the listed stations, as a process sees them five seconds later."""
    network.fake_world.clock.advance(seconds=5)
    return {station.sn: station.free_slots for station in station_views.listing(network.world).after("", EVERY)}


def damage(sn: str) -> None:
    """Make the cabinet row of a station unreadable."""
    shared_connection().dispatch(
        "UpdateItem",
        {
            "TableName": CabinetRow.Meta.table_name,
            "Key": {"sn": {"S": sn}},
            "UpdateExpression": "SET slots = :damaged",
            "ExpressionAttributeValues": {":damaged": {"S": "no slots"}},
        },
    )


@pytest.mark.parametrize("first", [40_000_000, 41_234_567, 864_601_069_946_994])
def test_20_000_stations_are_spread_over_all_pages(first: int) -> None:
    counts = dict.fromkeys(LISTING_PAGES, 0)
    for number in range(20_000):
        counts[page_of(str(first + number))] += 1
    assert 0.7 * 625 < min(counts.values()) <= max(counts.values()) < 1.3 * 625


@pytest.mark.long
def test_a_page_of_the_longest_stations_stays_far_below_400_kb() -> None:
    numbers = random.Random(1)
    texts = ["".join(numbers.choices("कखगघङचछजझञटठडढणतथ", k=MAX_TEXT_LENGTH)) for _ in range(1300)]
    stations = [
        listed(number, name=texts[2 * number])._replace(
            address=texts[2 * number + 1], images=("i" * 500,) * MAX_IMAGES
        )
        for number in range(650)
    ]
    contents = encode(stations)
    assert len(contents) > 1
    sizes = [max(content.configured.size, len(content.states)) for content in contents]
    assert max(sizes) <= MAX_CONTENT_BYTES < MAX_ROW_BYTES
    listing = listing_of(stations)
    assert len(listing.parts) == len(contents)
    assert list(listing.after("", EVERY)) == stations


@pytest.mark.parametrize(
    "changed",
    [{"images": ("i",) * (MAX_IMAGES + 1)}, {"amenities": ("a",) * 21}, {"name": "n" * (MAX_TEXT_LENGTH + 1)}],
)
def test_a_station_that_is_too_large_is_not_added(network: Network, changed: dict[str, Any]) -> None:
    station = replace(Station("41000000", "1", "name", "address", 27.7, 85.3), **changed)
    with pytest.raises(ValueError, match="41000000"):
        atomic(network.world, lambda ops: station_rows.add(ops, station))


def test_pages_have_partitions_of_their_own(network: Network) -> None:
    names = {str(row.name) for row in StationListingRow.scan()}
    assert names == {page_of(sn) for sn in SNS}
    assert len(names) > 1


def test_a_page_that_cannot_be_written_stops_no_other(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    before = shown(network)
    damage(LABIM.sn)
    network.rented(network.customer(), CIVIL)
    assert listing_refresh.refresh(network.world) == len(FLEET) - 1
    assert shown(network) == before | {CIVIL.sn: before[CIVIL.sn] + 1}
    assert Alarm.LISTING_PAGE_FAILED in capsys.readouterr().out


def test_a_page_that_cannot_be_read_keeps_its_stations(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    before, page = shown(network), page_of(LABIM.sn)
    tag = f"{station_views.listing(network.world).parts[page].configured.tag}-new"
    damaged = StationListingRow(page, tag=tag, states=b"damaged", observed_at=network.world.now())
    damaged.save()
    station_listings.save_tags(dict(station_listings.listing_tags().tags) | {page: tag}, network.world.now())
    assert shown(network) == before
    assert Alarm.LISTING_PAGE_FAILED in capsys.readouterr().out
    assert listing_refresh.refresh(network.world) == len(FLEET)
    assert shown(network) == before


def test_damaged_configuration_keeps_the_stations_of_its_page(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    before, page = shown(network), page_of(LABIM.sn)
    (content,) = encode([listed(1)])
    damaged = replace(content, configured=replace(content.configured, details=zlib.compress(b"[")))
    station_listings.save_configured(page, damaged, network.world.now())
    station_listings.save_states(page, content, network.world.now())
    tags = dict(station_listings.listing_tags().tags) | {page: content.tag}
    station_listings.save_tags(tags, network.world.now())
    assert shown(network) == before
    assert capsys.readouterr().out.count(f'"fact":"{Alarm.LISTING_PAGE_FAILED}"') == 1
    assert shown(network) == before
    assert Alarm.LISTING_PAGE_FAILED not in capsys.readouterr().out
    assert listing_refresh.refresh(network.world) == len(FLEET)
    assert shown(network) == before


def test_states_are_shown_with_the_configuration_that_they_belong_to(network: Network) -> None:
    before, page = shown(network), page_of(LABIM.sn)
    (content,) = encode([listed(1)])
    station_listings.save_configured(page, content, network.world.now())
    tags = dict(station_listings.listing_tags().tags)
    station_listings.save_tags(tags | {page: content.tag}, network.world.now())
    assert shown(network) == before
    station_listings.save_states(page, content, network.world.now())
    assert "0001" in shown(network)


def test_a_damaged_cabinet_stops_no_other_check(network: Network) -> None:
    network.fake_world.clock.advance(minutes=15)
    damage(LABIM.sn)
    assert liveness.watch(network.world) == len(FLEET) - 1


def test_a_run_without_time_left_keeps_the_earlier_listing(network: Network) -> None:
    before = shown(network)
    network.rented(network.customer(), CIVIL)
    assert listing_refresh.refresh(network.world, lambda: 4.9) == 0
    assert shown(network) == before


def test_an_older_run_that_ends_late_overwrites_nothing(network: Network) -> None:
    page, now = page_of(LABIM.sn), network.world.now()
    stored = fetch_one(station_listings.listing_key(page))
    assert stored is not None
    configured = fetch_one(station_listings.configured_key(page))
    (older,) = encode([listed(1)])
    station_listings.save_states(page, older, now - timedelta(minutes=2))
    station_listings.save_configured(page, older, now - timedelta(minutes=2))
    assert fetch_one(station_listings.listing_key(page)) == stored
    assert fetch_one(station_listings.configured_key(page)) == configured


def test_a_page_of_two_parts_is_listed_whole(network: Network) -> None:
    page, now = page_of(LABIM.sn), network.world.now()
    for name, number in ((page, 1), (f"{page}.1", 2)):
        tags = dict(station_listings.listing_tags().tags) | {name: store_listing(name, [listed(number)], now)}
        station_listings.save_tags(tags, now)
    station_views.listing_cache.clear()
    assert {"0001", "0002"} <= shown(network).keys()
    assert LABIM.sn not in shown(network)
    listing_refresh.refresh(network.world)
    assert shown(network).keys() == set(SNS)


def test_an_unchanged_listing_is_neither_written_nor_read_again(network: Network) -> None:
    first = station_views.listing(network.world)
    with counted() as writes:
        listing_refresh.refresh(network.world)
    assert not {"PutItem", "UpdateItem"} & set(writes.calls)
    network.fake_world.clock.advance(seconds=5)
    with counted() as reads:
        assert station_views.listing(network.world) is first
    assert reads.calls == ["BatchGetItem"]
    assert reads.read_units <= 1


def test_only_the_changed_page_is_read_again(network: Network) -> None:
    before = station_views.listing(network.world)
    network.rented(network.customer(), CIVIL)
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    after = station_views.listing(network.world)
    changed = [name for name, part in after.parts.items() if part is not before.parts[name]]
    assert changed == [page_of(CIVIL.sn)]


def test_a_listing_content_has_the_same_tag_only_for_the_same_stations() -> None:
    (first,), (same,), (other,) = encode([listed(1)]), encode([listed(1)]), encode([listed(1, free_slots=2)])
    assert (first.tag == same.tag, first.tag == other.tag) == (True, False)
    assert (first.configured_tag == other.configured_tag, first.states == other.states) == (True, False)
    assert zlib.decompress(first.configured.sns) == b"0001"


def test_a_change_at_a_cabinet_leaves_what_operators_configured_unread(network: Network) -> None:
    before = station_views.listing(network.world)
    network.rented(network.customer(), CIVIL)
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    after = station_views.listing(network.world)
    page = page_of(CIVIL.sn)
    assert after.parts[page].configured is before.parts[page].configured
    assert after.station(CIVIL.sn) != before.station(CIVIL.sn)
    assert after.station("nobody") is None


def test_a_renamed_station_is_found_by_its_new_name(network: Network) -> None:
    station = fetch_one(station_rows.station_key(CIVIL.sn))
    assert station is not None
    assert len(list(station_views.listing(network.world).after("", StationFilter(search="civil")))) == 1
    renamed = replace(station, name="Bishal Bazar")
    atomic(network.world, lambda ops: station_rows.save(ops, renamed))
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    listing = station_views.listing(network.world)
    found = [list(listing.after("", StationFilter(search=name))) for name in ("civil", "bishal")]
    assert [[item.sn for item in items] for items in found] == [[], [CIVIL.sn]]
