"""What the app reads before sign-in: releases, health, banners, countries."""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from app import app
from chalicelib import __version__
from chalicelib.domain.content.banner import Banner
from chalicelib.services.content import app_info as app_info_content
from chalicelib.tables import app_info, dynamodb
from chalicelib.tables.atomic import atomic
from infra.local.seeds import seed_content
from tests.engines.counting import counted
from tests.world.fake_world import BEGINNING
from tests.world.http_client import Reply, request
from tests.world.network import Network

NEPALI = {"Accept-Language": "ne"}


def version(query: str, **more: Any) -> Reply:
    return request(app, "GET", f"/api/app/version?{query}", **more)


@pytest.mark.parametrize(
    ("mine", "available", "mandatory"),
    [
        ("1.4.0", False, False),
        ("1.4", False, False),
        ("1.4.0.0", False, False),
        ("1.10.0", False, False),
        ("2", False, False),
        ("1.3.99", True, False),
        ("1.2.0", True, False),
        ("1.1.99", True, True),
        ("0", True, True),
    ],
)
def test_versions_are_compared_number_by_number(
    network: Network, mine: str, available: bool, mandatory: bool
) -> None:
    answer = version(f"platform=android&current_version={mine}").data
    assert (answer["update_available"], answer["is_mandatory"]) == (available, mandatory)
    assert (answer["latest_version"], answer["minimum_version"]) == ("1.4.0", "1.2.0")


def test_without_a_version_no_update_is_mandatory(network: Network) -> None:
    answer = version("platform=ios").data
    assert (answer["latest_version"], answer["update_available"], answer["is_mandatory"]) == ("1.4.1", False, False)
    assert answer["download_url"].startswith("https://apps.apple.com/")


def test_release_notes_are_in_the_callers_language(network: Network) -> None:
    assert version("platform=ios").data["release_notes"].isascii()
    assert not version("platform=ios", headers=NEPALI).data["release_notes"].isascii()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "platform=windows",
        "platform=android&platform=ios",
        *(
            f"platform=ios&current_version={junk}"
            for junk in ("x", "v1.2", "1..2", "1.2.", ".", "-1", "1.2.3-beta", "1.2.3.4.5", "१.२", "1e3", "9" * 10)
        ),
    ],
)
def test_an_invalid_version_is_refused(network: Network, query: str) -> None:
    assert (version(query).status, version(query).code) == (422, "invalid_input")


def test_a_platform_without_a_release_is_not_found(network: Network) -> None:
    app_info.ReleaseRow("ios").delete()
    assert version("platform=ios").code == "not_found"


def health() -> Reply:
    return request(app, "GET", "/api/app/health")


def test_health_is_ok_after_one_read(network: Network) -> None:
    reads: list[tuple[str, bool]] = []
    assert health().status == 200  # the client is there now

    def seen(model: Any, params: Any, **_: Any) -> None:
        reads.append((model.name, params["ConsistentRead"]))

    dynamodb._health_clients[0].meta.events.register("before-parameter-build.dynamodb", seen)
    with counted() as others:
        reply = health()
    assert reply.data == {"status": "ok", "version": __version__, "time": "2026-11-23T06:00:01Z"}
    assert reply.headers["Cache-Control"] == "no-store"
    assert reads == [("GetItem", True)]
    assert others.calls == []


def timed_out() -> Exception:
    return ReadTimeoutError(endpoint_url="http://dynamodb")


def unreachable() -> Exception:
    return ConnectTimeoutError(endpoint_url="http://dynamodb")


@contextmanager
def wire_that(fails: Callable[[], Exception]) -> Iterator[list[int]]:
    """Health asks by a client that sends, and fails each time; yields a mark for each try."""
    tries: list[int] = []

    def fail(**_: Any) -> None:
        tries.append(1)
        raise fails()

    wire, sessions = botocore.session.get_session(), dynamodb._sessions[:]
    wire.get_component("event_emitter").register("before-send.dynamodb", fail)
    dynamodb._sessions[:], dynamodb._health_clients[:] = [wire], []
    yield tries
    dynamodb._sessions[:], dynamodb._health_clients[:] = sessions, []


