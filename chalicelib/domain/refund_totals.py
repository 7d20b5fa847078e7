"""How much of one transaction has gone back: what keeps refunds from passing the original."""

from dataclasses import dataclass, replace

from chalicelib.domain.problems import Problem


@dataclass(frozen=True)
class RefundAmount:
    """What goes back of a payment: paisa, and the points that go along (taken for a top-up, given for a rental)."""

    paisa: int
    points: int


@dataclass(frozen=True)
class RefundTotals:
    """What has gone back of one transaction so far, and the one request about it that is open.

    Every request and decision saves it under its version: two at once can neither be open together nor pass the
    original.
    """

    user_id: str
    seq: int
    refunded_paisa: int = 0
    refunded_points: int = 0
    paid_out_paisa: int = 0
    """Of that, what its gateway has paid the customer: what a person paid by hand is none of it."""
    open_refund_id: str | None = None
    version: int = 0

    def with_open_request(self, refund_id: str) -> "RefundTotals":
        """Raises Problem("refund_open") when another request waits."""
        if self.open_refund_id is not None:
            raise Problem("refund_open", refund_id=self.open_refund_id)
        return replace(self, open_refund_id=refund_id)

    def add(self, amount: RefundAmount) -> "RefundTotals":
        """So much more has gone back."""
        return replace(
            self,
            refunded_paisa=self.refunded_paisa + amount.paisa,
            refunded_points=self.refunded_points + amount.points,
        )

    def subtract(self, amount: RefundAmount) -> "RefundTotals":
        """So much came back to us after all."""
        return self.add(RefundAmount(-amount.paisa, -amount.points))

    def mark_paid_out(self, amount: RefundAmount) -> "RefundTotals":
        """So much of what went back was paid by its gateway, and the customer has it."""
        return replace(self, paid_out_paisa=self.paid_out_paisa + amount.paisa)

    def without_open_request(self) -> "RefundTotals":
        """The open request is over."""
        return replace(self, open_refund_id=None)
