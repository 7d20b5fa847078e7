"""Super admins change the runtime settings, and the networks from which operators can call."""

import json
from typing import Any

import pytest

from app import app
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.operators.role import Role
from chalicelib.tables import settings
from chalicelib.tables.audit_log import AuditLogRow
from tests.engines.interleaving import interleave
from tests.functions.test_budgets import calls
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

URL, OFFICE, ELSEWHERE = "/api/admin/config", "192.0.2.7", "198.51.100.9"


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("boss@example.com", Role.SUPER_ADMIN).user_id)


def read(token: str) -> Any:
    return request(app, "GET", URL, token=token).data


def change(token: str, **body: Any) -> Reply:
    return request(app, "PUT", URL, {"version": read(token)["version"], **body}, token=token)


def value_of(data: Any, name: str) -> int:
    return next(int(item["value"]) for item in data["settings"] if item["name"] == name)


def test_a_form_of_deeply_nested_settings_is_refused(token: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    raw = b"version=0&settings=" + b"[" * 60_000
    reply = request(app, "PUT", URL, raw=raw, token=token, headers=form)
    assert (reply.status, list(reply.body["errors"])) == (422, ["settings"])


def apply_settings(network: Network) -> None:
    """What every process does within a minute."""
    network.fake_world.settings = Settings().changed(settings.overrides())


def test_a_change_is_stored_logged_and_taken_back(token: str) -> None:
    before = read(token)
    assert {item["name"] for item in before["settings"]} == set(Settings().by_name())
    assert value_of(change(token, settings={"otp_tries": 7}).data, "otp_tries") == 7
    assert Settings().changed(settings.overrides()).otp_tries == 7
    assert value_of(change(token, settings={"otp_tries": None}).data, "otp_tries") == 5
    assert "otp_tries" not in settings.overrides()
    first, second = sorted((row for row in AuditLogRow.scan() if row.target == "current"), key=lambda row: row.entry)
    assert (first.changes, first.action) == (
        {"before": {"otp_tries": None}, "after": {"otp_tries": 7}},
        "config_changed",
    )
    assert second.changes == {"before": {"otp_tries": 7}, "after": {"otp_tries": None}}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"settings": {"otp_tries": 0}}, "otp_tries"),
        ({"settings": {"otp_tries": 6, "no_such_setting": 1}}, "no_such_setting"),
        ({"settings": {"no_such_setting": None}}, "no_such_setting"),
        ({"settings": {"cabinet_quiet_minutes": 30}}, "cabinet_quiet_minutes"),
        ({"settings": {"admin_networks": 1}}, "admin_networks"),
        ({"settings": "nothing"}, "settings"),
        ({"admin_networks": ["203.0.113.7/24"]}, "admin_networks"),
        ({"admin_networks": ["office"]}, "admin_networks"),
        ({"admin_networks": ["203.0.113.0/24", "2001:db8::/32"]}, "admin_networks"),
    ],
)
def test_a_wrong_change_is_refused_as_a_whole(token: str, changed: dict[str, Any], field: str) -> None:
    before = all_rows()
    reply = change(token, **changed)
    assert (reply.status, list(reply.body["errors"])) == (422, [field])
    assert all_rows() == before


@pytest.mark.parametrize(
    "stored",
    [
        {"eject_wait_seconds": 15, "setting_of_an_earlier_release": 3},
        {"late_grace_minutes": 120, "lost_after_hours": 1},
    ],
)
def test_an_invalid_setting_of_an_earlier_release_blocks_no_other_change(token: str, stored: dict[str, int]) -> None:
    settings.SettingsRow(name=settings.CURRENT, overrides=stored, version=1).save()
    assert change(token, settings={"otp_tries": 6}).status == 200
    closed = request(app, "PATCH", "/api/admin/payment-methods/khalti", {"is_active": False}, token=token)
    assert (closed.status, closed.data["is_active"]) == (200, False)
    assert settings.overrides() == stored | {"otp_tries": 6, "khalti_offered": 0}


def test_a_setting_taken_back_may_not_contradict_another(token: str) -> None:
    assert change(token, settings={"cabinet_quiet_minutes": 40, "cabinet_silent_minutes": 60}).status == 200
    reply = change(token, settings={"cabinet_silent_minutes": None})
    assert (reply.status, list(reply.body["errors"])) == (422, ["cabinet_quiet_minutes"])


def test_of_two_changes_at_once_one_is_a_conflict(token: str) -> None:
    version = read(token)["version"]

    def set_tries(tries: int) -> Reply:
        body = {"version": version, "settings": {"otp_tries": tries}}
        return request(app, "PUT", URL, body, token=token)

    with interleave(lambda: set_tries(8)) as results:
        second = set_tries(9)
    assert (results[0].status, second.code) == (200, "changed_meanwhile")
    assert settings.overrides()["otp_tries"] == 8


def test_operators_are_refused_from_other_networks(network: Network, token: str) -> None:
    reply = change(token, admin_networks=["192.0.2.0/24", "2001:db8::/32"])
    assert (reply.data["admin_networks"], reply.data["your_address"]) == (["192.0.2.0/24", "2001:db8::/32"], OFFICE)
    apply_settings(network)
    for address in (ELSEWHERE, "unknown", "2001:db9::1"):
        refused = request(app, "GET", URL, token=token, address=address)
        assert (refused.status, refused.code) == (403, "address_not_allowed")
    for address in (OFFICE, "2001:db8::1", "::ffff:192.0.2.9"):
        assert request(app, "GET", URL, token=token, address=address).status == 200
    login = {"email": "boss@example.com", "password": "a password"}
    spoofed = {"X-Forwarded-For": OFFICE}
    refused = request(app, "POST", "/api/admin/login", login, address=ELSEWHERE, headers=spoofed)
    assert refused.code == "address_not_allowed"
    assert request(app, "GET", "/api/payment/packages", address=ELSEWHERE).status == 200
    assert change(token, admin_networks=[]).data["admin_networks"] == []
    apply_settings(network)
    assert request(app, "GET", URL, token=token, address=ELSEWHERE).status == 200


def test_a_form_changes_settings_too(token: str) -> None:
    version = read(token)["version"]
    fields = {"version": str(version), "settings": json.dumps({"otp_tries": 6}), "admin_networks": "192.0.2.0/24"}
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    raw = ("".join(parts) + "--b--\r\n").encode()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = request(app, "PUT", URL, token=token, raw=raw, headers=headers)
    assert (value_of(reply.data, "otp_tries"), reply.data["admin_networks"]) == (6, ["192.0.2.0/24"])


def test_the_routes_of_the_configuration_take_few_calls(network: Network, token: str) -> None:
    assert calls(network, "GET", URL, token=token).calls == ["BatchGetItem"]
    body = {"version": read(token)["version"], "settings": {"otp_tries": 6}}
    assert calls(network, "PUT", URL, body, token=token).round_trips == 3
