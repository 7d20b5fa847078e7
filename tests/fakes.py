"""Stand-ins for companies we do not own; the tests of `tests/gateways` run against these and the adapters alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.file_type import image_format, video_format
from chalicelib.domain.payment_gateway import Checkout, Hint, Listed, Outcome, Paid, RefundOrder, Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent
from chalicelib.domain.upload import Direct, Kept, UploadKind
from chalicelib.gateways.callback_parsing import event_id, fields_of, json_object, returned
from chalicelib.world import Away, KeysRefused, Refused


@dataclass
class FakeGateway:
    """A gateway that says what it is told to: `outcome` for every look, or `outcomes` by intent."""

    name: str
    outcome: Outcome = field(default_factory=lambda: Outcome(Paid.PENDING))
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    fails: Exception | None = None
    looked: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    repayment: Repayment = field(default_factory=lambda: Repayment(Repaid.DONE))
    seen: Repayment | None = None
    """What a look-up says of a refund, where that is not the same."""
    refunded: list[RefundOrder] = field(default_factory=list)
    refunds_looked: list[RefundOrder] = field(default_factory=list)
    list_: list[Listed] | None = None
    """What it lists; None for a gateway that has no list."""
    list_away: bool = False

    def open(self, intent: Intent) -> Checkout:
        if self.fails is not None:
            raise self.fails
        self.opened.append(intent.order_ref)
        if self.name == "esewa":
            return Checkout("https://pay.example.com/form", method="POST", form_fields={"signature": "signed"})
        return Checkout(f"https://pay.example.com/{intent.order_ref}", gateway_ref=f"ref-{intent.order_ref}")

    def look(self, intent: Intent) -> Outcome:
        self.looked.append(intent.intent_id)
        return self.outcomes.get(intent.intent_id, self.outcome)

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        self.refunded.append(order)
        return self.repayment

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        self.refunds_looked.append(order)
        return self.seen or self.repayment

    def listed(self, since: datetime, until: datetime) -> Sequence[Listed] | None:
        if self.list_away:
            raise Away(self.name)
        return None if self.list_ is None else [one for one in self.list_ if since <= one.created_at < until]

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Hint:
        if self.name == "stripe" and not returned(headers):
            return _event(headers, raw)
        said = fields_of(headers, raw)
        news = event_id(*(said.get(name, "") for name in ("pidx", "status", "data", "order_ref")))
        if self.name == "khalti":
            return Hint(gateway_ref=said.get("pidx") or None, event_id=news)
        if self.name == "stripe":
            return Hint(order_ref=said.get("order_ref") or None, event_id=news)
        if not said.get("data", "").startswith("signed:"):
            raise Problem("webhook_forged")
        return Hint(order_ref=said["data"].removeprefix("signed:"), event_id=news)


def _event(headers: Mapping[str, str], raw: bytes) -> Hint:
    """Signed where the header says so; `order_ref` is what it is about."""
    if headers.get("stripe-signature") != "signed":
        raise Problem("webhook_forged")
    event = json_object(raw)
    return Hint(order_ref=event.get("order_ref"), event_id=str(event["id"]), sent_again=True)


@dataclass
class FakeSms:
    """Keeps every text; `fails` is raised instead."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, to: str, text: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((to, text))


@dataclass
class FakeMail:
    """Keeps every mail as receiver, subject and text; `fails` is raised instead."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, to: str, subject: str, text: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.sent.append((to, subject, text))


@dataclass
class FakePush:
    """Keeps every push; refuses by a token's first word, as the simulated FCM does; `fails` is raised instead."""

    sent: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        if self.fails is not None:
            raise self.fails
        match token.partition("-")[0]:
            case "unregistered" | "invalid" | "mismatch" as word:
                raise Refused(word)
            case "quota":
                raise Away("fcm")
            case "apns":
                raise KeysRefused("fcm")
        self.sent.append((token, title, body, dict(data)))


@dataclass
class FakeMedia:
    """Keeps every file by its id; refuses what is none. `forgotten` is every id it was told to forget."""

    kept: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, tuple[UploadKind, bool]] = field(default_factory=dict)
    forgotten: list[tuple[str, UploadKind, bool]] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    fails: Exception | None = None

    def keep(self, content: bytes, *, public_id: str, kind: UploadKind, private: bool) -> Kept:
        self._may_fail()
        if _format(content, kind) is None:
            raise Refused("no such file")
        self.kept[public_id], self.places[public_id] = content, (kind, private)
        return self._told(public_id)

    def sign(self, public_id: str, *, kind: UploadKind, private: bool, formats: Sequence[str]) -> Direct:
        type_ = "authenticated" if private else "upload"
        fields = {
            "public_id": public_id,
            "type": type_,
            "allowed_formats": ",".join(formats),
            "signature": f"signed-for-{public_id}",
        }
        return Direct(f"https://media.example.com/{kind}/upload", fields)

    def look(self, public_id: str, *, kind: UploadKind, private: bool) -> Kept | None:
        self._may_fail()
        self.looked.append(public_id)
        return self._told(public_id) if self.places.get(public_id) == (kind, private) else None

    def link(self, public_id: str, format_: str, *, kind: UploadKind) -> str:
        return f"https://media.example.com/{kind}/upload/v1/{public_id}.{format_}"

    def named(self, url: str) -> str | None:
        found = re.fullmatch(
            r"https://media\.example\.com/image/upload/v[0-9]+/([A-Za-z0-9_/-]+)\.(jpg|png|webp)", url
        )
        return found[1] if found else None

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        return f"https://media.example.com/{public_id}.{format_}?until={int(until.timestamp())}"

    def forget(self, public_id: str, *, kind: UploadKind, private: bool) -> None:
        self._may_fail()
        self.forgotten.append((public_id, kind, private))
        if self.places.get(public_id) == (kind, private):
            del self.kept[public_id], self.places[public_id]

    def _may_fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def _told(self, public_id: str) -> Kept:
        content, (kind, _) = self.kept[public_id], self.places[public_id]
        return Kept(public_id, str(_format(content, kind)), len(content))


def _format(content: bytes, kind: UploadKind) -> str | None:
    if kind == "video":
        return video_format(content)
    return {"jpeg": "jpg", "png": "png", "webp": "webp"}.get(image_format(content) or "")
