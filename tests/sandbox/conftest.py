"""One sandbox for all these tests, started from the command line, and its customers."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local import dynoxide
from infra.local.client import Api, ApiResponse, Sandbox
from infra.local.customer import Customer, operator_at
from infra.local.ports import free_port

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 60
AUDIT, MAX_RUNS = "/api/admin/system/audit", 60
SNAPSHOT = "/snapshots/before-a-test"
_numbers = itertools.count(1)


@dataclass
class RunningSandbox:
    """A running sandbox."""

    api_url: str
    sandbox: Sandbox
    signed_in: Api | None = None
    """The operator of the seed, once somebody needed one."""

    def customer(self, rupees: str | None = "500.00") -> Customer:
        """A new customer who may rent, with that balance and the sign-up points."""
        customer = self.newcomer()
        customer.complete_kyc(self.operator())
        if rupees is not None:
            customer.top_up("khalti", rupees)
        return customer

    def operator(self) -> Api:
        """The operator of the seed, who signs in again when the session has ended."""
        if self.signed_in is None or self.signed_in.call("GET", "/api/admin/me").status != 200:
            self.signed_in = operator_at(self.api_url)
        return self.signed_in

    def newcomer(self) -> Customer:
        """A newly registered customer."""
        number = next(_numbers)
        customer = Customer(Api(self.api_url), self.sandbox, f"+97798620{number:05d}", f"citizen{number}")
        customer.sign_up()
        return customer

    def station(self) -> dict[str, Any]:
        """The cabinet with the most available power banks."""
        listed = Api(self.api_url).get("/api/app/stations?status=online&has_powerbank=true")["results"]
        cabinets = {item["sn"]: item for item in self.sandbox.get("/cabinets")}
        sn = max(listed, key=lambda item: int(item["available_powerbanks"]))["sn"]
        content: dict[str, Any] = cabinets[sn]
        return content

    def behave(self, station: dict[str, Any], **orders: Any) -> None:
        self.sandbox.post(f"/cabinets/{station['imei']}/behaviour", orders)

    @contextmanager
    def outage(self, service: str, status: int = 503) -> Iterator[None]:
        """A company answers every call with a server error, whoever calls."""
        self.sandbox.post("/faults", {"service": service, "status": status, "times": 1_000_000})
        yield
        self.sandbox.post("/faults", {"service": service, "status": status, "times": 0})

    def start(
        self, customer: Customer, station: dict[str, Any], package: str = "1-hour", **headers: str
    ) -> ApiResponse:
        order = {"station_sn": station["sn"], "package_id": package}
        return customer.api.call("POST", "/api/rentals/start", order, headers=headers)

    def rent(self, customer: Customer, station: dict[str, Any]) -> dict[str, Any]:
        """A rental at this station, whose power bank is out."""
        rental_id = self.start(customer, station).data["id"]
        self.sandbox.drain()
        rental: dict[str, Any] = customer.api.get(f"/api/rentals/{rental_id}")
        assert rental["status"] == "active"
        return rental

    def finished_audit(self, operator: Api) -> dict[str, Any]:
        """Start an audit, let its function run until it has finished, and read the result."""
        started = operator.post(AUDIT, {}, want=202)
        for _ in range(MAX_RUNS):
            self.sandbox.post("/schedules/audit_ledger/run")
            result: dict[str, Any] = operator.get(AUDIT)
            if result["running"] is None:
                assert result["audit_id"] == started["audit_id"]
                return result
        raise AssertionError("the audit does not finish")

    def books_balance(self) -> bool:
        self.sandbox.drain()
        audit = self.sandbox.get("/audit")
        assert audit["violations"] == []
        return bool(audit["ok"])


@pytest.fixture
def running_sandbox(started_sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox as it was seeded, with its operator signed in: nothing is left of the tests before."""
    started_sandbox.sandbox.post(f"{SNAPSHOT}/restore")
    return started_sandbox


@pytest.fixture(scope="session")
def started_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """One process for all tests, with a snapshot of its start."""
    api, control = free_port(), free_port()
    log_path = tmp_path_factory.mktemp("sandbox") / "log"
    engine = os.environ.get("BIJULI_SANDBOX_ENGINE") or ("dynoxide" if dynoxide.find_executable() else "moto")
    command = [sys.executable, "-m", "infra.local", "--dynamodb", engine]
    command += ["--api-port", str(api), "--sandbox-port", str(control), "--dead-connections"]
    command += ["--conflict-each", "7", "--throttle-each", "97", "--unprocessed-each", "5", "--short-each", "3"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603  our own runner
        try:
            _wait(process, log_path)
            started = RunningSandbox(f"http://127.0.0.1:{api}", Sandbox(f"http://127.0.0.1:{control}"))
            started.operator()
            started.sandbox.post(SNAPSHOT)
            yield started
        finally:
            process.terminate()
            process.wait(60)
    assert '"fact":"bug"' not in log_path.read_text()


def _wait(process: "subprocess.Popen[bytes]", log_path: Path) -> None:
    """Wait until the sandbox prints READY. Raises with its log otherwise."""
    for _ in range(TIMEOUT_SECONDS * 10):
        if "READY" in log_path.read_text():
            return
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(log_path.read_text()[-2000:])
