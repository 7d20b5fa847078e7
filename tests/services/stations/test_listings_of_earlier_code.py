"""Rows of listings that earlier code stored, as a new deployment finds them."""

from dataclasses import replace

from app import app
from chalicelib.domain.stations.listing_encoding import encode
from chalicelib.domain.stations.listing_pages import listing_page_of
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import station_listings
from chalicelib.tables.station_listings import StationListingRow
from infra.local.seeds.demo_stations import FLEET
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network


def test_a_page_whose_tag_was_computed_in_another_way_is_written_again(network: Network) -> None:
    """Its content may be the same."""
    page, now = listing_page_of(LABIM.sn), network.world.now()
    station = station_views.listing(network.world).station(LABIM.sn)
    assert station is not None
    earlier = replace(encode([station])[0], configured_tag="earlier")
    station_listings.save_configured(page, earlier, now)
    station_listings.save_states(page, earlier, now)
    station_listings.save_tags(dict(station_listings.listing_tags().tags) | {page: earlier.tag}, now)
    station_views.listing_cache.clear()
    assert station_views.listing(network.world).station(LABIM.sn) is None
    assert listing_refresh.refresh(network.world) == len(FLEET)
    network.fake_world.clock.advance(seconds=5)
    assert station_views.listing(network.world).station(LABIM.sn) == station


def test_a_listing_of_which_no_page_can_be_read_is_unavailable_and_not_empty(network: Network) -> None:
    """A new process of a deployment that stores listings in another form, before the first refresh."""
    now, tags = network.world.now(), station_listings.listing_tags().tags
    for page, tag in tags.items():
        StationListingRow(page, tag=tag, states=b"earlier", observed_at=now).save()
    station_views.listing_cache.clear()
    for path in ("/api/app/stations", "/api/app/stations/nearby?lat=27.7&lng=85.32"):
        response = request(app, "GET", path)
        assert (response.status, response.code) == (503, "storage_unavailable")
        assert int(response.headers["Retry-After"]) <= 60
    listing_refresh.refresh(network.world)
    assert len(station_views.listing(network.world)) == len(FLEET)
