"""The operators' dashboard finds each field that it reads, in its type, also by its own names of routes."""

import base64
import json
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rewards.achievement import ACHIEVEMENTS
from chalicelib.services.rewards import leaderboard_refresh
from chalicelib.services.stations import listing_refresh
from chalicelib.services.users import kyc
from chalicelib.tables import event_log
from functions.admin.aliases import ALIASES
from infra.openapi.document import routes_of
from tests.scenarios.dashboard_contract import READS, STATION, Read, faults_of
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.pictures import phone_photo
from tests.world.tokens import token_of
from tests.world.uploading import fresh_caller, submission


def a_working_day(network: Network) -> dict[str, str]:
    """A day with something to read behind each route. Returns the values of path parameters."""
    world = network.world
    super_admin = network.operator("boss@example.com", Role.SUPER_ADMIN).user_id
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=20)
    network.report_return(LABIM, rental.powerbank_sn)
    customer = token_of(network, rental.user_id)
    report = {"issue_type": "not_working", "description": "no light"}
    path = f"/api/rentals/{rental.rental_id}/report-issue"
    assert request(app, "POST", path, report, token=customer).status == 201
    scenario = RefundScenario(network)
    scenario.request_refund(scenario.top_up())
    kyc.submit(world, fresh_caller(network), submission(phone_photo()))
    body = {"status": "banned", "reason": "a test"}
    for user_id in (network.customer(), network.customer()):
        request(app, "PATCH", f"/api/admin/users/{user_id}/status", body, token=token_of(network, super_admin))
    issue = {"issue_type": "dirty", "description": "dust in every slot"}
    path = f"/api/stations/{LABIM.sn}/report-issue"
    assert request(app, "POST", path, issue, token=token_of(network, rental.user_id)).status == 201
    network.deliver_messages()
    leaderboard_refresh.refresh(world)
    listing_refresh.refresh(world)
    return {
        "super_admin": super_admin,
        "user_id": rental.user_id,
        "rental_id": rental.rental_id,
        "sn": LABIM.sn,
        "powerbank_sn": rental.powerbank_sn,
        "code": "WELCOME20",
        "package_id": "1-hour",
        "achievement_id": ACHIEVEMENTS[0].achievement_id,
    }


@pytest.fixture
def values(network: Network) -> dict[str, str]:
    values = network.remembered("a working day", lambda: a_working_day(network))
    network.fake_world.logs.write(network.world.now(), fact="request", status=200, milliseconds=3.5)
    return values


@pytest.mark.parametrize("read", READS, ids=lambda read: f"{read.path} {read.part}")
def test_the_dashboard_finds_each_field_in_its_type(network: Network, values: dict[str, str], read: Read) -> None:
    path = f"/api/admin/{read.path.format(**values)}".replace("/admin/..", "")
    data = request(app, "GET", path, token=token_of(network, values["super_admin"])).data
    assert faults_of(data, read) == []


def test_a_command_by_its_name_returns_the_answer_of_the_cabinet(network: Network, values: dict[str, str]) -> None:
    def answer() -> None:
        network.fake_world.on_pause = None
        network.report_snapshot(LABIM)
        event_log.write(network.log_entries)

    network.fake_world.on_pause = answer
    body = {"station_id": LABIM.sn}
    reply = request(app, "POST", "/api/internal/iot/check", body, token=token_of(network, values["super_admin"]))
    fields = "station_id station_imei action_type:upper is_successful:bool message iot_history_id slots:list"
    assert faults_of(reply.data, Read("", "", fields)) == []
    silent = request(app, "POST", "/api/internal/iot/volume", body, token=token_of(network, values["super_admin"]))
    assert (silent.status, list(silent.body["errors"])) == (422, ["volume"])


def test_every_alias_has_the_rights_and_checks_of_its_canonical_route() -> None:
    routes = {route.name: route for route in routes_of(app)}
    for alias in ALIASES:
        named, canonical = routes[alias.name], routes[alias.canonical]
        assert (named.permission, named.query) == (canonical.permission, canonical.query), alias
        assert (named.body is canonical.body) is not bool(alias.path_fields), alias
        assert (named.is_public, named.problems) == (canonical.is_public, canonical.problems), alias


def test_numbered_pages_and_upper_case_work_by_the_dashboards_names(network: Network, values: dict[str, str]) -> None:
    token = token_of(network, values["super_admin"])
    first: Any = request(app, "GET", "/api/admin/action-logs?page=1&page_size=1", token=token).data
    second: Any = request(app, "GET", "/api/admin/action-logs?page=2&page_size=1", token=token).data
    assert (len(first), len(second)) == (1, 1)
    assert first != second
    form = b'--b\r\nContent-Disposition: form-data; name="status"\r\n\r\nINACTIVE\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    path = f"/api/admin/coupons/{values['code']}"
    assert request(app, "PATCH", path, token=token, raw=form, headers=headers).data["status"] == "INACTIVE"


def test_the_dashboard_signs_in_reads_the_expiry_and_refreshes(network: Network, values: dict[str, str]) -> None:
    body = {"email": "boss@example.com", "password": "a password"}
    opened = request(app, "POST", "/api/admin/login", body).data
    payload = opened["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert claims["exp"] > network.world.now().timestamp()
    assert opened["user"]["role"] == "SUPER_ADMIN"
    refreshed = request(app, "POST", "/api/auth/refresh", {"refresh": opened["refresh_token"]}).body
    assert refreshed["access"] == refreshed["data"]["access"]
    assert request(app, "GET", "/api/admin/me", token=refreshed["access"]).status == 200


WRITES = (
    ("POST users/{user_id}/status", {"status": "BANNED"}, "user_id new_status:upper message"),
    (
        "POST users/{user_id}/add-balance",
        {"amount": "100", "reason": "a test"},
        "old_balance:object new_balance:object amount_added:any transaction_id",
    ),
    (
        "POST refunds/{refund_id}/process",
        {"action": "APPROVE", "admin_notes": "fine"},
        "id amount:money status:upper",
    ),
    ("PATCH kyc/submissions/{submission_id}", {"status": "APPROVED"}, "id status:upper verified_by_username"),
    ("PATCH stations/{sn}", {"landmark": "Beside the gate"}, STATION),
)


@pytest.mark.parametrize(("route", "body", "fields"), WRITES, ids=[write[0] for write in WRITES])
def test_the_dashboard_writes_in_forms(
    network: Network, values: dict[str, str], route: str, body: dict[str, str], fields: str
) -> None:
    token, (method, path) = token_of(network, values["super_admin"]), route.split(" ")
    refunds = request(app, "GET", "/api/admin/refunds", token=token).data["results"]
    papers = request(app, "GET", "/api/admin/kyc/submissions", token=token).data["kyc_submissions"]
    ids = {"refund_id": refunds[0]["id"], "submission_id": papers[0]["id"]}
    url = f"/api/admin/{path.format(**values, **ids)}"
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    parts = [part.format(*field) for field in body.items()]
    raw, headers = ("".join(parts) + "--b--\r\n").encode(), {"Content-Type": "multipart/form-data; boundary=b"}
    data = request(app, method, url, token=token, raw=raw, headers=headers).data
    assert faults_of(data, Read(path, "", fields)) == []
