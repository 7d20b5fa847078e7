"""A network with rows of every kind, so that some of the fuzzer's requests find one."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.domain.text.days import day_of
from chalicelib.services import outbox
from chalicelib.services.auth import otp, otp_delivery
from chalicelib.services.reconciliation import comparison
from chalicelib.services.stations import listing_refresh
from infra.local.seeds import seed
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.builders import LABIM, SignedIn, phone, sign_in
from tests.world.forms import kyc_form
from tests.world.http_client import request
from tests.world.network import HOUR, Network
from tests.world.pictures import phone_photo
from tests.world.tokens import bad_tokens, token_for

OPERATORS = (Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE, Role.SUPPORT)
ANONYMOUS, IMPOSTOR, CUSTOMER, DEBTOR = "anonymous", "impostor", "customer", "debtor"
SUPER_ADMIN = str(Role.SUPER_ADMIN)
ROLES = (ANONYMOUS, IMPOSTOR, CUSTOMER, DEBTOR, *map(str, OPERATORS))
PASSWORD = "a password"
NEWCOMER, GUEST = 700, 701
"""Phone numbers: one without an account, and one of a user who signs in again."""


@dataclass
class Population:
    """Tokens by role, and existing values by the name of their field or parameter."""

    network: Network
    tokens: dict[str, str] = field(default_factory=dict)
    known_values: dict[str, list[Any]] = field(default_factory=dict)

    def fill(self) -> "Population":
        self.scenario = RefundScenario(self.network, deciding_operator=SUPER_ADMIN)
        self.operators()
        self.money()
        self.rentals()
        self.documents()
        self.codes()
        self.reports()
        listing_refresh.refresh(self.network.world)
        return self

    def know(self, **values: Any) -> None:
        for name, value in values.items():
            self.known_values.setdefault(name, []).append(value)

    def operators(self) -> None:
        for role in OPERATORS:
            email = f"{role}@office.example"
            admin = seed.add_operator(self.network.world, email, PASSWORD, role)
            self.tokens[role] = self._token(sign_in(self.network.world, admin))
            self.know(email=email)
        self.know(password=PASSWORD)
        self.tokens[IMPOSTOR] = bad_tokens(self.network.world, self.network.sessions[self.scenario.user])["wrong key"]
        self.tokens[CUSTOMER] = self._token(self.network.sessions[self.scenario.user])
        self.know(user_id=self.scenario.user)

    def money(self) -> None:
        """Refunds in four states, a refundable payment, a pending top-up, and one in review."""
        requested, sent, unsent, closed = (self.scenario.request_refund(self.scenario.top_up()) for _ in range(4))
        self.scenario.approve(sent)
        self.scenario.send()
        self.network.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
        self.scenario.approve(closed)
        self.scenario.send()
        self.network.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.DONE)
        self.scenario.approve(unsent)
        for refund in (requested, sent, unsent, closed):
            self.know(refund_id=refund.refund_id)
        self.know(transaction_id=self.scenario.top_up())
        pending, disputed = self.network.open_topup(self.scenario.user), self.network.open_topup(self.scenario.user)
        self.network.fake_world.khalti.payment_statuses[disputed] = PaymentStatus(PaymentState.PAID, "pi_1", 1)
        request(app, "POST", "/api/payment/verify-topup", {"intent_id": disputed}, token=self.tokens[CUSTOMER])
        self.know(intent_id=pending, pidx=f"ref-{pending}-1", order_ref=f"{pending}-1", data=f"signed:{pending}-1")
        self.know(intent_id=disputed, payment_method="khalti", amount="100.00", return_url="bijuli://topup")

    def rentals(self) -> None:
        """A completed rental, a due one, and an active one."""
        debtor = self.network.customer(wallet_paisa=5_000)
        self.tokens[DEBTOR] = self._token(self.network.sessions[debtor])
        for user, hours in ((self.scenario.user, 0), (debtor, 6)):
            rental = self.network.rented(user)
            self.network.fake_world.clock.advance(minutes=5, hours=hours)
            self.network.report_return(LABIM, rental.powerbank_sn)
            self.know(rental_id=rental.rental_id, user_id=user)
        other = self.network.rented(self.network.customer())
        self.know(rental_id=other.rental_id, powerbank_sn=other.powerbank_sn, user_id=other.user_id)
        self.scenario.station_becomes_free()
        self.network.report_snapshot(LABIM, without=other.powerbank_sn)
        self.know(sn=LABIM.sn, station_sn=LABIM.sn, package_id=HOUR)
        self.know(package_id="pay-as-you-go", powerbank_sn=next(filter(None, (b for b, _ in LABIM.slots().values()))))

    def documents(self) -> None:
        """Uploads, a pending KYC submission, a device and notifications."""
        world, token = self.network.world, self.tokens[CUSTOMER]
        raw, kind = kyc_form()
        newcomer = seed.add_customer(world, phone(GUEST), "guest")
        guest = self._token(sign_in(world, newcomer))
        request(app, "POST", "/api/auth/kyc", token=guest, raw=raw, headers={"Content-Type": kind})
        self.know(user_id=newcomer)
        answer = request(app, "GET", "/api/user/notifications", token=token).data["results"]
        self.know(notification_id=answer[0]["id"])
        boundary = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n%s\r\n--b\r\n'
        part = b'Content-Disposition: form-data; name="file"; filename="f.jpg"\r\n\r\n'
        for purpose in (b"general", b"kyc"):
            raw = boundary % purpose + part + phone_photo() + b"\r\n--b--\r\n"
            headers = {"Content-Type": "multipart/form-data; boundary=b"}
            upload = request(app, "POST", "/api/app/upload", token=token, raw=raw, headers=headers).data
            self.know(
                **({"avatar_url": upload["file_url"]} if upload["file_url"] else {"document_front": upload["id"]})
            )
        self.know(document_number="27-01-70-98001", issued_date="2074-05-12", device_id="a3f1c2d4")

    def codes(self) -> None:
        """Pending codes and proofs, of a registered number and of an unregistered one."""
        self.network.fake_world.clock.advance(minutes=5)
        for number in (NEWCOMER, GUEST):
            opened = otp.request_code(self.network.world, phone(number), "192.0.2.9")
            self._deliver()
            code = self.network.fake_world.sms.sent[-1][-1].split(" ", maxsplit=1)[0]
            proof = otp.verify(self.network.world, phone(number), code, opened.public_id)
            self.know(identifier=phone(number), verification_token=proof.token, phone_number=phone(number))
        self.network.fake_world.clock.advance(minutes=5)
        opened = otp.request_code(self.network.world, phone(NEWCOMER + 9), "192.0.2.9")
        self._deliver()
        code = self.network.fake_world.sms.sent[-1][-1].split(" ", maxsplit=1)[0]
        self.know(identifier=phone(NEWCOMER + 9), challenge_id=opened.public_id, otp=code)
        signed_in = self._sign_in()
        self.know(refresh=signed_in["tokens"]["refresh"])

    def _token(self, session: SignedIn) -> str:
        """An access token that is valid on every day of the population."""
        return token_for(self.network.world, session, lives=timedelta(days=9))

    def _sign_in(self) -> Any:
        proof = {"identifier": phone(GUEST), "verification_token": self.known_values["verification_token"][1]}
        signed_in = request(app, "POST", "/api/auth/login", proof).data
        self.network.fake_world.clock.advance(minutes=5)
        opened = otp.request_code(self.network.world, phone(GUEST), "192.0.2.9")
        self._deliver()
        code = self.network.fake_world.sms.sent[-1][-1].split(" ", maxsplit=1)[0]
        verified = otp.verify(self.network.world, phone(GUEST), code, opened.public_id)
        self.known_values["verification_token"][1] = verified.token
        return signed_in

    def _deliver(self) -> None:
        for body in self.network.fake_world.queues.take(outbox.OTP):
            otp_delivery.deliver(self.network.world, body)

    def reports(self) -> None:
        yesterday = day_of(self.network.world.now()) - timedelta(days=1)
        token = self.tokens[SUPER_ADMIN]
        request(app, "POST", f"/api/admin/reconciliation/{yesterday}", {}, token=token)
        khalti = {"khalti": self.network.world.gateways["khalti"]}
        comparison.run(replace(self.network.world, gateways=khalti), lambda: 900.0)
        self.know(day=yesterday.isoformat())
