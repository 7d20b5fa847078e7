"""The whole sandbox is brought back by a snapshot, by the seeded start, and by the next run, also after a kill."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
import requests

from infra.local import dynoxide
from infra.local.client import Api
from infra.local.customer import Customer, operator_at
from infra.local.ports import free_port
from infra.local.seeds.seed import DEMO_PHONE, DEMO_USERNAME
from infra.queues import CONSUMED, dead_letter_name
from tests.sandbox.installation import Installation
from tests.world.pictures import phone_photo

SNAPSHOT = "/snapshots/open-work"


@dataclass
class OpenWork:
    """Open work: a top-up, a refund, a rental, a file, a dead letter, a fault, and a cabinet that reports falsely."""

    installation: Installation
    token: str = ""
    intent_id: str = ""
    refund_id: str = ""
    rental: dict[str, Any] = field(default_factory=dict)
    file: bytes = b""
    file_path: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        sandbox = self.installation.sandbox
        sandbox.advance(hours=2)
        self.token = sandbox.post(f"/people/{DEMO_PHONE}/token")["access_token"]
        customer = self.customer()
        customer.top_up("khalti", "200.00")
        self._request_refund(customer)
        self.intent_id = customer.open_top_up("khalti", "300.00")
        self.rental = customer.rent()
        upload = customer.api.call(
            "POST", "/api/app/upload", files={"file": ("photo.jpg", phone_photo(120, 90), "image/jpeg")}, fields={}
        ).data
        self.file_path = urlsplit(upload["file_url"]).path
        self.file = self._read_file()
        self._add_dead_letter()
        sandbox.post(f"/cabinets/{self._other_cabinet()}/behaviour", {"eject": "silent", "late_seconds": 5})
        sandbox.drain()
        self.facts = self.installation.facts()

    def close_and_change_everything(self) -> None:
        """End all open work otherwise than `must_finish` does, and register another customer."""
        sandbox = self.installation.sandbox
        Customer(Api(self.installation.api_url), sandbox, "+9779841000002", "newcomer").sign_up()
        sandbox.delete("/faults")
        sandbox.delete("/queues/dead-letters")
        sandbox.delete("/cabinets/behaviours")
        self.customer().pay("khalti", self.intent_id, "fail")
        sandbox.advance(hours=26)
        sandbox.drain()

    def must_finish(self) -> None:
        sandbox, customer = self.installation.sandbox, self.customer()
        assert self._read_file() == self.file
        customer.pay("khalti", self.intent_id)
        assert customer.verify(self.intent_id)["status"] == "success"
        assert self._refund_status() == "approved"
        station = next(item for item in sandbox.get("/cabinets") if item["imei"] != self._other_cabinet())
        sandbox.advance(seconds=3)
        assert customer.return_powerbank(self.rental, station)["status"] == "completed"
        sandbox.delete("/faults")
        sandbox.advance(hours=1)
        sandbox.drain()
        self.token = sandbox.post(f"/people/{DEMO_PHONE}/token")["access_token"]
        assert self._refund_status() == "processed"
        assert sandbox.post(f"/queues/{CONSUMED[0]}/redrive")["moved"] == 1
        assert sandbox.get("/audit") == {"ok": True, "violations": []}

    def plant_violation(self) -> None:
        people = self.installation.sandbox.get("/people")
        (user_id,) = (item["user_id"] for item in people if item["phone_number"] == DEMO_PHONE)
        self.installation.sandbox.post("/violations", {"kind": "wallet_raised", "id": user_id})

    def _read_file(self) -> bytes:
        return requests.get(self.installation.sandbox.url + self.file_path, timeout=60).content

    def customer(self) -> Customer:
        return Customer(
            Api(self.installation.api_url, self.token), self.installation.sandbox, DEMO_PHONE, DEMO_USERNAME
        )

    def _request_refund(self, customer: Customer) -> None:
        """A refund that is approved, and that Khalti does not carry out."""
        refused = {"service": "khalti", "status": 503, "times": 1_000, "path": "/refund/"}
        self.installation.sandbox.post("/faults", refused)
        topups = customer.api.get("/api/user/transactions?type=topup")["results"]
        line = next(item for item in topups if item["amount"] == "200.00")
        refund = customer.api.post(f"/api/payment/refund/{line['id']}", {"reason": "by mistake"}, want=201)
        self.refund_id = str(refund["refund_id"])
        operator_at(self.installation.api_url).post(f"/api/admin/refunds/{self.refund_id}/approve", {})

    def _refund_status(self) -> str:
        refunds = self.customer().api.get("/api/payment/refunds")["results"]
        return str(next(item["status"] for item in refunds if item["refund_id"] == self.refund_id))

    def _other_cabinet(self) -> str:
        """The IMEI of a cabinet where the rental did not begin."""
        imeis: dict[str, str] = {item["imei"]: item["sn"] for item in self.installation.sandbox.get("/cabinets")}
        return next(imei for imei, sn in imeis.items() if sn != self.rental["station"]["sn"])

    def _add_dead_letter(self) -> None:
        env = self.installation.sandbox.get("/env")
        session = botocore.session.get_session()
        session.set_credentials("sandbox", "sandbox")
        sqs: Any = session.create_client("sqs", region_name=env["AWS_REGION"], endpoint_url=env["AWS_ENDPOINT_URL"])
        url = env["BIJULI_QUEUE_URL_PREFIX"] + dead_letter_name(CONSUMED[0])
        sqs.send_message(QueueUrl=url, MessageBody='{"challenge_id": "of no code"}')


def engines() -> list[str]:
    return ["moto", "dynoxide"] if dynoxide.find_executable() else ["moto"]


@pytest.fixture(scope="module", params=engines())
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(request.param, tmp_path_factory.mktemp("data") / "data")
    installation.start()
    try:
        yield installation
    finally:
        installation.end(signal.SIGTERM)


@pytest.fixture(scope="module")
def seeded_facts(installation: Installation) -> dict[str, Any]:
    return installation.facts()


@pytest.fixture(scope="module")
def open_work(installation: Installation, seeded_facts: dict[str, Any]) -> OpenWork:
    open_work = OpenWork(installation)
    open_work.start()
    installation.sandbox.post(SNAPSHOT)
    return open_work


def test_a_restore_brings_back_the_whole_sandbox_and_its_time(
    installation: Installation, open_work: OpenWork
) -> None:
    installation.sandbox.post(f"{SNAPSHOT}/restore")
    (listed,) = (item for item in installation.sandbox.get("/snapshots") if SNAPSHOT.endswith(f"/{item['name']}"))
    open_work.close_and_change_everything()
    assert installation.facts() != open_work.facts
    installation.sandbox.post(f"{SNAPSHOT}/restore")
    taken_at = datetime.fromisoformat(listed["taken_at"])
    assert taken_at <= installation.now() < taken_at + timedelta(minutes=2)
    assert installation.facts() == open_work.facts
    assert installation.sandbox.get("/audit")["ok"]


def test_a_planted_violation_is_put_back_after_a_restore(installation: Installation, open_work: OpenWork) -> None:
    sandbox = installation.sandbox
    open_work.plant_violation()
    sandbox.post("/snapshots/damaged")
    sandbox.delete("/violations")
    assert sandbox.get("/audit")["ok"]
    sandbox.post("/snapshots/damaged/restore")
    assert not sandbox.get("/audit")["ok"]
    sandbox.delete("/violations")
    assert sandbox.get("/audit")["ok"]


def test_a_reset_goes_back_to_the_seeded_start(
    installation: Installation, open_work: OpenWork, seeded_facts: dict[str, Any]
) -> None:
    installation.sandbox.post("/reset")
    assert installation.facts() == seeded_facts
    installation.sandbox.post(f"{SNAPSHOT}/restore")
    assert installation.facts() == open_work.facts


def test_the_next_run_continues_from_the_saved_state(installation: Installation, open_work: OpenWork) -> None:
    installation.sandbox.post(f"{SNAPSHOT}/restore")
    open_work.plant_violation()
    before = installation.now()
    if installation.engine == "dynoxide":
        installation.kill_once_saved()
    else:
        assert f"everything is kept in {installation.directory}" in installation.end(signal.SIGINT)
    installation.ports = [free_port(), free_port()]
    installation.start()
    assert before - timedelta(minutes=1) < installation.now() < before + timedelta(minutes=2)
    assert installation.facts()["/postings"] == open_work.facts["/postings"]
    installation.sandbox.delete("/violations")
    open_work.must_finish()
