"""The payment steps of the full day: top-ups, statement, refunds."""

from typing import Any

from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.services import outbox
from chalicelib.services.reconciliation import reversal_checks
from chalicelib.services.refunds import payouts
from chalicelib.services.rewards import messages
from chalicelib.services.topups import payment_events
from infra.local.seeds import seed
from tests.scenarios.day_client import COLLEAGUE, PHONE, DayClient
from tests.world.builders import CIVIL, LABIM, operator_account
from tests.world.forms import FORM, form
from tests.world.pictures import phone_photo


class MoneySteps(DayClient):
    """Steps that move money."""

    def browse_stations(self) -> None:
        assert self.request("GET", "/api/app/stations?limit=2&has_powerbank=true&lat=27.7&lng=85.3").data[
            "next_cursor"
        ]
        assert not self.request("GET", "/api/app/version?platform=android&current_version=1.4.0").data["is_mandatory"]
        assert self.request("GET", "/api/app/health").data["status"] == "ok"
        assert self.request("GET", "/api/app/banners").data["results"]
        assert self.request("GET", "/api/app/countries").data["results"][0]["code"] == "NP"
        assert self.request("GET", "/api/app/stations/nearby?lat=27.6776&lng=85.3188&radius=10").data["results"]
        assert self.request("GET", f"/api/app/stations/{LABIM.sn}").data["slots"]
        for sn in (LABIM.sn, CIVIL.sn):
            assert self.request("POST", f"/api/stations/{sn}/favorite").data == {"sn": sn, "is_favorite": True}
        self.request("DELETE", f"/api/stations/{CIVIL.sn}/favorite")
        assert [item["sn"] for item in self.request("GET", "/api/stations/favorites").data["results"]] == [LABIM.sn]
        self.report_station()
        self.request("GET", "/api/payment/packages?payment_model=prepaid")
        self.request("GET", "/api/payment/methods")

    def report_station(self) -> None:
        raw, kind = form({}, "file", phone_photo())
        image = self.request("POST", "/api/app/upload", raw=raw, headers={"Content-Type": kind}).data
        report = {"issue_type": "slot_error", "description": "slot 3 is jammed", "images": [image["id"]]}
        reported = self.request("POST", f"/api/stations/{LABIM.sn}/report-issue", report).data
        assert self.request("GET", "/api/stations/my-reports").data["results"] == [reported]
        (listed,) = self.request("GET", f"/api/stations/{LABIM.sn}/issues").data["results"]
        assert listed["id"] == reported["id"]

    def intent(self, amount: str, method: str) -> Any:
        order = {"amount": amount, "payment_method": method, "return_url": "bijuli://topup"}
        return self.request("POST", "/api/payment/wallet/topup-intent", order).data

    def pay(self, amount: str) -> None:
        """A top-up at Khalti, paid and verified."""
        opened = self.intent(amount, "khalti")
        paisa = int(amount.replace(".", ""))
        reference = f"paid-{opened['intent_id']}"
        self.network.fake_world.khalti.payment_statuses[opened["intent_id"]] = PaymentStatus(
            PaymentState.PAID, reference, paisa
        )
        pidx = opened["payment_url"].replace("https://pay.example.com/", "ref-")
        assert (
            self.request("GET", f"/api/payment/webhook/khalti?pidx={pidx}").headers["Location"].startswith("bijuli:")
        )
        self.request("POST", "/api/payment/webhook/khalti", {"pidx": pidx, "mobile": PHONE})
        answer = self.request(
            "POST", "/api/payment/verify-topup", {"intent_id": opened["intent_id"], "pidx": pidx}
        ).data
        assert answer["status"] == "success"
        self.handle_payment_events()

    def handle_payment_events(self) -> None:
        for body in self.take(outbox.PAYMENT_EVENTS):
            payment_events.handle_payment_event(
                self.network.world,
                body["user_id"],
                body["intent_id"],
                body["message_id"],
                is_reversal=body["is_reversal"],
            )

    def top_up(self) -> None:
        self.pay("40.00")
        opened = self.intent("50.00", "esewa")
        assert "<form" in self.request("GET", opened["payment_url"].removeprefix("https://api.example.com")).text
        text = f"signed:{opened['intent_id']}-1"
        self.request("GET", f"/api/payment/webhook/esewa?data={text}")
        self.request(
            "POST", "/api/payment/webhook/esewa", raw=f"data={text}".encode(), headers={"Content-Type": FORM}
        )
        assert self.request("GET", f"/api/payment/status/{opened['intent_id']}").data["status"] == "pending"
        self.request("POST", f"/api/payment/cancel/{opened['intent_id']}", {})
        self.top_up_at_stripe()

    def top_up_at_stripe(self) -> None:
        """Create a top-up, cancel it on Stripe's page, and receive an event about it."""
        order_ref = self.intent("200.00", "stripe")["intent_id"] + "-1"
        self.request("GET", f"/api/payment/webhook/stripe?order_ref={order_ref}&outcome=cancel")
        event = {"id": "evt_1", "order_ref": order_ref, "customer_details": {"phone": PHONE}}
        signed = {"Stripe-Signature": "signed"}
        assert self.request("POST", "/api/payment/webhook/stripe", event, headers=signed).data["received"]
        self.review_top_up(order_ref.removesuffix("-1"))

    def review_top_up(self, intent_id: str) -> None:
        """A top-up paid with another amount, which an operator rechecks and closes."""
        self.network.fake_world.stripe.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, "pi_1", 19_900)
        assert (
            self.request("POST", "/api/payment/verify-topup", {"intent_id": intent_id}).data["status"] == "disputed"
        )
        mine, self.token = self.token, None
        operator = {"email": seed.ADMIN_EMAIL, "password": seed.ADMIN_PASSWORD}
        opened = self.request("POST", "/api/admin/login", operator).data
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        self.token = opened["access_token"]
        assert [item["id"] for item in self.request("GET", "/api/admin/intents").data["intents"]] == [intent_id]
        for action in ("RECHECK", "CLOSE"):
            self.request(
                "POST", f"/api/admin/intents/{intent_id}/resolve", {"action": action, "note": "one rupee less"}
            )
        self.token = mine

    def read_history(self) -> None:
        """Read the statement page by page. Each page opens with the previous closing balance."""
        cursor: str | None = ""
        closing = "0.00"
        while cursor is not None:
            page = self.request("GET", f"/api/user/statement?limit=3{cursor}").data
            assert page["opening_balance"] == closing
            closing = page["closing_balance"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert closing == self.request("GET", "/api/user/wallet").data["balance"]

    def request_refunds(self) -> None:
        """Request refunds of four top-ups: approved, rejected, processed by the dashboard's route, closed by hand. An
        operator requests one more."""
        approved, rejected, processed, closed = (self.refund_of(self.top_up_again()) for _ in range(4))
        assert len(self.request("GET", "/api/payment/refunds").data["results"]) == 4
        self.request_as_operator("GET", "/api/admin/refunds/pending")
        self.decide(approved, "approve", {"admin_notes": "seen"})
        self.decide(rejected, "reject", {"reason": "spent"})
        self.decide(processed, "process", {"action": "APPROVE"})
        self.send_refunds()
        self.network.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
        self.decide(closed, "approve", {})
        self.send_refunds()
        outcome = {"outcome": "PAID", "admin_notes": "the portal shows it", "reference": "theirs"}
        assert self.decide(closed, "close", outcome)["status"] == "PROCESSED"
        refund_request = {"transaction_id": self.top_up_again(), "reason": "asked for by phone"}
        refund = self.request_as_operator(
            "POST", "/api/admin/refunds", refund_request, email=self.second_operator()
        ).data
        assert self.decide(refund["id"], "reject", {"reason": "spent"})["status"] == "REJECTED"
        self.handle_payment_events()
        answer = self.request_as_operator("GET", "/api/admin/refunds?status=PROCESSED").data["results"]
        assert {item["id"] for item in answer} == {approved, processed, closed}

    def decide_reversal(self) -> None:
        """The gateway gives a part of the newest top-up back. The daily check finds it, and an operator decides."""
        newest = self.request("GET", "/api/user/transactions?type=topup").data["results"][0]
        status = PaymentStatus(PaymentState.PARTLY_REFUNDED, "desk", 10_000, refunded_paisa=3_000)
        self.network.fake_world.khalti.payment_statuses[newest["intent_id"]] = status
        reversal_checks.run(self.network.world, lambda: 900.0)
        (reversal,) = self.request_as_operator("GET", "/api/admin/reversals").data["results"]
        assert (reversal["intent_id"], reversal["outstanding_amount"]) == (newest["intent_id"], "30.00")
        decision = {"action": "TAKE_BACK", "note": "the portal shows it"}
        url = f"/api/admin/reversals/{newest['intent_id']}/resolve"
        assert self.request_as_operator("POST", url, decision).data["wallet_amount"] == "30.00"

    def second_operator(self) -> str:
        """The e-mail of another operator, who requests refunds that the first one decides."""
        operator_account(self.network.world, COLLEAGUE, seed.ADMIN_PASSWORD, Role.FINANCE)
        return COLLEAGUE

    def top_up_again(self) -> str:
        """Top up once more and award its points. Returns the transaction id."""
        self.pay("100.00")
        for body in self.take(outbox.POINTS):
            messages.handle(self.network.world, body)
        transaction_id: str = self.request("GET", "/api/user/transactions?type=topup").data["results"][0]["id"]
        return transaction_id

    def refund_of(self, transaction: str) -> str:
        reply = self.request("POST", f"/api/payment/refund/{transaction}", {"reason": "by mistake"})
        refund_id: str = reply.data["refund_id"]
        return refund_id

    def decide(self, refund_id: str, verb: str, body: Any) -> Any:
        return self.request_as_operator("POST", f"/api/admin/refunds/{refund_id}/{verb}", body).data

    def send_refunds(self) -> None:
        for body in self.take(outbox.REFUNDS):
            payouts.deliver(self.network.world, body)
