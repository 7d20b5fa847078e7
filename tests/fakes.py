"""Stand-ins for companies we do not own; the tests of `tests/gateways` run against these and the adapters alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.payment import Checkout, Hint, Intent, Listed, Outcome, Paid, RefundOrder, Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.gateways.callback import event_id, fields_of, json_object, returned
from chalicelib.world import Away, Kept, Refused


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
        return self.repayment

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
class FakeMedia:
    """Keeps every picture by its id; refuses what is none."""

    kept: dict[str, bytes] = field(default_factory=dict)
    fails: Exception | None = None

    def keep_private(self, content: bytes, *, public_id: str) -> Kept:
        if self.fails is not None:
            raise self.fails
        if not content.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF")):
            raise Refused("not an image")
        self.kept[public_id] = content
        return Kept(public_id, "jpg", len(content))

    def private_link(self, public_id: str, format_: str, *, until: datetime) -> str:
        return f"https://media.example.com/{public_id}.{format_}?until={int(until.timestamp())}"
