"""One customer's whole day through every door of the app, told as a client and the companies around it would."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.days import day_of
from chalicelib.domain.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.services import outbox
from chalicelib.services.auth.otp import deliver
from chalicelib.services.media import deletion as media_deletion
from chalicelib.services.notifications import push
from chalicelib.services.reconciliation import comparison
from chalicelib.services.refunds import payouts
from chalicelib.services.rewards import points
from chalicelib.services.stations import listings
from chalicelib.services.topups import crediting
from chalicelib.services.users import deletion
from infra.local import seed
from infra.local.images import citizenship_front
from tests.builders import CIVIL, LABIM, operator_account
from tests.http_client import Reply, request, route_of
from tests.network import EJECTED, HOUR, PAY_AS_YOU_GO, Network
from tests.pictures import PLACE, phone_photo

PHONE, EMAIL, DOCUMENT_NUMBER = "+9779841999001", "sita.canary@example.com", "27-01-70-98765"
PUSH_TOKEN, NEXT_PUSH_TOKEN = "cK3xPushCanary:APA91bFirst", "cK3xPushCanary:APA91bSecond"
WRONG_CODE = "000000"


@dataclass
class FullDay:
    """What was asked, and everything that nobody else may ever see of it."""

    network: Network
    routes_used: set[str] = field(default_factory=set)
    secrets: set[str] = field(
        default_factory=lambda: {
            PHONE[4:],
            EMAIL,
            DOCUMENT_NUMBER,
            PLACE,
            seed.ADMIN_PASSWORD,
            PUSH_TOKEN,
            NEXT_PUSH_TOKEN,
        }
    )
    queued: list[dict[str, Any]] = field(default_factory=list)
    token: str | None = None
    refresh: str = ""

    def live(self) -> None:
        listings.refresh_listing_page(self.network.world, "0")
        self.sign_up()
        self.register_device()
        self.add_email()
        self.submit_kyc()
        self.read_notifications()
        self.browse_stations()
        self.top_up()
        self.rent_and_return_late()
        self.pay_due()
        self.rent_postpaid()
        self.read_history()
        self.request_refunds()
        self.request("POST", "/api/auth/logout", {"refresh": self.refresh})
        self.delete_account()

    def request(self, method: str, url: str, body: Any = None, **more: Any) -> Reply:
        """An answer that is a success."""
        reply = request(app, method, url, body, token=self.token, **more)
        assert reply.status < 400, (url, reply.text)
        self.routes_used.add(f"{method} {route_of(app, method, url.partition('?')[0])[0]}")
        return reply

    def prove(self, identifier: str = PHONE) -> str:
        """A verification token for the phone or the address; a wrong guess comes first."""
        self.network.fake_world.clock.advance(minutes=2)
        asked = self.request("POST", "/api/auth/get-otp", {"identifier": identifier}).data
        for body in self.take(outbox.OTP):
            deliver(self.network.world, body)
        sent = self.network.fake_world.sms.sent if identifier == PHONE else self.network.fake_world.mail.sent
        code = sent[-1][-1].split(" ", maxsplit=1)[0]
        proof = {"identifier": identifier, "challenge_id": asked["challenge_id"]}
        assert request(app, "POST", "/api/auth/verify-otp", proof | {"otp": WRONG_CODE}).code == "otp_wrong"
        token: str = self.request("POST", "/api/auth/verify-otp", proof | {"otp": code}).data["verification_token"]
        self.secrets |= {code, token}
        return token

    def take(self, queue: str) -> list[dict[str, Any]]:
        found = self.network.fake_world.queues.take(queue)
        self.queued += found
        return found

    def hold(self, tokens: Any) -> None:
        self.secrets |= {tokens["access"], tokens["refresh"]}
        self.token, self.refresh = tokens["access"], tokens["refresh"]

    def sign_up(self) -> None:
        proof = {"identifier": PHONE, "verification_token": self.prove()}
        self.hold(self.request("POST", "/api/auth/register", proof | {"username": "sita_g"}).data["tokens"])
        for body in self.take(outbox.POINTS):
            points.award(self.network.world, body)
        self.request("GET", "/api/auth/me")
        who = {"full_name": "Sita Gurung", "date_of_birth": "1996-04-13", "address": "Patan Dhoka"}
        self.request("PUT", "/api/user/profile", who)
        self.request("PATCH", "/api/user/profile", {"language": "ne"})
        self.upload_avatar()
        assert self.request("GET", "/api/user/profile").data["is_profile_complete"]

    def register_device(self) -> None:
        device = {"device_id": "a3f1c2d4", "device_type": "android", "device_name": "Galaxy A15", "os_version": "14"}
        self.request("POST", "/api/auth/device", device | {"fcm_token": PUSH_TOKEN})
        reply = self.request(
            "PUT", "/api/auth/device", device | {"fcm_token": NEXT_PUSH_TOKEN, "app_version": "1.4.0"}
        )
        assert reply.data["fcm_token"] == NEXT_PUSH_TOKEN

    def upload_avatar(self) -> None:
        """A picture through us becomes the avatar; a film goes straight to the media store."""
        raw, kind = form({}, "file", phone_photo())
        answer = self.request("POST", "/api/app/upload", raw=raw, headers={"Content-Type": kind}).data
        self.request("PATCH", "/api/user/profile", {"avatar_url": answer["file_url"]})
        film = {"file_name": "tour.mp4", "content_type": "video/mp4", "size": 20_000_000}
        answer = self.request("POST", "/api/app/upload", film).data
        self.secrets.add(answer["upload"]["fields"]["signature"])

    def add_email(self) -> None:
        tokens = {"identifier_token": self.prove(EMAIL), "verification_token": self.prove()}
        known = self.request("PATCH", "/api/user/profile", {"email": EMAIL, **tokens}).data
        assert (known["email"], known["phone_number"]) == (EMAIL, PHONE)

    def submit_kyc(self) -> None:
        raw, kind = kyc_form()
        for method in ("POST", "PATCH"):
            self.request(method, "/api/auth/kyc", raw=raw, headers={"Content-Type": kind})
        for body in self.take(outbox.ERASURE):
            media_deletion.delete_file(self.network.world, body)
        mine, self.token = self.token, self.operator_token()
        waiting = self.request("GET", "/api/admin/kyc/submissions").data["kyc_submissions"]
        self.request("PATCH", f"/api/admin/kyc/submissions/{waiting[0]['id']}", {"status": "APPROVED"})
        them = f"/api/admin/users/{waiting[0]['user_id']}/status"
        assert self.request("PATCH", them, {"status": "BANNED", "reason": "a test"}).data["new_status"] == "BANNED"
        assert self.request("POST", them, {"status": "active"}).data["new_status"] == "ACTIVE"
        assert self.request("GET", "/api/admin/system/audit").data["ok"]
        self.reconcile_gateways()
        self.token = mine
        assert self.request("GET", "/api/auth/kyc-status").data["status"] == "approved"

    def read_notifications(self) -> None:
        """By a push to the newest token, and in the app."""
        for body in self.take(outbox.PUSH):
            push.deliver(self.network.world, body)
        assert [token for token, *_ in self.network.fake_world.push.sent] == [NEXT_PUSH_TOKEN]
        answer = self.request("GET", "/api/user/notifications?type=kyc_status&is_read=false").data
        assert answer["unread_count"] == 1
        path = f"/api/user/notification/{answer['results'][0]['id']}"
        assert self.request("POST", path, {}).data["is_read"]
        self.request("DELETE", path)
        assert self.request("POST", "/api/user/notifications/mark-all-read", {}).data["unread_count"] == 0

    def operator_token(self, email: str = seed.ADMIN_EMAIL) -> str:
        """An operator signs in."""
        customers, self.token = self.token, None
        operator = {"email": email, "password": seed.ADMIN_PASSWORD}
        opened = self.request("POST", "/api/admin/login", operator).data
        self.token = customers
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        token: str = opened["access_token"]
        return token

    def reconcile_gateways(self) -> None:
        """Yesterday's report, asked for, written and downloaded."""
        yesterday = day_of(self.network.world.now()) - timedelta(days=1)
        url = f"/api/admin/reconciliation/{yesterday}"
        assert self.request("POST", url, {}).data["results"]
        comparison.run(self.network.world, lambda: 900.0)
        assert self.request("GET", f"/api/admin/reconciliation?from={yesterday}").data["results"]
        assert {item["status"] for item in self.request("GET", url).data["reports"]} == {"DONE"}
        assert self.request("GET", f"{url}/csv").text.startswith("day,gateway,outcome")

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
        self.request("GET", "/api/payment/packages?payment_model=prepaid")
        self.request("GET", "/api/payment/methods")

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
        for body in self.take(outbox.PAYMENT_EVENTS):
            crediting.handle_payment_event(self.network.world, body["user_id"], body["intent_id"], body["message_id"])

    def top_up(self) -> None:
        self.pay("20.00")
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
        """Begun, given up on Stripe's page, and told of by an event."""
        order_ref = self.intent("200.00", "stripe")["intent_id"] + "-1"
        self.request("GET", f"/api/payment/webhook/stripe?order_ref={order_ref}&outcome=cancel")
        event = {"id": "evt_1", "order_ref": order_ref, "customer_details": {"phone": PHONE}}
        signed = {"Stripe-Signature": "signed"}
        assert self.request("POST", "/api/payment/webhook/stripe", event, headers=signed).data["received"]
        self.review_top_up(order_ref.removesuffix("-1"))

    def review_top_up(self, intent_id: str) -> None:
        """Another amount was paid, and an operator looks again and closes it."""
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

    def rent_and_return_late(self) -> None:
        question = {"scenario": "pre_payment", "package_id": HOUR}
        assert self.request("POST", "/api/payment/calculate-options", question).data["is_sufficient"]
        order = {"station_sn": LABIM.sn, "package_id": HOUR}
        headers = {"Idempotency-Key": "the only one"}
        started = self.request("POST", "/api/rentals/start", order, headers=headers)
        assert self.request("POST", "/api/rentals/start", order, headers=headers).text == started.text
        bank = started.data["powerbank"]["sn"]
        self.network.fake_world.clock.advance(seconds=2)
        self.network.report_eject(LABIM, bank, EJECTED)
        assert self.request("GET", "/api/rentals/active").data["status"] == "active"
        self.network.fake_world.clock.advance(minutes=5)
        self.renew()
        self.network.fake_world.clock.advance(hours=5)
        self.network.report_return(LABIM, bank)

    def renew(self) -> None:
        """The next pair of tokens, as an app asks for before the old ends."""
        reply = self.request("POST", "/api/auth/refresh", {"refresh": self.refresh})
        assert reply.body["access"] == reply.data["access"]
        self.hold(reply.data["tokens"])

    def pay_due(self) -> None:
        self.sign_in_again()
        rental = self.request("GET", "/api/rentals/history?status=due").data["results"][0]
        self.pay("200.00")
        assert self.request("GET", f"/api/rentals/{rental['id']}").data["status"] == "due"
        assert self.request("POST", f"/api/rentals/{rental['id']}/pay-due", {}).data["account_unblocked"]
        assert self.request("GET", "/api/user/wallet").data["due"] == "0.00"
        used = self.request("GET", "/api/user/analytics/usage-stats").data
        assert (used["total_rentals"], used["late_returns"], used["timely_returns"]) == (1, 1, 0)
        assert self.request("GET", "/api/user/transactions?limit=3").data["next_cursor"]

    def rent_postpaid(self) -> None:
        """Postpaid: brought back within the hour, by somebody who pays on the spot."""
        order = {"station_sn": CIVIL.sn, "package_id": PAY_AS_YOU_GO}
        self.network.report_snapshot(CIVIL)
        started = self.request("POST", "/api/rentals/start", order).data
        assert (started["payment"]["model"], started["payment_status"]) == ("postpaid", "pending")
        self.network.fake_world.clock.advance(seconds=2)
        self.network.report_eject(CIVIL, started["powerbank"]["sn"], EJECTED)
        self.network.fake_world.clock.advance(minutes=10)
        self.network.report_return(CIVIL, started["powerbank"]["sn"])
        due = self.request("POST", "/api/payment/calculate-options", {"scenario": "post_payment"}).data
        assert (due["total_amount"], due["is_sufficient"]) == ("20.00", True)
        body = {"scenario": "post_payment", "rental_id": due["rental_id"], "amount": due["total_amount"]}
        assert self.request("POST", f"/api/rentals/{started['id']}/pay-due", body).data["account_unblocked"]

    def read_history(self) -> None:
        """The statement, page by page: each opens with what the one before closed with."""
        cursor: str | None = ""
        closing = "0.00"
        while cursor is not None:
            page = self.request("GET", f"/api/user/statement?limit=3{cursor}").data
            assert page["opening_balance"] == closing
            closing = page["closing_balance"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert closing == self.request("GET", "/api/user/wallet").data["balance"]

    def request_refunds(self) -> None:
        """Four top-ups asked back: granted, refused, granted by the dashboard's words, and ended by hand; one more is
        asked for by an operator."""
        granted, refused, processed, closed = (self.refund_of(self.top_up_again()) for _ in range(4))
        assert len(self.request("GET", "/api/payment/refunds").data["results"]) == 4
        self.request_as_operator("GET", "/api/admin/refunds/pending")
        self.decide(granted, "approve", {"admin_notes": "seen"})
        self.decide(refused, "reject", {"reason": "spent"})
        self.decide(processed, "process", {"action": "APPROVE"})
        self.send_refunds()
        self.network.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
        self.decide(closed, "approve", {})
        self.send_refunds()
        found_out = {"outcome": "PAID", "admin_notes": "the portal shows it", "reference": "theirs"}
        assert self.decide(closed, "close", found_out)["status"] == "PROCESSED"
        rung_up = {"transaction_id": self.top_up_again(), "reason": "asked for by phone"}
        asked = self.request_as_operator("POST", "/api/admin/refunds", rung_up, email=self.second_operator()).data
        assert self.decide(asked["id"], "reject", {"reason": "spent"})["status"] == "REJECTED"
        answer = self.request_as_operator("GET", "/api/admin/refunds?status=PROCESSED").data["results"]
        assert {item["id"] for item in answer} == {granted, processed, closed}

    def second_operator(self) -> str:
        """The e-mail of another operator: who opens a refund does not decide it."""
        email = "colleague@example.com"
        operator_account(self.network.world, email, seed.ADMIN_PASSWORD, Role.FINANCE)
        return email

    def top_up_again(self) -> str:
        """One more top-up, its points given. Returns the transaction."""
        self.pay("100.00")
        for body in self.take(outbox.POINTS):
            points.award(self.network.world, body)
        found: str = self.request("GET", "/api/user/transactions?type=topup&limit=1").data["results"][0]["id"]
        return found

    def refund_of(self, transaction: str) -> str:
        reply = self.request("POST", f"/api/payment/refund/{transaction}", {"reason": "by mistake"})
        refund_id: str = reply.data["refund_id"]
        return refund_id

    def decide(self, refund_id: str, verb: str, body: Any) -> Any:
        return self.request_as_operator("POST", f"/api/admin/refunds/{refund_id}/{verb}", body).data

    def send_refunds(self) -> None:
        for body in self.take(outbox.REFUNDS):
            payouts.deliver(self.network.world, body)

    def request_as_operator(self, method: str, url: str, body: Any = None, *, email: str = seed.ADMIN_EMAIL) -> Reply:
        """As an operator."""
        mine, self.token = self.token, self.operator_token(email)
        reply = self.request(method, url, body)
        self.token = mine
        return reply

    def sign_in_again(self) -> None:
        self.token = None
        proof = {"identifier": EMAIL, "verification_token": self.prove(EMAIL)}
        self.hold(self.request("POST", "/api/auth/login", proof).data["tokens"])

    def delete_account(self) -> None:
        """For good, whatever is left in the wallet."""
        self.sign_in_again()
        self.request("DELETE", "/api/auth/account", {"forfeit_balance": True})
        self.network.fake_world.clock.advance(minutes=2)
        outbox.sweep(self.network.world)
        for body in self.take(outbox.ERASURE):
            deletion.handle_message(self.network.world, body)


FORM = "application/x-www-form-urlencoded"


def kyc_form() -> tuple[bytes, str]:
    """A submission as a browser sends it: the bytes and their content type."""
    fields = {
        "document_type": "citizenship",
        "document_number": DOCUMENT_NUMBER,
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    return form(fields, "document_front", citizenship_front())


def form(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A multipart form with one file: the bytes and their content type."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{item}\r\n' for key, item in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f.jpg"\r\n\r\n'
    raw = "".join([*parts, head]).encode() + content + b"\r\n--b--\r\n"
    return raw, "multipart/form-data; boundary=b"
