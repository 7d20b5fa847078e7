"""The audit log: complete entries, filters, pages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.role import Role
from chalicelib.services import audit_log
from chalicelib.tables.atomic import Transaction, atomic
from tests.functions.test_budgets import calls
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

URL, POWERBANKS = "/api/admin/audit-log", "/api/admin/powerbanks"


@pytest.fixture
def admin(network: Network) -> str:
    return network.operator("asha@example.com", Role.ADMIN).user_id


@pytest.fixture
def token(network: Network, admin: str) -> str:
    return token_of(network, admin)


def set_aside(token: str, sn: str, status: str = "MAINTENANCE") -> None:
    headers = {"User-Agent": "Firefox\x01/128 " + "x" * 400}
    reply = request(
        app, "PATCH", f"{POWERBANKS}/{sn}", {"status": status}, token=token, headers=headers, address="203.0.113.9"
    )
    assert reply.status == 200


def listed(token: str, query: str = "") -> list[Any]:
    entries: list[Any] = request(app, "GET", f"{URL}{query}", token=token).data["results"]
    return entries


def test_an_entry_says_who_did_what_when_and_from_where(token: str, admin: str) -> None:
    set_aside(token, "40818052")
    entry = listed(token)[0]
    assert entry == entry | {
        "action_type": "POWERBANK_SERVICE_CHANGED",
        "target_model": "powerbank",
        "target_id": "40818052",
        "description": "Powerbank service changed",
        "route": "PATCH /api/admin/powerbanks/{powerbank_sn}",
        "ip_address": "203.0.113.9",
        "created_at": "2026-11-23T06:00:01Z",
        "admin_id": admin,
        "admin_username": "asha",
        "admin_email": "asha@example.com",
    }
    assert (entry["user_agent"][:13], len(entry["user_agent"])) == ("Firefox?/128 ", 300)
    assert (entry["changes"]["before"]["service"], entry["changes"]["after"]["service"]) == (
        "in_service",
        "maintenance",
    )


def test_entries_are_filtered_and_paged(network: Network, token: str, admin: str) -> None:
    for sn in ("40818052", "40818053"):
        set_aside(token, sn)
        network.fake_world.clock.advance(days=1)
        token = token_of(network, admin)
        set_aside(token, sn, "AVAILABLE")
    targets = [entry["target_id"] for entry in listed(token)]
    assert targets[:4] == ["40818053", "40818053", "40818052", "40818052"]
    assert len(listed(token, "?target_id=40818052")) == 2
    assert len(listed(token, f"?admin_id={admin}&action_type=powerbank_service_changed")) == 4
    assert listed(token, "?admin_id=nobody") == []
    assert [entry["created_at"][:10] for entry in listed(token, "?start_date=2026-11-25")] == ["2026-11-25"]
    assert len(listed(token, "?start_date=2026-11-24&end_date=2026-11-24")) == 2
    assert listed(token, "?start_date=2026-11-25&end_date=2026-11-24") == []
    first = request(app, "GET", f"{URL}?limit=1&target_id=40818052", token=token).data
    path = f"{URL}?limit=1&target_id=40818052&cursor={first['next_cursor']}"
    second = request(app, "GET", path, token=token).data
    assert [len(first["results"]), len(second["results"])] == [1, 1]
    assert first["results"] != second["results"]
    assert second["next_cursor"] is None
    by_number = request(app, "GET", f"{URL}?page=2&page_size=3", token=token).data
    assert by_number["results"] == listed(token)[3:6]
    assert by_number["pagination"]["total_count"] == len(listed(token))


def test_the_list_goes_on_over_the_new_year(network: Network, token: str) -> None:
    set_aside(token, "40818052")
    network.fake_world.clock.at = datetime(2027, 1, 2, tzinfo=UTC)
    fresh = token_of(network, network.operator("second@example.com", Role.ADMIN).user_id)
    set_aside(fresh, "40818052", "AVAILABLE")
    assert [entry["created_at"][:4] for entry in listed(fresh)[:2]] == ["2027", "2026"]
    assert listed(fresh, "?start_date=2027-01-01")[1:] == []


def test_the_log_takes_three_calls_a_page(network: Network, token: str) -> None:
    set_aside(token, "40818052")
    assert calls(network, "GET", URL, token=token).calls == ["BatchGetItem", "Query", "BatchGetItem"]


def test_one_entry_is_read_whole(network: Network, token: str, admin: str) -> None:
    before = {"en": "a" * 30_000, "list": ["b" * 1_000, {"deep": "c" * 500}]}
    write_entry(network, admin, {"before": before, "after": None})
    (shown,) = listed(token, "?action_type=PAGE_WRITTEN")
    path = f"{URL}/{shown['id']}"
    entry = request(app, "GET", path, token=token).data
    assert entry == shown | {"changes": {"before": before, "after": None}}
    assert calls(network, "GET", path, token=token).calls == ["BatchGetItem"] * 3


@pytest.mark.parametrize("entry_id", ["0" * 26, "8" + "0" * 25, "Z" * 26, "7" + "Z" * 25, "nobody", "%F0%9F%92%B8"])
def test_an_entry_that_does_not_exist_is_not_found(token: str, entry_id: str) -> None:
    assert request(app, "GET", f"{URL}/{entry_id}", token=token).code == "not_found"


def test_a_removed_operator_leaves_the_entry_without_an_address(network: Network, token: str) -> None:
    gone = network.operator("gone@example.com", Role.SUPPORT).user_id
    write_entry(network, gone, {"before": None, "after": {"en": "b"}})
    super_admin = token_of(network, network.operator("boss@example.com", Role.SUPER_ADMIN).user_id)
    assert request(app, "DELETE", f"/api/admin/profiles/{gone}", token=super_admin).status == 200
    (shown,) = listed(token, f"?admin_id={gone}")
    entry = request(app, "GET", f"{URL}/{shown['id']}", token=token).data
    assert (entry["admin_username"], entry["admin_email"]) == ("gone", None)


def write_entry(network: Network, admin: str, changes: dict[str, Any]) -> None:
    def write(ops: Transaction) -> None:
        audit_log.record(ops, network.world, admin, AdminAction("page_written", "about", changes))

    atomic(network.world, write)


def test_long_texts_are_cut_so_that_any_page_fits_a_response(network: Network, token: str, admin: str) -> None:
    write_entry(network, admin, {"before": {"en": "a" * 30_000}, "after": {"en": ["b" * 300, 7, None]}})
    changes = listed(token, "?action_type=PAGE_WRITTEN")[0]["changes"]
    assert changes == {"before": {"en": "a" * 300 + "..."}, "after": {"en": ["b" * 300, 7, None]}}


@pytest.mark.parametrize(
    "query", ["?end_date=2999-12-31", "?start_date=1960-01-01", "?start_date=1960-01-01&end_date=2999-01-01"]
)
def test_days_far_away_take_no_more_calls(network: Network, token: str, query: str) -> None:
    set_aside(token, "40818052")
    assert len(listed(token, query)) == 1
    far, near = (len(calls(network, "GET", f"{URL}{text}", token=token).calls) for text in (query, ""))
    assert far <= near


def test_nothing_was_done_before_the_first_year(token: str) -> None:
    set_aside(token, "40818052")
    assert listed(token, "?end_date=1960-01-01") == []
