"""Health from measurements, and the search of the logs."""

from datetime import timedelta
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.services import outbox
from chalicelib.world import Unavailable
from tests.functions.test_budgets import calls
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for

HEALTH, LOGS = "/api/admin/system/health", "/api/admin/system/logs"


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.ADMIN))


def ask(token: str, path: str) -> Reply:
    return request(app, "GET", path, token=token)


def read(token: str, path: str) -> Any:
    reply = ask(token, path)
    assert reply.status == 200, reply.text
    return reply.data


def log_requests(network: Network, *milliseconds: float, status: int = 200) -> None:
    for number, taken in enumerate(milliseconds):
        at = network.world.now() - timedelta(seconds=number)
        network.fake_world.logs.write(at, fact="request", status=status, milliseconds=taken, request_id=f"r-{number}")


def test_health_shows_response_times_errors_and_schedules(network: Network, token: str) -> None:
    log_requests(network, *range(1, 100))
    log_requests(network, 1000.0, status=500)
    network.fake_world.logs.write(network.world.now(), fact="schedule_ran", about="sweep_outbox", milliseconds=12.5)
    measured = read(token, HEALTH)
    names = ("database_status", "queue_status", "storage_status", "logs_status")
    assert {measured[name] for name in names} == {"HEALTHY"}
    assert [measured[f"response_time_{name}"] for name in ("avg", "p50", "p95", "p99")] == [59.5, 51.0, 96.0, 1000.0]
    assert (measured["requests_count"], measured["error_rate"], measured["failed_tasks"]) == (100, 1.0, 0)
    assert [(run["name"], run["milliseconds"]) for run in measured["schedules"]] == [("sweep_outbox", 12.5)]


def test_dead_letters_and_late_messages_degrade_the_queues(network: Network, token: str) -> None:
    network.fake_world.queues.send(outbox.POINTS, [{}, {}])
    network.fake_world.queues.sent[outbox.dead_letter_name(outbox.POINTS)] = network.fake_world.queues.sent[
        outbox.POINTS
    ]
    measured = read(token, HEALTH)
    assert (measured["queue_status"], measured["failed_tasks"]) == ("DEGRADED", 2)
    assert {row["name"]: row["dead_letters"] for row in measured["queues"]}[outbox.POINTS] == 2
    network.fake_world.queues.sent.clear()
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)  # its points wait
    network.fake_world.clock.advance(hours=1)
    late = read(token_for(network.world, network.operator("later@example.com", Role.ADMIN)), HEALTH)
    assert (late["queue_status"], late["oldest_late_message_seconds"] >= 3_600) == ("DEGRADED", True)


def test_a_part_that_is_away_hides_no_other(network: Network, token: str) -> None:
    network.fake_world.logs.unavailable = network.fake_world.queues.unavailable = True
    measured = read(token, HEALTH)
    assert [measured[f"{name}_status"] for name in ("database", "queue", "logs")] == [
        "HEALTHY",
        "UNAVAILABLE",
        "UNAVAILABLE",
    ]
    assert (measured["response_time_avg"], measured["requests_complete"]) == (None, False)
    assert ask(token, LOGS).status == 503


def test_health_is_measured_once_in_fifteen_seconds(network: Network, token: str) -> None:
    first = read(token, HEALTH)
    assert calls(network, "GET", HEALTH, token=token).calls == ["BatchGetItem"]
    network.fake_world.clock.advance(seconds=16)
    assert read(token, HEALTH)["last_updated"] > first["last_updated"]


def test_logs_are_found_by_level_request_and_time(network: Network, token: str) -> None:
    now = network.world.now()
    for minutes in (120, 50, 3, 1):
        at = now - timedelta(minutes=minutes)
        network.fake_world.logs.write(at, "SweepRentals", fact="topup_credited", request_id=f"r-{minutes}")
    network.fake_world.logs.write(
        now - timedelta(minutes=2), fact="sweep_failed", level="ALARM", about="x", sweep_failed=1, _aws={}
    )
    network.fake_world.logs.write(now - timedelta(minutes=4), "Erase", "Task timed out after 30.00 seconds")
    ids = [line["details"].get("request_id", line["level"]) for line in read(token, LOGS)["results"]]
    assert ids == ["r-1", "ALARM", "r-3", "ERROR", "r-50"]
    (alarm,) = read(token, f"{LOGS}?level=ALARM")["results"]
    assert (alarm["message"], alarm["details"], alarm["source"]) == ("sweep_failed", {"about": "x"}, "api_handler")
    (error,) = read(token, f"{LOGS}?level=error")["results"]
    assert (error["message"], error["details"]) == ("Task timed out after 30.00 seconds", {})
    assert len(read(token, f"{LOGS}?level=info")["results"]) == 3
    (found,) = read(token, f"{LOGS}?request_id=r-120&start_time=2026-11-23T00:00:00Z")["results"]
    assert found["source"] == "SweepRentals"
    earlier = read(token, f"{LOGS}?end_time=2026-11-23T05:50:00Z&start_time=2026-11-23T05:00:00Z")
    assert [line["details"]["request_id"] for line in earlier["results"]] == ["r-50"]


def test_a_search_of_the_logs_is_bounded(network: Network, token: str) -> None:
    log_requests(network, *range(620))
    page = read(token, f"{LOGS}?page=5&page_size=100")
    assert (page["pagination"]["total_count"], page["is_complete"], len(page["results"])) == (500, False, 100)


@pytest.mark.parametrize(
    "query",
    [
        "start_time=2026-11-01T00:00:00Z",
        "start_time=2026-11-24T00:00:00Z",
        "start_time=1795986628",
        "start_time=2026-13-01T00:00:00Z",
        "end_time=0001-01-01T00:00:00Z",
        "end_time=2026-11-23",
        "level=debug",
        "request_id=%22%20%7D",
    ],
)
def test_a_search_that_makes_no_sense_is_refused(network: Network, token: str, query: str) -> None:
    reply = ask(token, f"{LOGS}?{query}")
    assert (reply.status, reply.code) == (422, "invalid_input")


def test_a_media_store_that_is_away_is_shown(network: Network, token: str) -> None:
    network.fake_world.media.fails = Unavailable("media")
    measured = read(token, HEALTH)
    assert (measured["storage_status"], measured["database_status"]) == ("UNAVAILABLE", "HEALTHY")
