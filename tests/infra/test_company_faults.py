"""Faults of the simulated companies on demand: listed, and validated where they are ordered."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from infra.local.companies import company_faults
from infra.local.control.cabinets import behaviours_blueprint
from infra.local.control.faults import faults_blueprint
from infra.local.control.requests import BadRequest
from infra.local.fault import Fault
from infra.local.gateways.khalti import KhaltiServer
from infra.local.simulation import Simulation
from infra.local.snapshots.sandbox_state import SandboxState


def app_of(simulation: Simulation) -> Flask:
    app = Flask("control")
    khalti = KhaltiServer(simulation, "http://127.0.0.1:1")
    app.register_blueprint(faults_blueprint(simulation, frozenset(company_faults.FAULTS), {"khalti": khalti}))
    app.register_blueprint(behaviours_blueprint())
    app.register_error_handler(BadRequest, lambda error: ({"error": error.why}, error.status))
    return app


def test_the_behaviours_list_the_faults_of_companies() -> None:
    names = {item["name"] for item in app_of(Simulation()).test_client().get("/behaviours").json or ()}
    assert {f"company:{service}" for service in company_faults.FAULTS} <= names


def test_a_fault_in_a_companys_own_words_is_ordered() -> None:
    simulation = Simulation()
    order = {"service": "fcm", "code": "QUOTA_EXCEEDED", "retry_after": 90, "times": 2, "effect": True}
    assert app_of(simulation).test_client().post("/faults", json=order).status_code == 200
    fault = simulation.faults["fcm"]
    assert (fault.code, fault.retry_after, fault.times, fault.effect) == ("QUOTA_EXCEEDED", 90, 2, True)


@pytest.mark.parametrize(
    "order",
    [{}, {"code": 5}, {"code": "x", "effect": "yes"}, {"timeout": 1, "code": "x"}, {"status": 200}, {"times": 1}],
)
def test_a_fault_that_makes_no_sense_is_refused(order: dict[str, Any]) -> None:
    assert app_of(Simulation()).test_client().post("/faults", json={"service": "fcm", **order}).status_code == 422


def test_a_reset_ends_the_hang_of_a_company_that_hangs_on_purpose() -> None:
    simulation, begun = Simulation(), threading.Event()
    simulation.faults["khalti"] = Fault(times=1, timeout=25)
    app = Flask("company")

    @app.post("/lookup")
    @simulation.calling("khalti")
    def lookup() -> str:
        begun.set()
        return ""

    def top_up() -> int:
        with simulation.activity.request("POST /api/payment/verify-topup"):
            return app.test_client().post("/lookup").status_code

    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(top_up)
        assert begun.wait(60)
        SandboxState(simulation.activity, {}).restore({})
        assert hanging.result(60) == 504


@pytest.mark.parametrize("service", [["fcm"], {"fcm": 1}, None])
def test_a_fault_of_no_service_is_refused(service: Any) -> None:
    order = {"service": service, "status": 500}
    assert app_of(Simulation()).test_client().post("/faults", json=order).status_code == 404


@pytest.mark.parametrize("seconds", ["soon", None, [1], -5, 1e300, True])
def test_a_late_return_of_no_time_is_refused_before_anything_is_paid(seconds: Any) -> None:
    order = {"outcome": "success", "callback": {"late_seconds": seconds}}
    answer = app_of(Simulation()).test_client().post("/gateways/khalti/unknown/pay", json=order)
    assert answer.status_code == 422
