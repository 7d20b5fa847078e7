"""A simulated customer for the scenario and the tests. Each step checks its response."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import requests

from infra.local.client import Api, Sandbox, UnexpectedResponse
from infra.local.seeds.images import citizenship_front
from infra.local.seeds.seed import ADMIN_EMAIL, ADMIN_PASSWORD

T = TypeVar("T")
PACKAGE = "1-hour"
PULCHOWK = "lat=27.6780&lng=85.3170"


def step(what: str, do: Callable[[], T]) -> T:
    """Run a step and print its duration."""
    started = time.monotonic()
    result = do()
    print(f"  {time.monotonic() - started:6.2f} s  {what}", flush=True)
    return result


def expect(holds: bool, what: str) -> None:
    """Raises UnexpectedResponse with `what` if the condition does not hold."""
    if not holds:
        raise UnexpectedResponse(what)


def operator_at(api_url: str, email: str = ADMIN_EMAIL) -> Api:
    """An operator of the seed who has just signed in."""
    operator = Api(api_url)
    signed = operator.post("/api/admin/login", {"email": email, "password": ADMIN_PASSWORD})
    operator.token = signed["access_token"]
    return operator


def paisa_of(rupees: str) -> int:
    """A decimal string in paisa."""
    whole, _, part = rupees.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


@dataclass
class Customer:
    """One customer with a phone number or an e-mail address."""

    api: Api
    sandbox: Sandbox
    identifier: str
    username: str
    refresh_token: str = ""

    def refresh(self) -> None:
        """Refresh the tokens: an access token is valid for a quarter of an hour."""
        pair = self.api.call_expecting("POST", "/api/auth/refresh", {"refresh": self.refresh_token}).body
        self.api.token, self.refresh_token = pair["access"], pair["data"]["tokens"]["refresh"]

    def prove(self, purpose: str) -> dict[str, str]:
        """Prove the identifier by a code. Returns the fields that register and login take."""
        sent = step("asks for a code", lambda: self.api.post("/api/auth/get-otp", {"identifier": self.identifier}))
        expect(sent["identifier"] == self.identifier, f"the code is for another identifier: {sent}")
        way = "e-mail" if "@" in self.identifier else "SMS"
        code = step(f"the code comes by {way}", lambda: self.sandbox.code(self.identifier))
        guess = {"identifier": self.identifier, "otp": code, "challenge_id": sent["challenge_id"]}
        proof = self.api.post("/api/auth/verify-otp", guess)
        expect(proof["purpose"] == purpose, f"the proof is for {purpose}: {proof}")
        return {"identifier": self.identifier, "verification_token": proof["verification_token"]}

    def sign_up(self) -> None:
        order = self.prove("register") | {"username": self.username}
        self._hold(step("registers", lambda: self.api.post("/api/auth/register", order, want=201)))
        reasons = self.api.get("/api/auth/me")["rental_eligibility"]["reasons"]
        expect(set(reasons) == {"profile_incomplete", "kyc_required"}, f"may not rent because {reasons}")

    def sign_in(self) -> None:
        proof = self.prove("login")
        self._hold(step("signs in", lambda: self.api.post("/api/auth/login", proof)))

    def _hold(self, signed: dict[str, Any]) -> None:
        self.api.token, self.refresh_token = signed["tokens"]["access"], signed["tokens"]["refresh"]

    def fill_in_profile(self) -> None:
        person = {"full_name": "Sita Gurung", "date_of_birth": "1998-02-14", "address": "Patan Dhoka, Lalitpur"}
        answer = self.api.call_expecting("PATCH", "/api/user/profile", person).data
        expect(answer["is_profile_complete"], f"the profile is complete: {answer}")

    def submit_kyc(self, operator: Api, *, again: bool = False) -> str:
        """Submit a citizenship certificate. Returns the path where an operator decides."""
        fields = {
            "document_type": "citizenship",
            "document_number": f"27-01-70-{time.time_ns() % 10**9:09d}",
            "issued_district": "Lalitpur",
            "issued_date": "2074-05-12",
        }
        files = {"document_front": ("front.jpg", citizenship_front(), "image/jpeg")}
        method, want = ("PATCH", 200) if again else ("POST", 201)
        step(
            "submits a citizenship certificate" + (" again" if again else ""),
            lambda: self.api.call_expecting(method, "/api/auth/kyc", want=want, files=files, fields=fields),
        )
        waiting = operator.get("/api/admin/kyc/submissions")["kyc_submissions"]
        mine = next(item for item in waiting if item["username"] == self.username)
        picture = requests.get(mine["document_front_url"], timeout=10)
        expect(picture.status_code == 200, f"the reviewer's link answers {picture.status_code}")
        return f"/api/admin/kyc/submissions/{mine['id']}"

    def complete_kyc(self, operator: Api) -> None:
        """Complete the profile and get the KYC submission approved."""
        self.fill_in_profile()
        path = self.submit_kyc(operator)
        step("an operator approves it", lambda: operator.call_expecting("PATCH", path, {"status": "APPROVED"}))
        self.expect_can_rent()

    def expect_can_rent(self) -> None:
        expect(self.api.get("/api/auth/kyc-status")["status"] == "approved", "the KYC submission is approved")
        expect(self.api.get("/api/auth/me")["rental_eligibility"]["can_rent"], "may rent now")

    def open_top_up(self, gateway: str, amount: str) -> str:
        """Create a top-up and open its pay page. Returns the intent's id."""
        order = {"amount": amount, "payment_method": gateway}
        opened = step(
            f"opens a top-up at {gateway}",
            lambda: self.api.post("/api/payment/wallet/topup-intent", order, want=201),
        )
        page = requests.get(opened["payment_url"], timeout=10)
        expect(page.status_code == 200, f"the pay page answers {page.status_code}")
        if gateway == "esewa":
            expect("signature" in page.text, "our page carries the signed form")
        return str(opened["intent_id"])

    def pay(self, gateway: str, intent_id: str, outcome: str = "success", callback: Any = "once") -> None:
        order = {"outcome": outcome, "callback": callback}
        step(
            "pays there, and the browser comes back" if outcome == "success" else f"at the pay page: {outcome}",
            lambda: self.sandbox.post(f"/gateways/{gateway}/{intent_id}/pay", order),
        )

    def verify(self, intent_id: str) -> dict[str, Any]:
        content: dict[str, Any] = step(
            "verifies", lambda: self.api.post("/api/payment/verify-topup", {"intent_id": intent_id})
        )
        return content

    def top_up(self, gateway: str, amount: str) -> str:
        """Top up and verify the credit. Returns the intent's id."""
        before = self.wallet()["balance"]
        intent_id = self.open_top_up(gateway, amount)
        self.pay(gateway, intent_id)
        content = self.verify(intent_id)
        expect(content["status"] == "success", f"the top-up is credited: {content}")
        self.sandbox.drain()
        gained = paisa_of(self.wallet()["balance"]) - paisa_of(before)
        expect(gained == paisa_of(amount), f"the wallet has {amount} more: {gained}")
        return intent_id

    def rent(self, package: str = PACKAGE) -> dict[str, Any]:
        near = step(
            "looks for a station",
            lambda: self.api.get(f"/api/app/stations/nearby?{PULCHOWK}&radius=5&status=online&has_powerbank=true"),
        )
        expect(bool(near["results"]), "a station with a power bank is near")
        station = near["results"][0]
        options = self.options({"scenario": "pre_payment", "package_id": package})
        expect(options["is_sufficient"], f"the customer can pay: {options}")
        order = {"station_sn": station["sn"], "package_id": package}
        answer = step(f"rents at {station['name']}", lambda: self.api.call("POST", "/api/rentals/start", order))
        expect(answer.status in (201, 202), f"start answers {answer.status}: {answer.body}")
        rental: dict[str, Any] = answer.data
        self.sandbox.drain()
        rental = self.api.get(f"/api/rentals/{rental['id']}")
        expect(rental["status"] == "active", f"the rental is active: {rental}")
        expect(self.api.get("/api/rentals/active")["id"] == rental["id"], "it is the active rental")
        return rental

    def return_powerbank(self, rental: dict[str, Any], station: dict[str, Any]) -> dict[str, Any]:
        """Return the power bank at a station. Returns the ended rental."""
        content = {"powerbank_sn": rental["powerbank"]["sn"]}
        step(
            "returns the power bank",
            lambda: self.sandbox.post(f"/cabinets/{station['imei']}/return", content),
        )
        self.sandbox.drain()
        ended: dict[str, Any] = self.api.get(f"/api/rentals/{rental['id']}")
        expect(ended["ended_at"] is not None, f"the rental has ended: {ended}")
        expect(self.api.get("/api/rentals/active") is None, "nothing is active")
        return ended

    def pay_due(self, rental: dict[str, Any], gateway: str = "khalti") -> None:
        answer = self.api.call(
            "POST", "/api/rentals/start", {"station_sn": rental["station"]["sn"], "package_id": PACKAGE}
        )
        expect(answer.code == "due_unpaid", f"a due blocks the next rental: {answer.body}")
        options = self.options({"scenario": "post_payment", "rental_id": rental["id"]})
        if not options["is_sufficient"]:
            least = next(item["min_amount"] for item in options["payment_methods"] if item["id"] == gateway)
            self.top_up(gateway, max(options["suggested_topup"], least, key=paisa_of))
        paid = step("pays the due", lambda: self.api.post(f"/api/rentals/{rental['id']}/pay-due"))
        expect(paid["rental_status"] == "completed", f"the due is paid: {paid}")
        expect(paisa_of(self.wallet()["due"]) == 0, "no due is left")

    def read_history(self) -> None:
        lines = self.api.get("/api/user/transactions")["results"]
        rentals = self.api.get("/api/rentals/history")["results"]
        print(
            f"           {len(rentals)} rentals, {len(lines)} wallet lines: "
            + ", ".join(item["type"] for item in lines)
        )
        expect(all(line["status"] != "pending" for line in lines), f"nothing is pending: {lines}")
        me = self.api.get("/api/auth/me")
        print(f"           balance {me['wallet']['balance']}, points {me['points']['current']}")

    def options(self, question: dict[str, str]) -> dict[str, Any]:
        content: dict[str, Any] = self.api.post("/api/payment/calculate-options", question)
        return content

    def wallet(self) -> dict[str, Any]:
        content: dict[str, Any] = self.api.get("/api/user/wallet")
        return content
