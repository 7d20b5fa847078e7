"""One customer's whole day through every door of the app, told as a client and the companies around it would."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.domain.days import day_of
from chalicelib.domain.payment import Outcome, Paid
from chalicelib.services import crediting, messages, points, reconciliation, stations
from chalicelib.services.otps import deliver
from infra.local import seed
from infra.local.images import citizenship_front
from tests.asking import Asked, ask, route_of
from tests.builders import LABIM
from tests.street import EJECTED, HOUR, Street

PHONE, PAPERS_NUMBER = "+9779841999001", "27-01-70-98765"
WRONG_CODE = "000000"


@dataclass
class Day:
    """What was asked, and everything that nobody else may ever see of it."""

    street: Street
    doors: set[str] = field(default_factory=set)
    secrets: set[str] = field(default_factory=lambda: {PHONE[4:], PAPERS_NUMBER, seed.ADMIN_PASSWORD})
    queued: list[dict[str, Any]] = field(default_factory=list)
    token: str | None = None
    refresh: str = ""

    def live(self) -> None:
        stations.refresh_board(self.street.world, "0")
        self.sign_up()
        self.hand_in_papers()
        self.look_around()
        self.top_up()
        self.rent_and_return_late()
        self.pay_what_is_due()
        self.ask("POST", "/api/auth/logout", {"refresh": self.refresh})

    def ask(self, method: str, url: str, body: Any = None, **more: Any) -> Asked:
        """An answer that is a success."""
        answer = ask(app, method, url, body, token=self.token, **more)
        assert answer.status < 400, (url, answer.text)
        self.doors.add(f"{method} {route_of(app, method, url.partition('?')[0])[0]}")
        return answer

    def prove(self) -> str:
        """A verification token for the phone; a wrong guess comes first."""
        self.street.scene.clock.pass_(minutes=2)
        asked = self.ask("POST", "/api/auth/get-otp", {"identifier": PHONE}).data
        for body in self.take(messages.OTP):
            deliver(self.street.world, body)
        code = self.street.scene.sms.sent[-1][1].split(" ", maxsplit=1)[0]
        proof = {"identifier": PHONE, "challenge_id": asked["challenge_id"]}
        assert ask(app, "POST", "/api/auth/verify-otp", proof | {"otp": WRONG_CODE}).code == "otp_wrong"
        token: str = self.ask("POST", "/api/auth/verify-otp", proof | {"otp": code}).data["verification_token"]
        self.secrets |= {code, token}
        return token

    def take(self, queue: str) -> list[dict[str, Any]]:
        found = self.street.scene.queues.take(queue)
        self.queued += found
        return found

    def hold(self, tokens: Any) -> None:
        self.secrets |= {tokens["access"], tokens["refresh"]}
        self.token, self.refresh = tokens["access"], tokens["refresh"]

    def sign_up(self) -> None:
        proof = {"identifier": PHONE, "verification_token": self.prove()}
        self.hold(self.ask("POST", "/api/auth/register", proof | {"username": "sita_g"}).data["tokens"])
        for body in self.take(messages.POINTS):
            points.award(self.street.world, body)
        self.ask("GET", "/api/auth/me")
        who = {"full_name": "Sita Gurung", "date_of_birth": "1996-04-13", "address": "Patan Dhoka"}
        self.ask("PUT", "/api/user/profile", who)
        self.ask("PATCH", "/api/user/profile", {"language": "ne"})
        assert self.ask("GET", "/api/user/profile").data["is_profile_complete"]

    def hand_in_papers(self) -> None:
        raw, kind = papers()
        for method in ("POST", "PATCH"):
            self.ask(method, "/api/auth/kyc", raw=raw, headers={"Content-Type": kind})
        mine, self.token = self.token, None
        operator = {"email": seed.ADMIN_EMAIL, "password": seed.ADMIN_PASSWORD}
        opened = self.ask("POST", "/api/admin/login", operator).data
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        self.token = opened["access_token"]
        waiting = self.ask("GET", "/api/admin/kyc/submissions").data["kyc_submissions"]
        self.ask("PATCH", f"/api/admin/kyc/submissions/{waiting[0]['user_id']}", {"status": "APPROVED"})
        assert self.ask("GET", "/api/admin/system/audit").data["ok"]
        self.hold_gateways_to_account()
        self.token = mine
        assert self.ask("GET", "/api/auth/kyc-status").data["status"] == "approved"

    def hold_gateways_to_account(self) -> None:
        """Yesterday's report, asked for, written and downloaded."""
        yesterday = day_of(self.street.world.now()) - timedelta(days=1)
        url = f"/api/admin/reconciliation/{yesterday}"
        assert self.ask("POST", url, {}).data["results"]
        reconciliation.run(self.street.world, lambda: 900.0)
        assert self.ask("GET", f"/api/admin/reconciliation?from={yesterday}").data["results"]
        assert {one["status"] for one in self.ask("GET", url).data["reports"]} == {"DONE"}
        assert self.ask("GET", f"{url}/csv").text.startswith("day,gateway,outcome")

    def look_around(self) -> None:
        assert self.ask("GET", "/api/app/stations?limit=2&has_powerbank=true&lat=27.7&lng=85.3").data["next_cursor"]
        assert self.ask("GET", "/api/app/stations/nearby?lat=27.6776&lng=85.3188&radius=10").data["results"]
        assert self.ask("GET", f"/api/app/stations/{LABIM.sn}").data["slots"]
        self.ask("GET", "/api/payment/packages?payment_model=prepaid")
        self.ask("GET", "/api/payment/methods")

    def intent(self, amount: str, method: str) -> Any:
        order = {"amount": amount, "payment_method": method, "return_url": "bijuli://topup"}
        return self.ask("POST", "/api/payment/wallet/topup-intent", order).data

    def pay(self, amount: str) -> None:
        """A top-up at Khalti, paid and verified."""
        opened = self.intent(amount, "khalti")
        paisa = int(amount.replace(".", ""))
        reference = f"paid-{opened['intent_id']}"
        self.street.scene.khalti.outcomes[opened["intent_id"]] = Outcome(Paid.PAID, reference, paisa)
        pidx = opened["payment_url"].replace("https://pay.example.com/", "ref-")
        assert self.ask("GET", f"/api/payment/webhook/khalti?pidx={pidx}").headers["Location"].startswith("bijuli:")
        self.ask("POST", "/api/payment/webhook/khalti", {"pidx": pidx, "mobile": PHONE})
        told = self.ask("POST", "/api/payment/verify-topup", {"intent_id": opened["intent_id"], "pidx": pidx}).data
        assert told["status"] == "success"
        for body in self.take(messages.PAYMENT_NEWS):
            crediting.hear_news(self.street.world, body["user_id"], body["intent_id"], body["message_id"])

    def top_up(self) -> None:
        self.pay("20.00")
        opened = self.intent("50.00", "esewa")
        assert "<form" in self.ask("GET", opened["payment_url"].removeprefix("https://api.example.com")).text
        said = f"signed:{opened['intent_id']}-1"
        self.ask("GET", f"/api/payment/webhook/esewa?data={said}")
        self.ask("POST", "/api/payment/webhook/esewa", raw=f"data={said}".encode(), headers={"Content-Type": FORM})
        assert self.ask("GET", f"/api/payment/status/{opened['intent_id']}").data["status"] == "pending"
        self.ask("POST", f"/api/payment/cancel/{opened['intent_id']}", {})
        self.top_up_at_stripe()

    def top_up_at_stripe(self) -> None:
        """Begun, given up on Stripe's page, and told of by an event."""
        order_ref = self.intent("200.00", "stripe")["intent_id"] + "-1"
        self.ask("GET", f"/api/payment/webhook/stripe?order_ref={order_ref}&outcome=cancel")
        event = {"id": "evt_1", "order_ref": order_ref, "customer_details": {"phone": PHONE}}
        signed = {"Stripe-Signature": "signed"}
        assert self.ask("POST", "/api/payment/webhook/stripe", event, headers=signed).data["received"]
        self.have_a_top_up_looked_into(order_ref.removesuffix("-1"))

    def have_a_top_up_looked_into(self, intent_id: str) -> None:
        """Another amount was paid, and an operator looks again and closes it."""
        self.street.scene.stripe.outcomes[intent_id] = Outcome(Paid.PAID, "pi_1", 19_900)
        assert self.ask("POST", "/api/payment/verify-topup", {"intent_id": intent_id}).data["status"] == "disputed"
        mine, self.token = self.token, None
        operator = {"email": seed.ADMIN_EMAIL, "password": seed.ADMIN_PASSWORD}
        opened = self.ask("POST", "/api/admin/login", operator).data
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        self.token = opened["access_token"]
        assert [one["id"] for one in self.ask("GET", "/api/admin/intents").data["intents"]] == [intent_id]
        for action in ("LOOK_AGAIN", "CLOSE"):
            self.ask("POST", f"/api/admin/intents/{intent_id}/resolve", {"action": action, "note": "one rupee less"})
        self.token = mine

    def rent_and_return_late(self) -> None:
        question = {"scenario": "pre_payment", "package_id": HOUR}
        assert self.ask("POST", "/api/payment/calculate-options", question).data["is_sufficient"]
        order = {"station_sn": LABIM.sn, "package_id": HOUR}
        headers = {"Idempotency-Key": "the only one"}
        started = self.ask("POST", "/api/rentals/start", order, headers=headers)
        assert self.ask("POST", "/api/rentals/start", order, headers=headers).text == started.text
        bank = started.data["powerbank"]["sn"]
        self.street.scene.clock.pass_(seconds=2)
        self.street.hear_eject(LABIM, bank, EJECTED)
        assert self.ask("GET", "/api/rentals/active").data["status"] == "active"
        self.street.scene.clock.pass_(minutes=5)
        self.renew()
        self.street.scene.clock.pass_(hours=5)
        self.street.hear_return(LABIM, bank)

    def renew(self) -> None:
        """The next pair of tokens, as an app asks for before the old ends."""
        told = self.ask("POST", "/api/auth/refresh", {"refresh": self.refresh})
        assert told.body["access"] == told.data["access"]
        self.hold(told.data["tokens"])

    def pay_what_is_due(self) -> None:
        self.sign_in_again()
        rental = self.ask("GET", "/api/rentals/history?status=due").data["results"][0]
        self.pay("200.00")
        assert self.ask("GET", f"/api/rentals/{rental['id']}").data["status"] == "due"
        assert self.ask("POST", f"/api/rentals/{rental['id']}/pay-due", {}).data["account_unblocked"]
        assert self.ask("GET", "/api/user/wallet").data["due"] == "0.00"
        assert self.ask("GET", "/api/user/transactions?limit=3").data["next_cursor"]

    def sign_in_again(self) -> None:
        self.token = None
        proof = {"identifier": PHONE, "verification_token": self.prove()}
        self.hold(self.ask("POST", "/api/auth/login", proof).data["tokens"])


FORM = "application/x-www-form-urlencoded"


def papers() -> tuple[bytes, str]:
    """A submission as a browser sends it: the bytes and their content type."""
    fields = {
        "document_type": "citizenship",
        "document_number": PAPERS_NUMBER,
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{one}\r\n' for name, one in fields.items()]
    head = '--b\r\nContent-Disposition: form-data; name="document_front"; filename="f.jpg"\r\n\r\n'
    return "".join(
        [*parts, head]
    ).encode() + citizenship_front() + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
