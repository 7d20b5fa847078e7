"""Stand-ins for what we do not own."""
from dataclasses import dataclass, field
from chalicelib.domain.payment import Checkout, Hint, Intent, Outcome, Paid
from chalicelib.world import Kept
@dataclass
class FakeGateway:
    name: str
    outcomes: dict = field(default_factory=dict)
    outcome: Outcome = field(default_factory=lambda: Outcome(Paid.PENDING))
    fails: Exception | None = None
    looked: list = field(default_factory=list)
    def open(self, intent):
        if self.fails: raise self.fails
        return Checkout("https://pay.example.com/" + intent.order_ref, "ref-" + intent.order_ref)
    def look(self, intent):
        self.looked.append(intent.intent_id)
        return self.outcome
    def heard(self, said):
        return Hint(gateway_ref=said.get("pidx"))
@dataclass
class FakeSms:
    sent: list = field(default_factory=list)
    fails: Exception | None = None
    def send(self, to, text):
        if self.fails: raise self.fails
        self.sent.append((to, text))
class FakeMedia:
    def keep_private(self, content, *, public_id): return Kept(public_id, "jpeg", len(content))
    def private_link(self, public_id, format_, *, until): return f"https://media.example.com/{public_id}.{format_}"
