"""ETags: a matching one is answered 304, a changed list has another one."""

import pytest

from app import app
from chalicelib.services.stations import listing_refresh
from tests.world.http_client import request
from tests.world.network import Network


@pytest.mark.parametrize(
    "path",
    [
        "/api/app/banners",
        "/api/app/countries",
        "/api/app/stations?status=online",
        "/api/app/stations?status=offline",
        "/api/app/stations?status=maintenance",
        "/api/app/stations?search=labim",
        "/api/app/stations?has_powerbank=true",
        "/api/app/stations?has_powerbank=false",
        "/api/app/stations?has_free_slot=true",
        "/api/app/stations?lat=27.7&lng=85.3",
        "/api/app/stations?limit=1",
        "/api/app/stations?status=online&has_powerbank=true&has_free_slot=true&search=a&lat=27.7&lng=85.3&limit=2",
        "/api/app/stations/nearby?lat=27.6776&lng=85.3188&radius=10",
        "/api/app/stations/nearby?lat=27.6776&lng=85.3188&has_powerbank=true",
    ],
)
def test_a_matching_etag_is_answered_304(network: Network, path: str) -> None:
    listing_refresh.refresh(network.world)
    first = request(app, "GET", path)
    assert first.headers["Cache-Control"].startswith("public")
    second = request(app, "GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status, second.text, second.headers["ETag"]) == (304, "", first.headers["ETag"])
    assert request(app, "GET", path, headers={"If-None-Match": '"other"'}).status == 200


def test_a_changed_listing_has_another_etag_under_each_filter_that_shows_it(network: Network) -> None:
    showing = [
        "/api/app/stations",
        "/api/app/stations?has_powerbank=true",
        "/api/app/stations?lat=27.7&lng=85.3",
        "/api/app/stations/nearby?lat=27.6776&lng=85.3188",
    ]
    listing_refresh.refresh(network.world)
    before = [request(app, "GET", path).headers["ETag"] for path in showing]
    network.rented(network.customer())
    listing_refresh.refresh(network.world)
    network.fake_world.clock.advance(seconds=5)
    for path, tag in zip(showing, before, strict=True):
        assert request(app, "GET", path, headers={"If-None-Match": tag}).status == 200, path
