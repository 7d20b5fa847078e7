"""Lists of operators as CSV files: the same rows, formulas harmless, parts by cursor."""

import csv
from io import StringIO

import pytest

from app import app
from chalicelib.domain.account import Role
from chalicelib.edge.models import ListQuery
from infra.openapi.document import routes_of
from tests.http_client import Reply, request
from tests.network import Network
from tests.tokens import token_for

LISTS = [route.path for route in routes_of(app) if route.query is not None and issubclass(route.query, ListQuery)]


@pytest.fixture
def token(network: Network) -> str:
    return token_for(network.world, network.operator("boss@example.com", Role.SUPER_ADMIN))


def rows_of(reply: Reply) -> list[dict[str, str]]:
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(reply.text, newline="")))


def test_every_list_is_a_file_with_a_header(network: Network, token: str) -> None:
    network.customer()
    for path in LISTS:
        reply = request(app, "GET", f"{path.replace('{day}', '2026-11-22')}?format=csv", token=token)
        if "{" in path:
            assert reply.code == "not_found", path
        else:
            assert (reply.status, bool(reply.text.splitlines()[0])) == (200, True), path
            assert reply.headers["Content-Disposition"].endswith('-2026-11-23.csv"'), path


def test_a_file_has_the_rows_of_the_list(network: Network, token: str) -> None:
    user_id = network.customer(wallet_paisa=12_345)
    (item,) = request(app, "GET", "/api/admin/users", token=token).data["results"]
    (row,) = rows_of(request(app, "GET", "/api/admin/users?format=csv", token=token))
    assert (row["id"], row["username"], row["is_active"]) == (user_id, item["username"], "true")
    assert (row["profile.full_name"], row["email"]) == (item["profile"]["full_name"], "")
    assert row["phone_number"] == f"'{item['phone_number']}"
    transactions = rows_of(request(app, "GET", "/api/admin/transactions?format=csv", token=token))
    assert {(line["user.id"], line["amount"]) for line in transactions if line["type"] == "TOPUP"} == {
        (user_id, "123.45")
    }


def test_cells_that_look_like_formulas_are_quoted(network: Network, token: str) -> None:
    for number, name in enumerate(('=HYPERLINK("x")', "+1", "-1", "@SUM(1)")):
        body = {"name": name, "duration_minutes": 60 + number, "price": "1", "payment_model": "PREPAID"}
        assert request(app, "POST", "/api/admin/packages", body, token=token).status == 201
    rows = rows_of(request(app, "GET", "/api/admin/packages?format=csv", token=token))
    names = {row["name"] for row in rows if row["price"] == "1.00"}
    assert names == {'\'=HYPERLINK("x")', "'+1", "'-1", "'@SUM(1)"}


def test_the_next_rows_follow_by_cursor(network: Network, token: str) -> None:
    ids = [network.newcomer() for _ in range(3)]
    first = request(app, "GET", "/api/admin/users?format=csv&limit=2", token=token)
    following = first.headers["X-Next-Cursor"]
    second = request(app, "GET", f"/api/admin/users?format=csv&limit=2&cursor={following}", token=token)
    assert [row["id"] for row in rows_of(first) + rows_of(second)] == ids[::-1]
    assert "X-Next-Cursor" not in second.headers


def test_kyc_submissions_are_no_file(token: str) -> None:
    reply = request(app, "GET", "/api/admin/kyc/submissions?format=csv", token=token)
    assert (reply.status, list(reply.body["errors"])) == (422, ["format"])
