"""The control API shows people, rentals, postings, accounts and payments, and explains itself."""

import re

import requests
from openapi_spec_validator import validate

from infra.local.client import Api
from tests.sandbox.conftest import RunningSandbox


def test_a_rental_is_seen_in_the_rows_and_in_the_feed(running_sandbox: RunningSandbox) -> None:
    customer, station, sandbox = running_sandbox.customer(), running_sandbox.station(), running_sandbox.sandbox
    rental = running_sandbox.rent(customer, station)
    me = customer.api.get("/api/auth/me")
    (person,) = [item for item in sandbox.get("/people") if item["user_id"] == me["id"]]
    assert (person["phone_number"], person["kyc_status"]) == (customer.identifier, "approved")
    (row,) = [item for item in sandbox.get("/rentals") if item["id"] == rental["id"]]
    assert (row["code"], row["status"], row["powerbank_sn"]) == (rental["code"], "active", rental["powerbank"]["sn"])
    postings = sandbox.get(f"/postings?user_id={me['id']}")
    assert [item["kind"] for item in postings if item["ref"] == rental["id"]] == ["settle", "hold"]
    assert {"khalti"} <= {item["gateway"] for item in sandbox.get("/payments")}
    for unit in ("paisa", "points"):
        assert sum(item["balance"] for item in sandbox.get("/accounts") if item["unit"] == unit) == 0
    kinds = [event["kind"] for event in sandbox.get(f"/events?rental={rental['code']}")]
    assert {"api", "command", "frame", "posting", "queue"} <= set(kinds)
    assert kinds.index("command") < kinds.index("frame")


def test_a_token_of_a_person_takes_one_call(running_sandbox: RunningSandbox) -> None:
    customer, sandbox = running_sandbox.newcomer(), running_sandbox.sandbox
    token = sandbox.post(f"/people/{customer.identifier}/token")
    assert Api(customer.api.url, token["access_token"]).get("/api/auth/me")["id"] == token["user_id"]
    assert requests.post(f"{sandbox.url}/people/+9779800000000/token", timeout=60).status_code == 404


def test_problems_and_the_control_api_describe_themselves(running_sandbox: RunningSandbox) -> None:
    sandbox = running_sandbox.sandbox
    assert {"due_unpaid", "not_found"} <= {item["code"] for item in sandbox.get("/problems")}
    page = requests.get(f"{sandbox.url}/problems", headers={"Accept": "text/html"}, timeout=60).text
    assert '<tr id="due_unpaid">' in page
    paths = sandbox.get("/openapi.json")["paths"]
    assert {"/events", "/queues/{name}/redrive", "/clock/advance", "/people/{phone}/token", "/reset"} <= paths.keys()
    assert not [path for path in paths if path.startswith(("/khalti", "/stripe"))]
    assert [path for path, item in paths.items() for operation in item.values() if not operation["summary"]] == []
    assert requests.request("SEND", f"{sandbox.url}/clock", timeout=60).status_code == 405


def test_the_control_api_documents_each_field_that_a_request_takes(running_sandbox: RunningSandbox) -> None:
    sandbox = running_sandbox.sandbox
    document = sandbox.get("/openapi.json")
    validate(document)
    named = 0
    for path, item in document["paths"].items():
        body = item.get("post", {}).get("requestBody")
        if body:
            fields = body["content"]["application/json"]["schema"]["properties"]
            url = sandbox.url + path.format(name="khalti", reference="x", imei=sandbox.get("/cabinets")[0]["imei"])
            refused = requests.post(url, json={"colour": "red"}, timeout=10)
            assert refused.status_code == 422, path
            assert all(name in refused.json()["error"] for name in ("colour", *fields)), path
            named += 1
    assert named == 12


def test_an_error_points_to_the_page_of_its_problem(running_sandbox: RunningSandbox) -> None:
    sandbox = running_sandbox.sandbox
    for path in ("/api/auth/me", "/api/unheard-of", "/api/rentals/01M83FTTQ80000000000000001"):
        error = requests.get(f"{running_sandbox.api_url}{path}", timeout=60).json()
        page, _, code = error["type"].partition("#")
        assert page == f"{sandbox.url}/problems"
        assert f'<tr id="{code}">' in requests.get(page, headers={"Accept": "text/html"}, timeout=60).text


def test_the_id_of_a_response_finds_its_calls_and_its_line_in_the_feed(running_sandbox: RunningSandbox) -> None:
    customer, sandbox = running_sandbox.newcomer(), running_sandbox.sandbox
    order = {"amount": "200.00", "payment_method": "khalti"}
    for sent in ({}, {"X-Request-Id": "app-1234567"}, {"X-Request-Id": "not an id"}):
        opened = customer.api.call("POST", "/api/payment/wallet/topup-intent", order, headers=sent)
        request_id = opened.headers["X-Request-Id"]
        assert (request_id == "app-1234567") == (sent == {"X-Request-Id": "app-1234567"})
        (call,) = [item for item in sandbox.get("/calls?service=khalti") if item["request_id"] == request_id]
        assert call["path"].endswith("/initiate/")
        told = sandbox.get("/events?tail=100&kind=api,call")
        assert [event["kind"] for event in told if event["content"]["request_id"] == request_id] == ["call", "api"]


def test_a_call_of_a_consumer_or_a_schedule_leads_to_its_run_in_the_feed(running_sandbox: RunningSandbox) -> None:
    customer, sandbox = running_sandbox.newcomer(), running_sandbox.sandbox
    sandbox.drain()
    customer.open_top_up("khalti", "100.00")
    sandbox.advance(minutes=20)
    told = sandbox.get("/events?tail=500&kind=queue,schedule,call")
    runs = {item["content"]["request_id"]: item for item in told if item["kind"] != "call"}
    for company, kind, text in [
        ("sparrow", "queue", r"otp \d+ -> \d+   outbox \d+ -> \d+"),
        ("khalti", "schedule", "sweep_intents"),
    ]:
        ids = [item["request_id"] for item in sandbox.get(f"/calls?service={company}")]
        assert [run for run in map(runs.get, ids) if run and run["kind"] == kind and re.match(text, run["text"])]


def test_a_call_about_a_rental_is_named_by_it(running_sandbox: RunningSandbox) -> None:
    customer, station, sandbox = running_sandbox.customer(), running_sandbox.station(), running_sandbox.sandbox
    rental = running_sandbox.rent(customer, station)
    calls = sandbox.get(f"/events?rental={rental['code']}&kind=call")
    assert [event["content"]["service"] for event in calls][:1] == ["alibaba_iot"]


def test_the_api_answers_on_the_origin_of_the_control_api_too(running_sandbox: RunningSandbox) -> None:
    here = requests.get(f"{running_sandbox.sandbox.url}/api/payment/packages", timeout=60)
    there = requests.get(f"{running_sandbox.api_url}/api/payment/packages", timeout=60)
    assert here.json()["data"] == there.json()["data"]
    assert requests.get(f"{running_sandbox.sandbox.url}/api/unheard-of", timeout=60).status_code == 404
