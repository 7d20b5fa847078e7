"""The scenario of customers' days, over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.domain.analytics.day_recount import MAX_DAYS_BACK
from infra.local import first_rental, scenario
from infra.local.client import Api
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox

DONE = "day_recounted"
MAX_TRIES = 100
OPERATORS_DAY = (
    "An operator's day:",
    "approves it from the KYC queue",
    "its slot is jammed",
    "the power bank comes out",
    "approves the refund",
    "issues a coupon",
    "makes the account banned",
    "makes the account active",
    "sends a message to all",
    "downloads the customer's transactions",
    "downloads the revenue",
    "the audit log has all of it",
)


def test_the_scenario_runs_and_the_audit_finds_nothing(
    running_sandbox: RunningSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_status = scenario.main(["--api", running_sandbox.api_url, "--sandbox", running_sandbox.sandbox.url])
    output = capsys.readouterr()
    assert exit_status == 0, output.err
    assert output.err == ""
    assert "An account deleted and registered again" in output.out
    steps = [output.out.index(text) for text in OPERATORS_DAY]
    assert steps == sorted(steps)
    assert "Every step succeeded." in output.out
    assert_counters_agree(running_sandbox)


@pytest.mark.matrix
def test_a_rental_ends_truly_at_every_faulty_cabinet(running_sandbox: RunningSandbox) -> None:
    run = scenario.ScenarioRun(running_sandbox.api_url, running_sandbox.sandbox)
    scenario.faulty_cabinets(run).suffer_every_fault(run.operator)
    assert running_sandbox.books_balance()


def test_the_printed_logins_work(running_sandbox: RunningSandbox) -> None:
    operator = running_sandbox.operator()
    assert running_sandbox.finished_audit(operator)["ok"]
    demo = Customer(Api(running_sandbox.api_url), running_sandbox.sandbox, "+9779841000001", "demo")
    demo.api.post("/api/auth/get-otp", {"identifier": demo.identifier})
    code = running_sandbox.sandbox.code(demo.identifier)
    proof = demo.api.post("/api/auth/verify-otp", {"identifier": demo.identifier, "otp": code})
    order = {"identifier": demo.identifier, "verification_token": proof["verification_token"]}
    demo.api.token = demo.api.post("/api/auth/login", order)["tokens"]["access"]
    me = demo.api.get("/api/auth/me")
    assert me["rental_eligibility"] == {"can_rent": True, "reasons": []}
    assert me["wallet"]["balance"] == "1000.00"


def test_concurrent_customers_see_only_their_own_data(running_sandbox: RunningSandbox) -> None:
    customers = [running_sandbox.customer(None) for _ in range(4)]
    names = {customer.api.get("/api/auth/me")["id"]: customer for customer in customers}

    def look(turn: int) -> bool:
        user_id, customer = list(names.items())[turn % len(names)]
        fresh = Api(running_sandbox.api_url, customer.api.token)
        return bool(fresh.get("/api/auth/me")["id"] == user_id)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(look, range(400)))


def assert_counters_agree(running_sandbox: RunningSandbox) -> None:
    """What was counted of the scenario's days is what the tables say, and operators find the result in the logs."""
    control = running_sandbox.sandbox
    control.drain()
    control.post("/schedules/count_days/run")
    control.advance(hours=24 + 9)
    control.drain()
    control.post("/schedules/count_days/run")
    operator = running_sandbox.operator()
    recounted: dict[str, str] = {}
    for _ in range(MAX_TRIES):
        control.post("/schedules/recount_days/run")
        control.drain()
        lines = operator.get("/api/admin/system/logs?page_size=100&level=info")["results"]
        recounted |= {line["details"]["about"]: line["details"]["state"] for line in lines if line["message"] == DONE}
        if len(recounted) >= MAX_DAYS_BACK:
            break
    assert set(recounted.values()) == {"agrees"}
    health = operator.get("/api/admin/system/health")
    assert (health["database_status"], health["logs_status"]) == ("HEALTHY", "HEALTHY")
    assert health["requests_count"] > 0
    assert operator.get("/api/admin/analytics/revenue?period=monthly")["total_revenue"] > 0


def test_a_scripted_newcomer_rents(running_sandbox: RunningSandbox) -> None:
    rental = first_rental.rent_as_newcomer(running_sandbox.api_url, running_sandbox.sandbox.url)
    assert rental["status"] == "active"
