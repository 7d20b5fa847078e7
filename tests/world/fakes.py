"""Fakes of external companies. The tests in `tests/gateways` run against these fakes and the real adapters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.payments.payment_gateway import (
    CallbackRef,
    Checkout,
    GatewayPayment,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.file_type import image_format, video_format
from chalicelib.domain.users.upload import DirectUpload, StoredFile, UploadKind
from chalicelib.gateways.callback_parsing import event_id, fields_of, is_browser_return, json_object
from chalicelib.world import CredentialsRejected, ReceiverUnavailable, Rejected, Unavailable
from infra.local.aws.iam import identity_arn
from tests.engines.function_rights import ACCESS


@dataclass
class FakeGateway:
    """A gateway with configured answers: `payment_status` for every query, or `payment_statuses` by intent."""

    name: str
    payment_status: PaymentStatus = field(default_factory=lambda: PaymentStatus(PaymentState.PENDING))
    payment_statuses: dict[str, PaymentStatus] = field(default_factory=dict)
    fails: Exception | None = None
    fetched: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    refund_status: RefundStatus = field(default_factory=lambda: RefundStatus(GatewayRefundState.DONE))
    checked_refund_status: RefundStatus | None = None
    """The status that a look-up of a refund returns, where it differs from the status of the refund's call."""
    refunded: list[RefundRequest] = field(default_factory=list)
    refunds_fetched: list[RefundRequest] = field(default_factory=list)
    payments: list[GatewayPayment] | None = None
    """The payments that it lists. None for a gateway that has no list."""
    list_unavailable: bool = False

    def create_checkout(self, intent: Intent) -> Checkout:
        if self.fails is not None:
            raise self.fails
        self.created.append(intent.order_ref)
        if self.name == "esewa":
            return Checkout("https://pay.example.com/form", method="POST", form_fields={"signature": "signed"})
        return Checkout(f"https://pay.example.com/{intent.order_ref}", gateway_ref=f"ref-{intent.order_ref}")

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        self.fetched.append(intent.intent_id)
        return self.payment_statuses.get(intent.intent_id, self.payment_status)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        self.refunded.append(request)
        return self.refund_status

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        self.refunds_fetched.append(request)
        return self.checked_refund_status or self.refund_status

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment] | None:
        if self.list_unavailable:
            raise Unavailable(self.name)
        return (
            None
            if self.payments is None
            else [payment for payment in self.payments if since <= payment.created_at < until]
        )

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        if self.name == "stripe" and not is_browser_return(headers):
            return _event(headers, raw)
        content = fields_of(headers, raw)
        event_name = event_id(*(content.get(name, "") for name in ("pidx", "status", "data", "order_ref")))
        if self.name == "khalti":
            return CallbackRef(gateway_ref=content.get("pidx") or None, event_id=event_name)
        if self.name == "stripe":
            return CallbackRef(order_ref=content.get("order_ref") or None, event_id=event_name)
        if not content.get("data", "").startswith("signed:"):
            raise Problem("webhook_forged")
        return CallbackRef(order_ref=content["data"].removeprefix("signed:"), event_id=event_name)


def _event(headers: Mapping[str, str], raw: bytes) -> CallbackRef:
    """Signed where the header says so; `order_ref` is what it is about."""
    if headers.get("stripe-signature") != "signed":
        raise Problem("webhook_forged")
    event = json_object(raw)
    return CallbackRef(
        order_ref=event.get("order_ref"),
        payment_ref=event.get("payment_ref"),
        event_id=str(event["id"]),
        is_reversal=bool(event.get("is_reversal")),
        is_retried_by_sender=True,
    )


@dataclass
class FakeSms:
    """Stores every text message. `fails` is raised instead."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, to: str, text: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((to, text))


@dataclass
class FakeMail:
    """Stores every mail as receiver, subject and text. `fails` is raised instead."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, to: str, subject: str, text: str) -> None:
        ACCESS.require("ses:SendEmail", identity_arn("example.com"))
        if self.fails is not None:
            raise self.fails
        self.sent.append((to, subject, text))


@dataclass
class FakePush:
    """Stores every push. The first word of a token orders a refusal, as at the simulated FCM. `fails` is raised
    instead."""

    sent: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        if self.fails is not None:
            raise self.fails
        match token.partition("-")[0]:
            case "unregistered" | "invalid" | "mismatch" as word:
                raise Rejected(word)
            case "quota":
                raise ReceiverUnavailable("fcm")
            case "apns":
                raise CredentialsRejected("fcm")
        self.sent.append((token, title, body, dict(data)))


@dataclass
class FakeMedia:
    """Stores files by id, and rejects anything else. `deleted` lists the deleted ids."""

    stored: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, tuple[UploadKind, bool]] = field(default_factory=dict)
    deleted: list[tuple[str, UploadKind, bool]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    fails: Exception | None = None

    def store(self, content: bytes, *, public_id: str, kind: UploadKind, private: bool) -> StoredFile:
        self._may_fail()
        if _format(content, kind) is None:
            raise Rejected("no such file")
        self.stored[public_id], self.places[public_id] = content, (kind, private)
        return self._description(public_id)

    def sign(self, public_id: str, *, kind: UploadKind, private: bool, formats: Sequence[str]) -> DirectUpload:
        type_ = "authenticated" if private else "upload"
        fields = {
            "public_id": public_id,
            "type": type_,
            "allowed_formats": ",".join(formats),
            "signature": f"signed-for-{public_id}",
        }
        return DirectUpload(f"https://media.example.com/{kind}/upload", fields)

    def fetch_file(self, public_id: str, *, kind: UploadKind, private: bool) -> StoredFile | None:
        self._may_fail()
        self.fetched.append(public_id)
        return self._description(public_id) if self.places.get(public_id) == (kind, private) else None

    def link(self, public_id: str, format_: str, *, kind: UploadKind) -> str:
        return f"https://media.example.com/{kind}/upload/v1/{public_id}.{format_}"

    def public_id_from_url(self, url: str) -> str | None:
        match = re.fullmatch(
            r"https://media\.example\.com/image/upload/v[0-9]+/([A-Za-z0-9_/-]+)\.(jpg|png|webp)", url
        )
        return match[1] if match else None

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        return f"https://media.example.com/{public_id}.{format_}?until={int(until.timestamp())}"

    def delete(self, public_id: str, *, kind: UploadKind, private: bool) -> None:
        self._may_fail()
        self.deleted.append((public_id, kind, private))
        if self.places.get(public_id) == (kind, private):
            del self.stored[public_id], self.places[public_id]

    def _may_fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def _description(self, public_id: str) -> StoredFile:
        content, (kind, _) = self.stored[public_id], self.places[public_id]
        return StoredFile(public_id, str(_format(content, kind)), len(content))


def _format(content: bytes, kind: UploadKind) -> str | None:
    if kind == "video":
        return video_format(content)
    return {"jpeg": "jpg", "png": "png", "webp": "webp"}.get(image_format(content) or "")
