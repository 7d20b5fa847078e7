"""One customer's whole day through every door of the app, told as a client and the companies around it would."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.domain.account import Role
from chalicelib.domain.days import day_of
from chalicelib.domain.payment_gateway import Outcome, Paid, Repaid, Repayment
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
from tests.asking import Asked, ask, route_of
from tests.builders import CIVIL, LABIM, operator_account
from tests.pictures import PLACE, phone_photo
from tests.street import EJECTED, HOUR, PAY_AS_YOU_GO, Street

PHONE, EMAIL, PAPERS_NUMBER = "+9779841999001", "sita.canary@example.com", "27-01-70-98765"
PUSH_TOKEN, NEXT_PUSH_TOKEN = "cK3xPushCanary:APA91bFirst", "cK3xPushCanary:APA91bSecond"
WRONG_CODE = "000000"


@dataclass
class Day:
    """What was asked, and everything that nobody else may ever see of it."""

    street: Street
    doors: set[str] = field(default_factory=set)
    secrets: set[str] = field(
        default_factory=lambda: {
            PHONE[4:],
            EMAIL,
            PAPERS_NUMBER,
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
        listings.refresh_board(self.street.world, "0")
        self.sign_up()
        self.register_device()
        self.be_known_by_email()
        self.hand_in_papers()
        self.hear_of_it()
        self.look_around()
        self.top_up()
        self.rent_and_return_late()
        self.pay_what_is_due()
        self.rent_and_pay_afterwards()
        self.look_back()
        self.ask_money_back()
        self.ask("POST", "/api/auth/logout", {"refresh": self.refresh})
        self.leave()

    def ask(self, method: str, url: str, body: Any = None, **more: Any) -> Asked:
        """An answer that is a success."""
        answer = ask(app, method, url, body, token=self.token, **more)
        assert answer.status < 400, (url, answer.text)
        self.doors.add(f"{method} {route_of(app, method, url.partition('?')[0])[0]}")
        return answer

    def prove(self, identifier: str = PHONE) -> str:
        """A verification token for the phone or the address; a wrong guess comes first."""
        self.street.scene.clock.pass_(minutes=2)
        asked = self.ask("POST", "/api/auth/get-otp", {"identifier": identifier}).data
        for body in self.take(outbox.OTP):
            deliver(self.street.world, body)
        sent = self.street.scene.sms.sent if identifier == PHONE else self.street.scene.mail.sent
        code = sent[-1][-1].split(" ", maxsplit=1)[0]
        proof = {"identifier": identifier, "challenge_id": asked["challenge_id"]}
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
        for body in self.take(outbox.POINTS):
            points.award(self.street.world, body)
        self.ask("GET", "/api/auth/me")
        who = {"full_name": "Sita Gurung", "date_of_birth": "1996-04-13", "address": "Patan Dhoka"}
        self.ask("PUT", "/api/user/profile", who)
        self.ask("PATCH", "/api/user/profile", {"language": "ne"})
        self.show_a_face()
        assert self.ask("GET", "/api/user/profile").data["is_profile_complete"]

    def register_device(self) -> None:
        device = {"device_id": "a3f1c2d4", "device_type": "android", "device_name": "Galaxy A15", "os_version": "14"}
        self.ask("POST", "/api/auth/device", device | {"fcm_token": PUSH_TOKEN})
        told = self.ask("PUT", "/api/auth/device", device | {"fcm_token": NEXT_PUSH_TOKEN, "app_version": "1.4.0"})
        assert told.data["fcm_token"] == NEXT_PUSH_TOKEN

    def show_a_face(self) -> None:
        """A picture through us becomes the avatar; a film goes straight to the media store."""
        raw, kind = form({}, "file", phone_photo())
        told = self.ask("POST", "/api/app/upload", raw=raw, headers={"Content-Type": kind}).data
        self.ask("PATCH", "/api/user/profile", {"avatar_url": told["file_url"]})
        film = {"file_name": "tour.mp4", "content_type": "video/mp4", "size": 20_000_000}
        told = self.ask("POST", "/api/app/upload", film).data
        self.secrets.add(told["upload"]["fields"]["signature"])

    def be_known_by_email(self) -> None:
        tokens = {"identifier_token": self.prove(EMAIL), "verification_token": self.prove()}
        known = self.ask("PATCH", "/api/user/profile", {"email": EMAIL, **tokens}).data
        assert (known["email"], known["phone_number"]) == (EMAIL, PHONE)

    def hand_in_papers(self) -> None:
        raw, kind = papers()
        for method in ("POST", "PATCH"):
            self.ask(method, "/api/auth/kyc", raw=raw, headers={"Content-Type": kind})
        for body in self.take(outbox.ERASURE):
            media_deletion.erase(self.street.world, body)
        mine, self.token = self.token, self.operator_token()
        waiting = self.ask("GET", "/api/admin/kyc/submissions").data["kyc_submissions"]
        self.ask("PATCH", f"/api/admin/kyc/submissions/{waiting[0]['id']}", {"status": "APPROVED"})
        them = f"/api/admin/users/{waiting[0]['user_id']}/status"
        assert self.ask("PATCH", them, {"status": "BANNED", "reason": "a test"}).data["new_status"] == "BANNED"
        assert self.ask("POST", them, {"status": "active"}).data["new_status"] == "ACTIVE"
        assert self.ask("GET", "/api/admin/system/audit").data["ok"]
        self.hold_gateways_to_account()
        self.token = mine
        assert self.ask("GET", "/api/auth/kyc-status").data["status"] == "approved"

    def hear_of_it(self) -> None:
        """By a push to the newest token, and in the app."""
        for body in self.take(outbox.PUSH):
            push.deliver(self.street.world, body)
        assert [token for token, *_ in self.street.scene.push.sent] == [NEXT_PUSH_TOKEN]
        told = self.ask("GET", "/api/user/notifications?type=kyc_status&is_read=false").data
        assert told["unread_count"] == 1
        path = f"/api/user/notification/{told['results'][0]['id']}"
        assert self.ask("POST", path, {}).data["is_read"]
        self.ask("DELETE", path)
        assert self.ask("POST", "/api/user/notifications/mark-all-read", {}).data["unread_count"] == 0

    def operator_token(self, email: str = seed.ADMIN_EMAIL) -> str:
        """An operator signs in."""
        customers, self.token = self.token, None
        operator = {"email": email, "password": seed.ADMIN_PASSWORD}
        opened = self.ask("POST", "/api/admin/login", operator).data
        self.token = customers
        self.secrets |= {opened["access_token"], opened["refresh_token"]}
        token: str = opened["access_token"]
        return token

    def hold_gateways_to_account(self) -> None:
        """Yesterday's report, asked for, written and downloaded."""
        yesterday = day_of(self.street.world.now()) - timedelta(days=1)
        url = f"/api/admin/reconciliation/{yesterday}"
        assert self.ask("POST", url, {}).data["results"]
        comparison.run(self.street.world, lambda: 900.0)
        assert self.ask("GET", f"/api/admin/reconciliation?from={yesterday}").data["results"]
        assert {one["status"] for one in self.ask("GET", url).data["reports"]} == {"DONE"}
        assert self.ask("GET", f"{url}/csv").text.startswith("day,gateway,outcome")

    def look_around(self) -> None:
        assert self.ask("GET", "/api/app/stations?limit=2&has_powerbank=true&lat=27.7&lng=85.3").data["next_cursor"]
        assert not self.ask("GET", "/api/app/version?platform=android&current_version=1.4.0").data["is_mandatory"]
        assert self.ask("GET", "/api/app/health").data["status"] == "ok"
        assert self.ask("GET", "/api/app/banners").data["results"]
        assert self.ask("GET", "/api/app/countries").data["results"][0]["code"] == "NP"
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
        for body in self.take(outbox.PAYMENT_NEWS):
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
        used = self.ask("GET", "/api/user/analytics/usage-stats").data
        assert (used["total_rentals"], used["late_returns"], used["timely_returns"]) == (1, 1, 0)
        assert self.ask("GET", "/api/user/transactions?limit=3").data["next_cursor"]

    def rent_and_pay_afterwards(self) -> None:
        """Postpaid: brought back within the hour, by somebody who pays on the spot."""
        order = {"station_sn": CIVIL.sn, "package_id": PAY_AS_YOU_GO}
        self.street.hear_snapshot(CIVIL)
        started = self.ask("POST", "/api/rentals/start", order).data
        assert (started["payment"]["model"], started["payment_status"]) == ("postpaid", "pending")
        self.street.scene.clock.pass_(seconds=2)
        self.street.hear_eject(CIVIL, started["powerbank"]["sn"], EJECTED)
        self.street.scene.clock.pass_(minutes=10)
        self.street.hear_return(CIVIL, started["powerbank"]["sn"])
        due = self.ask("POST", "/api/payment/calculate-options", {"scenario": "post_payment"}).data
        assert (due["total_amount"], due["is_sufficient"]) == ("20.00", True)
        body = {"scenario": "post_payment", "rental_id": due["rental_id"], "amount": due["total_amount"]}
        assert self.ask("POST", f"/api/rentals/{started['id']}/pay-due", body).data["account_unblocked"]

    def look_back(self) -> None:
        """The statement, page by page: each opens with what the one before closed with."""
        cursor: str | None = ""
        closing = "0.00"
        while cursor is not None:
            page = self.ask("GET", f"/api/user/statement?limit=3{cursor}").data
            assert page["opening_balance"] == closing
            closing = page["closing_balance"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        assert closing == self.ask("GET", "/api/user/wallet").data["balance"]

    def ask_money_back(self) -> None:
        """Four top-ups asked back: granted, refused, granted by the dashboard's words, and ended by hand; one more is
        asked for by an operator."""
        granted, refused, processed, closed = (self.refund_of(self.pay_more()) for _ in range(4))
        assert len(self.ask("GET", "/api/payment/refunds").data["results"]) == 4
        self.at_the_desk("GET", "/api/admin/refunds/pending")
        self.decide(granted, "approve", {"admin_notes": "seen"})
        self.decide(refused, "reject", {"reason": "spent"})
        self.decide(processed, "process", {"action": "APPROVE"})
        self.send_refunds()
        self.street.scene.khalti.repayment = Repayment(Repaid.BY_HAND)
        self.decide(closed, "approve", {})
        self.send_refunds()
        found_out = {"outcome": "PAID", "admin_notes": "the portal shows it", "reference": "theirs"}
        assert self.decide(closed, "close", found_out)["status"] == "PROCESSED"
        rung_up = {"transaction_id": self.pay_more(), "reason": "asked for by phone"}
        asked = self.at_the_desk("POST", "/api/admin/refunds", rung_up, email=self.colleague()).data
        assert self.decide(asked["id"], "reject", {"reason": "spent"})["status"] == "REJECTED"
        told = self.at_the_desk("GET", "/api/admin/refunds?status=PROCESSED").data["results"]
        assert {one["id"] for one in told} == {granted, processed, closed}

    def colleague(self) -> str:
        """The e-mail of another operator: who opens a refund does not decide it."""
        email = "colleague@example.com"
        operator_account(self.street.world, email, seed.ADMIN_PASSWORD, Role.FINANCE)
        return email

    def pay_more(self) -> str:
        """One more top-up, its points given. Returns the transaction."""
        self.pay("100.00")
        for body in self.take(outbox.POINTS):
            points.award(self.street.world, body)
        found: str = self.ask("GET", "/api/user/transactions?type=topup&limit=1").data["results"][0]["id"]
        return found

    def refund_of(self, transaction: str) -> str:
        asked = self.ask("POST", f"/api/payment/refund/{transaction}", {"reason": "by mistake"})
        refund_id: str = asked.data["refund_id"]
        return refund_id

    def decide(self, refund_id: str, verb: str, body: Any) -> Any:
        return self.at_the_desk("POST", f"/api/admin/refunds/{refund_id}/{verb}", body).data

    def send_refunds(self) -> None:
        for body in self.take(outbox.REFUNDS):
            payouts.deliver(self.street.world, body)

    def at_the_desk(self, method: str, url: str, body: Any = None, *, email: str = seed.ADMIN_EMAIL) -> Asked:
        """As an operator."""
        mine, self.token = self.token, self.operator_token(email)
        answer = self.ask(method, url, body)
        self.token = mine
        return answer

    def sign_in_again(self) -> None:
        self.token = None
        proof = {"identifier": EMAIL, "verification_token": self.prove(EMAIL)}
        self.hold(self.ask("POST", "/api/auth/login", proof).data["tokens"])

    def leave(self) -> None:
        """For good, whatever is left in the wallet."""
        self.sign_in_again()
        self.ask("DELETE", "/api/auth/account", {"forfeit_balance": True})
        self.street.scene.clock.pass_(minutes=2)
        outbox.sweep(self.street.world)
        for body in self.take(outbox.ERASURE):
            deletion.hear(self.street.world, body)


FORM = "application/x-www-form-urlencoded"


def papers() -> tuple[bytes, str]:
    """A submission as a browser sends it: the bytes and their content type."""
    fields = {
        "document_type": "citizenship",
        "document_number": PAPERS_NUMBER,
        "issued_district": "Lalitpur",
        "issued_date": "2074-05-12",
    }
    return form(fields, "document_front", citizenship_front())


def form(fields: dict[str, str], name: str, content: bytes) -> tuple[bytes, str]:
    """A multipart form with one file: the bytes and their content type."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{one}\r\n' for key, one in fields.items()]
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f.jpg"\r\n\r\n'
    raw = "".join([*parts, head]).encode() + content + b"\r\n--b--\r\n"
    return raw, "multipart/form-data; boundary=b"