@pytest.mark.parametrize("fails", [timed_out, unreachable])
def test_health_reports_storage_down_without_a_retry(network: Network, fails: Callable[[], Exception]) -> None:
    assert health().status == 200
    with wire_that(fails) as tries:
        reply = health()
    assert (reply.status, reply.code, len(tries)) == (503, "storage_unavailable", 1)
    assert reply.body["error"]["details"] == {"unavailable": ["storage"]}
    assert "Retry-After" in reply.headers
    assert health().status == 200


def test_health_reports_a_missing_table_as_storage_down(network: Network) -> None:
    app_info.ReleaseRow.delete_table()
    assert health().code == "storage_unavailable"


def test_health_waits_at_most_two_seconds(network: Network) -> None:
    health()
    config = dynamodb._health_clients[0].meta.config
    assert config.connect_timeout + config.read_timeout <= 2
    assert config.retries["total_max_attempts"] == 1


def test_health_shows_the_version_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def banners(**more: Any) -> Reply:
    return request(app, "GET", "/api/app/banners", **more)


def hang(network: Network, *more: Banner) -> None:
    for banner in more:
        atomic(network.world, partial(app_info.save_banner, banner=banner))
    app_info_content.banner_cache.clear()


def test_banners_are_in_order_and_in_the_callers_language(network: Network) -> None:
    hang(network, replace(seed_content.BANNERS[0], banner_id="first", display_order=0, title_ne=None))
    answer = banners().data["results"]
    assert [item["id"] for item in answer] == ["first", "welcome", "long-day"]
    assert [item["display_order"] for item in answer] == [0, 1, 2]
    nepali = banners(headers=NEPALI).data["results"]
    assert [item["title"] == seen["title"] for item, seen in zip(nepali, answer, strict=True)] == [True, False, False]
    assert banners(headers=NEPALI).headers["ETag"] != banners().headers["ETag"]
    assert "Accept-Language" in banners().headers["Vary"]


def test_a_banner_shows_only_within_its_days_though_the_list_is_cached(network: Network) -> None:
    now = network.world.now()
    second = timedelta(seconds=1)
    some = replace(seed_content.BANNERS[0], banner_id="later", starts_at=now + 10 * second, ends_at=now + 20 * second)
    hang(network, some, replace(some, banner_id="off", starts_at=None, ends_at=None, active=False))

    def shown() -> bool:
        ids = [item["id"] for item in banners().data["results"]]
        assert "off" not in ids
        return "later" in ids

    assert not shown()
    network.fake_world.clock.advance(seconds=10)
    assert shown()
    network.fake_world.clock.advance(seconds=9)
    assert shown()
    network.fake_world.clock.advance(seconds=1)
    assert not shown()
    assert network.world.now() < BEGINNING + timedelta(seconds=60)


def test_banners_take_one_query_cold_and_none_warm(network: Network) -> None:
    with counted() as cold:
        banners()
    with counted() as warm:
        banners()
    network.fake_world.clock.advance(seconds=60)
    with counted() as later:
        banners()
    assert (cold.calls, warm.calls, later.calls) == (["Query"], [], ["Query"])


def test_countries_begin_with_nepal_and_each_is_listed_once(network: Network) -> None:
    with counted() as counts:
        reply = request(app, "GET", "/api/app/countries")
    countries = reply.data["results"]
    assert countries[0] == {"name": "Nepal", "code": "NP", "dial_code": "+977", "flag": "🇳🇵"}
    assert {"name": "India", "code": "IN", "dial_code": "+91", "flag": "🇮🇳"} in countries
    assert (
        len({item["code"] for item in countries})
        == len({item["name"] for item in countries})
        == len(countries)
        == 243
    )
    assert [item["name"] for item in countries[1:3]] == ["Afghanistan", "Åland Islands"]
    for item in countries:
        assert len(item["code"]) == len(item["flag"]) == 2
        assert item["dial_code"][0] == "+"
        assert 1 <= int(item["dial_code"][1:]) <= 999
    assert counts.calls == []
    assert reply.headers["Cache-Control"] == "public, max-age=86400"
