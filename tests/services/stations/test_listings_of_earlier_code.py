"""Rows of listings that earlier code stored, as a new deployment finds them."""

from dataclasses import replace

from chalicelib.domain.stations.listing_encoding import encode
from chalicelib.domain.stations.listing_pages import listing_page_of
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import station_listings
from infra.local.seeds.demo_stations import FLEET
from tests.world.builders import LABIM
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
